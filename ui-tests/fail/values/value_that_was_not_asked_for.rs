use connect::{Next, Request, Response, Result, With, app, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

struct Session;

#[middleware]
fn greet(req: &mut With<User>, _res: &mut Response, next: Next) -> Result {
    let _ = req.get::<Session>();
    //          ^^^ error: rustc
    next.pass()
}

fn main() {
    let _ = app![auth, greet];
}
