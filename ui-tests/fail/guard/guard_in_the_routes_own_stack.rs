use connect::{Next, Request, Response, Result, app, get, middleware};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[get("/me", authenticate)]
fn me(user: &User) -> String {
    user.0.clone()
}

fn main() {
    let _ = app![#![deny(unguarded = User)] me];
    //                                      ^^ error: rustc
}
