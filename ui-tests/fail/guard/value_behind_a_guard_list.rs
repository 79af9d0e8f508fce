use connect::{Next, Request, Response, Result, app, get, guard, middleware};

struct User;

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User).pass()
}

#[get("/me")]
fn me(_user: &User) -> &'static str {
    "me"
}

#[get("/other")]
fn other(_user: &User) -> &'static str {
    "other"
}

fn main() {
    let _ = app![guard![auth => me], other];
//                                   ^^^^^ error: rustc
}
