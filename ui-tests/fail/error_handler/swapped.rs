use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
fn on_error(err: Error, _res: &mut Response, _req: &mut Request, next: Next) -> Result {
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {}
