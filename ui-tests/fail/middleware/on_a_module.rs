use connect::middleware;

#[middleware]
pub mod logger {}
//  ^^^ error: macro

fn main() {}
