use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
pub extern "C" fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
//  ^^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {}
