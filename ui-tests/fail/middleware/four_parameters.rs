use connect::{Error, Next, Request, Response, Result, middleware};

#[middleware]
async fn on_error(_err: Error, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
//                ^^^^^^^^^^^ error: macro
    _next.fail(_err)
}

fn main() {}
