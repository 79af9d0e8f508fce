use connect::{Next, Request, Response, Result, With, app, get, middleware};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[middleware]
fn greet(req: &mut With<User>, res: &mut Response, next: Next) -> Result {
    res.set("x-user", req.get::<User>().0);
    next.pass()
}

#[get("/", greet)]
//         ^^^^^ error: rustc
fn show() -> &'static str {
    "shown"
}

fn main() {
    let _ = app![auth, show];
}
