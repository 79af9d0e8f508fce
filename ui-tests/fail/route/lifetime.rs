use connect::{app, get};

#[get("/user/:id")]
fn show<'a>(id: &'a str) -> String {
//     ^^^^ error: macro
    id.to_owned()
}

fn main() {
    let _ = app![show];
}
