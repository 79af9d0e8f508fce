use connect::{Request, Response, middleware};

#[middleware]
fn show(_req: &mut Request, res: &mut Response) -> Result {
    struct Opaque;
    res.json(&Opaque)
}

fn main() {}
