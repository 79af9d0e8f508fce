use connect::middleware;

#[middleware]
pub trait Logger {}

fn main() {}
