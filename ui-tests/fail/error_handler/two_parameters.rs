use connect::{Error, Request, error_handler};

#[error_handler]
fn on_error(_err: Error, _req: &mut Request) -> Result {
    todo!()
}

fn main() {}
