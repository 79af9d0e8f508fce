use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler("/path")]
//              ^^^^^^^ error: macro
fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(err)
}

fn main() {}
