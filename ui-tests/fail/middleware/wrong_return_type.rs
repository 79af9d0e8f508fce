use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &mut Response, _next: Next) -> String {
    String::new()
}

fn main() {}
