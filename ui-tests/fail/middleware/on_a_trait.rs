use connect::middleware;

#[middleware]
pub trait Logger {}
//  ^^^^^ error: macro

fn main() {}
