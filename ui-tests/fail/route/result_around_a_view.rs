use connect::{Result, Views, get};

#[get("/")]
fn index(views: &Views) -> Result {
    views.render("index", ())
//  ^^^^^^^^^^^^^^^^^^^^^^^^^ error: rustc
}

fn main() {}
