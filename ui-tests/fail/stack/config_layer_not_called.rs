use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn role(#[config] name: String, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
    let _ = name;
    next.pass()
}

fn main() {
    let _ = app![role];
//               ^^^^ error: rustc
}
