use connect::{app, get};
use connect_middleware::csrf::Csrf;
use connect_middleware::csrf::token::CsrfTokens;
use connect_middleware::session::{MemoryStore, Session};

#[get("/")]
fn index() -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        Session::new(MemoryStore::new()),
        CsrfTokens::new(),
        Csrf::new(),
      //^^^^ error: rustc
        index,
    ];
}
