use connect::{Result, error_handler};

#[error_handler]
fn on_error() -> Result {
//         ^^ error: macro
    todo!()
}

fn main() {}
