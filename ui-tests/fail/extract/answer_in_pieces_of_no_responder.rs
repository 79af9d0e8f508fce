use connect::http::StatusCode;
use connect::{app, get};

#[get("/answer")]
async fn answer() -> (StatusCode, u64) {
//                   ^^^^^^^^^^^^^^^^^ error: rustc
    (StatusCode::OK, 42)
}

fn main() {
    let _ = app![answer];
}
