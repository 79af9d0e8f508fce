use connect::{app, get};

#[get("/user/:id")]
fn show<T: std::str::FromStr>(id: T) -> &'static str {
//     ^^^^^^^^^^^^^^^^^^^^^^ error: macro
    "hello"
}

fn main() {
    let _ = app![show];
}
