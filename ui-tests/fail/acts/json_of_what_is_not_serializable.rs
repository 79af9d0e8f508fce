use connect::{Request, Response, Result, middleware};

#[middleware]
fn show(_req: &mut Request, res: &mut Response) -> Result {
    struct Opaque;
    res.json(&Opaque)
    //        ^^^^^^ error: rustc
}

fn main() {}
