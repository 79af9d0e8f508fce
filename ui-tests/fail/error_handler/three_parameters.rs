use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.send("Something broke!")
}

fn main() {}
