use connect::{Guarded, Next, Request, Response, Result, Stack, get, middleware, router};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[get("/me")]
fn me(user: &User) -> String {
    user.0.clone()
}

fn account() -> impl Stack<(), (), Guarded<User>> {
    router![#![deny(ungarded = User)] authenticate, me]
    //              ^^^^^^^^ error: macro
}

fn main() {
    let _ = account();
}
