use connect::{app, get};

#[get("/answer")]
async fn answer() -> u64 {
//                   ^^^ error: rustc
    42
}

fn main() {
    let _ = app![answer];
}
