use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request) -> Result {
    todo!()
}

fn main() {}
