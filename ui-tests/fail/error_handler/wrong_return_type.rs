use connect::{Error, Next, Request, Response, error_handler};

#[error_handler]
fn on_error(_err: Error, _req: &mut Request, _res: &mut Response, _next: Next) -> &'static str {
//                                                                                ^^^^^^^^^^^^ error: macro
    "failed"
}

fn main() {}
