use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
fn on_error(_err: Error, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
    println!("failed");
//                    ^ error: macro
}

fn main() {}
