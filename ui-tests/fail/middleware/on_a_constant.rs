use connect::middleware;

#[middleware]
pub const LOGGER: u8 = 0;
//  ^^^^^ error: macro

fn main() {}
