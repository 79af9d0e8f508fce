use connect::{Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, _next: Nxt) -> Result {
//                                                        ^^^ error: rustc
    todo!()
}

fn main() {}
