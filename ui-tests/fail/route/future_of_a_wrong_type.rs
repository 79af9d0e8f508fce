use connect::{app, get};

#[get("/")]
async fn show() -> Option<String> {
    None
}

fn main() {
    let _ = app![show];
}
