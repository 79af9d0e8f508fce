use connect::{Error, Request, Response, Result, Resume, error_handler};

#[error_handler]
fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
    let _ = next.resume();
    next.fail(err)
  //^^^^ error: rustc
}

fn main() {}
