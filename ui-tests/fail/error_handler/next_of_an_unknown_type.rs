use connect::{Error, Request, Response, Result, error_handler};

#[error_handler]
fn on_error(_err: Error, _req: &mut Request, _res: &mut Response, _next: String) -> Result {
//                                                                       ^^^^^^ error: macro
    todo!()
}

fn main() {}
