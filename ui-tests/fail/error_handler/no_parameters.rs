use connect::{error_handler};

#[error_handler]
fn on_error() -> Result {
    todo!()
}

fn main() {}
