use connect::error_handler;

#[error_handler]
pub struct OnError;
//  ^^^^^^ error: macro

fn main() {}
