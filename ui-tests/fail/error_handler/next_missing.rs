use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(err: Error, req: &mut Request, res: &mut Response) -> Result {
    res.send("Something broke!")
}

fn main() {}
