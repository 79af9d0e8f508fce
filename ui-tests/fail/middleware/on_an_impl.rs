use connect::middleware;

pub struct Logger;

#[middleware]
impl Logger {}

fn main() {}
