use connect::{Error, Next, Request, Response, error_handler};

#[error_handler]
fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next) {
// ^^^^^^^^ error: macro
    let _ = next.fail(err);
}

fn main() {}
