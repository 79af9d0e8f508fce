use connect::{Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response) -> Result {
//                                                    ^^^^^^ error: rustc
    println!("hello");
}

fn main() {}
