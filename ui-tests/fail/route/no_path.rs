use connect::{app, get};

#[get]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![index];
}
