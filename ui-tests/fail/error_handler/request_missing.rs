use connect::{Error, Next, Response, error_handler};

#[error_handler]
fn on_error(err: Error, _res: &mut Response, next: Next) -> Result {
    next.fail(err)
}

fn main() {}
