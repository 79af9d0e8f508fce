use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(_err: &Error, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
//                      ^^^^^^ error: macro
    _res.send("Something broke!")
}

fn main() {}
