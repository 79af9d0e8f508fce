use connect::{app, get};

#[get("/")]
fn show() {
    
}

fn main() {
    let _ = app![show];
}
