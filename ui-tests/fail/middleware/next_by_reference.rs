use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, _next: &Next) -> Result {
    todo!()
}

fn main() {}
