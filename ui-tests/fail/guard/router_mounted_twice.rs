use connect::{Next, Request, Response, Result, Stack, app, get, middleware, router};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[get("/users")]
fn users() -> &'static str {
    "all of them"
}

fn admin() -> impl Stack {
    router![users]
}

fn main() {
    let _ = app![
        #![deny(unguarded = User)]
        "/api/admin" => admin(),
        //              ^^^^^ error: rustc
        authenticate,
        "/admin" => admin(),
    ];
}
