use connect::{app, get, provide};

struct Db;

#[get("/")]
fn index(_db: Db) -> &'static str {
    "index"
}

fn main() {
    let _ = app![provide(Db), index];
}
