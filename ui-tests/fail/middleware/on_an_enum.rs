use connect::middleware;

#[middleware]
pub enum Logger {}

fn main() {}
