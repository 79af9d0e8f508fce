use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    println!("{}", req.url());
//                           ^ error: macro
}

fn main() {}
