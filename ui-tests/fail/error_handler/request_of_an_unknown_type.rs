use connect::{Error, Next, Response, Result, error_handler};

#[error_handler]
fn on_error(err: Error, _req: &mut String, _res: &mut Response, next: Next) -> Result {
//                            ^^^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {}
