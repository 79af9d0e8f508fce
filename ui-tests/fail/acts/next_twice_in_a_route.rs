use connect::{Next, Result, get};

#[get("/")]
async fn show(next: Next) -> Result {
    let _ = next.pass();
    next.pass()
  //^^^^ error: rustc
}

fn main() {}
