use connect::{Next, Request, Response, Result, app, middleware, router};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[middleware]
fn log(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {
    let _ = app![auth, "/admin" => router![log, auth]];
    //                                          ^^^^ error: rustc
}
