use connect::{Next, Request, Response, Result, get, middleware};

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

#[get("/all", stats, authenticate, guarded = User)]
//            ^^^^^ error: rustc
fn all() -> &'static str {
    "all of it"
}

fn main() {}
