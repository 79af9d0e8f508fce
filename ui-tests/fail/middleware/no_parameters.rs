use connect::{Next, Request, Response, Result, middleware};

#[middleware]
async fn logger() -> Result {
    todo!()
}

fn main() {}
