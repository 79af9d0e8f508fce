use connect::{Request, Response, Result, error_handler, Error, Next};

#[error_handler]
fn on_error(_err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.route()
//       ^^^^^ error: rustc
}

fn main() {}
