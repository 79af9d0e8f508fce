use connect::{Error, Request, Response, Result, error_handler};

#[error_handler]
async fn on_error(_err: Error, _req: &mut Request, _res: &mut Response) -> Result {
//                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    _res.send("Something broke!")
}

fn main() {}
