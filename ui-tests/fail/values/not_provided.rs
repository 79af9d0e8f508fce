use connect::{Next, Request, Response, Result, With, app, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

struct Session;

#[middleware]
fn greet(req: &mut With<(User, Session)>, res: &mut Response, next: Next) -> Result {
    res.set("x-user", req.get::<User>().0);
    next.pass()
}

fn main() {
    let _ = app![auth, greet];
    //                 ^^^^^ error: rustc
}
