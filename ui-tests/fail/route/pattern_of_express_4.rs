use connect::{app, get};

#[get("/user/:id?")]
fn user(id: Option<&str>) -> String {
    format!("{id:?}")
}

fn main() {
    let _ = app![user];
}
