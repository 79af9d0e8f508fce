use connect::{app, get};

#[get("/files/:path+")]
//    ^^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
