use connect::{Next, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, #[cfg(unix)] next: Next) -> Result {
    next.pass()
}

fn main() {}
