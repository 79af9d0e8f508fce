use connect::{Request, Response, Result, Resume, middleware};

#[middleware]
async fn logger(_req: &mut Request, _res: &mut Response, _next: Resume) -> Result {
//                                                              ^^^^^^ error: macro
    _next.resume()
}

fn main() {}
