use connect::{Next, Request, Response, Result, app, get, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[middleware]
fn log(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[get("/", log)]
fn show(user: &User) -> String {
    //         ^^^^ error: rustc
    user.0.to_owned()
}

fn main() {
    let _ = app![auth, show];
}
