use connect::{Next, Request, Response, Result, app, get, middleware};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

fn main() {
    let _ = app![#![deny(unguarded = User)] Some(authenticate), stats];
    //                                                          ^^^^^ error: rustc
}
