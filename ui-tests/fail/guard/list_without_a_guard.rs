use connect::{app, get, guard};

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = app![guard![index]];
//               ^^^^^^^^^^^^^ error: macro
}
