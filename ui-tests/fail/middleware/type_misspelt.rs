use connect::{Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, _next: Nxt) -> Result {
    todo!()
}

fn main() {}
