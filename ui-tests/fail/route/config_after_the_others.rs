use connect::{app, get};

#[get("/user/:id")]
fn user(id: u64, #[config] greeting: String) -> String {
//               ^^^^^^^^^ error: macro
    format!("{greeting} {id}")
}

fn main() {
    let _ = app![user("hello".to_owned())];
}
