use connect::{Request, Response, Result, middleware};

#[middleware]
async fn missing(_req: &mut Request, res: &mut Response) -> Result {
    res.status("404").send("missing")
    //         ^^^^^ error: rustc
}

fn main() {}
