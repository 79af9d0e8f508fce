use connect::middleware;

#[middleware]
pub struct Logger;
//  ^^^^^^ error: macro

fn main() {}
