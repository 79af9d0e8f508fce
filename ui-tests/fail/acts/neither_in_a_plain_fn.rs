use connect::{Request, Response, Result, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response) -> Result {
    println!("hello");
//                   ^ error: macro
}

fn main() {}
