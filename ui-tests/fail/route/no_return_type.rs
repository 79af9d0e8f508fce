use connect::{app, get};

#[get("/")]
fn show() {
// ^^^^ error: macro
    
}

fn main() {
    let _ = app![show];
}
