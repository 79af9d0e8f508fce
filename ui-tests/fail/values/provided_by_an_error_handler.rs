use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[error_handler]
fn tells(err: Error, _req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    //                                                              ^^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {
    let _ = app![auth, tells];
}
