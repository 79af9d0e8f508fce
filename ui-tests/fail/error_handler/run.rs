use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(err: Error, req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(next.run(req, res).await)
}

fn main() {}
