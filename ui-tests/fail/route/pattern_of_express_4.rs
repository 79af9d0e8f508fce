use connect::{app, get};

#[get("/user/:id?")]
//    ^^^^^^^^^^^^ error: macro
fn user(id: Option<&str>) -> String {
    format!("{id:?}")
}

fn main() {
    let _ = app![user];
}
