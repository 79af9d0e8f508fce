use connect::middleware;

#[middleware]
pub struct Logger;

fn main() {}
