use connect::{Form, app, post};

struct Login {
    name: String,
}

#[post("/login")]
fn login(Form(login): Form<Login>) -> String {
//                    ^^^^ error: rustc
    login.name
}

fn main() {
    let _ = app![login];
}
