use connect::{Next, Request, Response, Result, app, middleware};

#[middleware]
fn log(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("{}", req.path());
//                            ^ error: macro
}

fn main() {
    let _ = app![log];
}
