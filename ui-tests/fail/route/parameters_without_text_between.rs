use connect::{app, get};

#[get("/:from:to")]
fn flight(from: &str, to: &str) -> String {
    format!("{from} {to}")
}

fn main() {
    let _ = app![flight];
}
