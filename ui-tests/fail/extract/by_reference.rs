use connect::{Json, app, post};

#[post("/")]
async fn create(user: &Json<u64>) -> String {
//              ^^^^^^^^^^^^^^^^ error: macro
    format!("{}", user.0)
}

fn main() {
    let _ = app![create];
}
