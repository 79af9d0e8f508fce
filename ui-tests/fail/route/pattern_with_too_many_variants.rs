use connect::{app, get};

#[get("/a{/b}{/c}{/d}{/e}{/f}{/g}{/h}{/i}{/j}")]
//    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error: macro
fn show() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![show];
}
