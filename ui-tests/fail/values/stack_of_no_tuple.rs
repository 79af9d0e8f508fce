use connect::{Next, Request, Response, Result, Stack, app, middleware, router};

struct User(&'static str);

#[middleware]
fn auth(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
    next.with(User("ann")).pass()
}

#[allow(dead_code)]
fn pages() -> impl Stack<User> {
    //        ^^^^^^^^^^^^^^^^ error: rustc
    router![]
}

fn main() {
    let _ = app![auth];
}
