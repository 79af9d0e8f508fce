use connect::{Next, Response, middleware};

#[middleware]
fn logger(_res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
