use connect::{Next, Request, Response, Result, With, app, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[middleware]
fn greet(_req: &mut With<(User, User)>, _res: &mut Response, next: Next) -> Result {
    //                          ^^^^ error: macro
    next.pass()
}

fn main() {
    let _ = app![auth, greet];
}
