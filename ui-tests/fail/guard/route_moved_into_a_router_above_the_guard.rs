use connect::{Next, Request, Response, Result, app, get, middleware, router};

struct User(String);

#[middleware]
fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
    match req.header("x-user").map(str::to_owned) {
        Some(name) => next.with(User(name)).pass(),
        None => res.status(401).send("Who are you?"),
    }
}

#[get("/login", public)]
fn login() -> &'static str {
    "Log in"
}

#[get("/stats")]
fn stats() -> &'static str {
    "42"
}

#[get("/export")]
fn export() -> &'static str {
    "all of it"
}

fn main() {
    let _ = app![
        #![deny(unguarded = User)]
        login,
        router![login, "/more" => [export]],
        //                         ^^^^^^ error: rustc
        authenticate,
        stats,
    ];
}
