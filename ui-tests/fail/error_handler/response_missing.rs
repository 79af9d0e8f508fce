use connect::{Error, Next, Request, Result, error_handler};

#[error_handler]
fn on_error(err: Error, _req: &mut Request, next: Next) -> Result {
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {}
