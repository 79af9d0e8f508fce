use connect::{app, get};

#[get("/")]
async fn show() -> Option<String> {
//                 ^^^^^^ error: rustc
    None
}

fn main() {
    let _ = app![show];
}
