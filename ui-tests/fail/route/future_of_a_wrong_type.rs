use connect::{app, get};

#[get("/")]
async fn show() -> Option<u64> {
//                 ^^^^^^ error: rustc
    None
}

fn main() {
    let _ = app![show];
}
