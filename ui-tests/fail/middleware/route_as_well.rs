use connect::{Next, Request, Response, get, middleware};

#[middleware]
#[get("/")]
fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

fn main() {}
