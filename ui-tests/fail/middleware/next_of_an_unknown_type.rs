use connect::{Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response, _next: String) -> Result {
//                                                        ^^^^^^ error: macro
    todo!()
}

fn main() {}
