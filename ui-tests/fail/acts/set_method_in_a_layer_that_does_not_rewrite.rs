use connect::{Next, Request, Response, Result, app, http::Method, middleware};

#[middleware]
fn to_get(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    req.set_method(Method::GET);
    //             ^^^^^^^^^^^ error: rustc
    next.pass()
}

fn main() {
    let _ = app![to_get];
}
