use connect::error_handler;

#[error_handler]
pub struct OnError;

fn main() {}
