use connect::middleware;

#[middleware]
pub enum Logger {}
//  ^^^^ error: macro

fn main() {}
