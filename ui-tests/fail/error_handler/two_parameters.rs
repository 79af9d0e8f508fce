use connect::{Error, Request, Result, error_handler};

#[error_handler]
fn on_error(_err: Error, _req: &mut Request) -> Result {
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
    todo!()
}

fn main() {}
