use connect::{Next, Request, Response, Result, middleware};

#[middleware]
fn logger(req: &mut Request, res: &mut Response, next: Next, #[config] level: u8) -> Result {
    next.pass()
}

fn main() {}
