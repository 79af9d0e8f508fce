use connect::{Next, Request, Response, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &mut Response, _next: Next) -> String {
//                                                                       ^^^^^^ error: macro
    String::new()
}

fn main() {}
