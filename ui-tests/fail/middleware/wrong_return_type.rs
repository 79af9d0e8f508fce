use connect::{Next, Request, Response, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &mut Response, _next: Next) -> String {
//       ^^^^^^ error: rustc
    String::new()
}

fn main() {}
