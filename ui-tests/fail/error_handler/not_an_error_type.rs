use connect::{Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(_err: String, _req: &mut Request, _res: &mut Response, _next: Next) -> Result {
//                      ^^^^^^ error: rustc
    _res.send("Something broke!")
}

fn main() {}
