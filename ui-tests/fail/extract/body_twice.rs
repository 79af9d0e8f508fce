use connect::{Json, app, post};

#[post("/")]
async fn create(Json(user): Json<u64>, raw: String) -> String {
//                                          ^^^^^^ error: rustc
    format!("{user} {raw}")
}

fn main() {
    let _ = app![create];
}
