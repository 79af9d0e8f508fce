use connect::{app, get};

#[get("/answer")]
async fn answer() -> (u16, &'static str) {
//                   ^^^^^^^^^^^^^^^^^^^ error: rustc
    (404, "not here")
}

fn main() {
    let _ = app![answer];
}
