use connect::{app, get};

#[get(r#"/user/:"id"#)]
//    ^^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
