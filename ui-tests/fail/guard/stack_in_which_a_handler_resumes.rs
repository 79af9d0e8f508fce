use connect::{Error, Next, Request, Response, Result, Resume, Resuming, Stack, app, error_handler, get, middleware, stack};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[error_handler]
fn ignore(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    next.resume()
}

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

fn lenient() -> impl Stack<(), (), Resuming> {
    stack![ignore, stats]
}

fn main() {
    let _ = app![#![deny(unguarded = User)] authenticate, lenient()];
    //                                                    ^^^^^^^ error: rustc
}
