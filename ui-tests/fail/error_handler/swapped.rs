use connect::{Error, Next, Request, Response, error_handler};

#[error_handler]
fn on_error(err: Error, _res: &mut Response, _req: &mut Request, next: Next) -> Result {
    next.fail(err)
}

fn main() {}
