use connect::{app, get};
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![Csrf::new(), Cors::any(), index];
    //                        ^^^^ error: rustc
}
