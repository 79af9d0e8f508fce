use connect::{Error, Next, Request, error_handler};

#[error_handler]
fn on_error(err: Error, _req: &mut Request, next: Next) -> Result {
    next.fail(err)
}

fn main() {}
