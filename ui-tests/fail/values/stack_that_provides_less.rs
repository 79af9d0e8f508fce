use connect::{Next, Request, Response, Result, Stack, app, middleware, stack};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

fn start() -> impl Stack<(), (User, u8)> {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^ error: rustc
    stack![auth]
}

fn main() {
    let _ = app![start()];
}
