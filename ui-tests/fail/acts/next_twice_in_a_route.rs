use connect::{Next, get};

#[get("/")]
async fn show(next: Next) -> Result {
    let _ = next.pass();
    next.pass()
}

fn main() {}
