use connect::{Next, Response, middleware};

#[middleware]
fn logger(_req: &mut String, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
