use connect::{Result, middleware};

#[middleware]
async fn logger() -> Result {
//             ^^ error: macro
    todo!()
}

fn main() {}
