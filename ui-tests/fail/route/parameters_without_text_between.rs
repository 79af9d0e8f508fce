use connect::{app, get};

#[get("/:from:to")]
//    ^^^^^^^^^^^ error: macro
fn flight(from: &str, to: &str) -> String {
    format!("{from} {to}")
}

fn main() {
    let _ = app![flight];
}
