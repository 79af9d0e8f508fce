use connect::{Request, Response, Result, Resume, middleware};

#[middleware]
async fn logger(req: &mut Request, res: &mut Response, next: Resume) -> Result {
    next.resume()
}

fn main() {}
