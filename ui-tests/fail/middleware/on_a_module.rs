use connect::middleware;

#[middleware]
pub mod logger {}

fn main() {}
