use connect::{Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response) -> Result {
    println!("hello");
}

fn main() {}
