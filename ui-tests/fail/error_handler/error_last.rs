use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(_req: &mut Request, _res: &mut Response, _next: Next, err: Error) -> Result {
//                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    _res.send("Something broke!")
}

fn main() {}
