use connect::{Next, Request, Response, Result, app, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.pass()
    //   ^^^^ error: rustc
}

fn main() {
    let _ = app![auth];
}
