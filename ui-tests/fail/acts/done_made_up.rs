use connect::{Done, Request, Response, middleware};

#[middleware]
fn logger(_req: &mut Request, _res: &mut Response) -> Result {
    Ok(Done)
}

fn main() {}
