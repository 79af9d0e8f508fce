use connect::{Error, Next, Request, Response, Result, error_handler};

#[error_handler]
fn on_error(err: Error, _req: &mut Request, _res: &mut Response, next: Next, #[config] _page: String) -> Result {
//                                                                           ^^^^^^^^^ error: macro
    next.fail(err)
}

fn main() {}
