use connect::{Next, Request, Response, Result, app, get, middleware, router};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

struct Admin;

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

fn main() {
    let _ = app![
        #![deny(unguarded = User)]
        authenticate,
        router![#![deny(unguarded = Admin)] stats],
        //                                  ^^^^^ error: rustc
    ];
}
