use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
fn on_error(_err: Error, req: &mut Request, res: &mut Response, next: Next) -> Result {
    let done = next.run(req, res).await;
    //                            ^^^^^ error: macro
    Ok(done)
}

fn main() {}
