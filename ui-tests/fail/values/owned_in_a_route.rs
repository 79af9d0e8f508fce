use connect::{app, get, provide};

struct Db;

#[get("/")]
fn index(_db: Db) -> &'static str {
//            ^^ error: rustc
    "index"
}

fn main() {
    let _ = app![provide(Db), index];
}
