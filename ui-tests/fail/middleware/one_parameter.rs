use connect::{Request, Result, middleware};

#[middleware]
async fn logger(_req: &mut Request) -> Result {
//              ^^^^^^^^^^^^^^^^^^ error: macro
    todo!()
}

fn main() {}
