use connect::{Next, Result, get, middleware};

struct Db;

#[middleware]
fn log(next: Next) -> Result {
    next.pass()
}

#[get("/", log, needs = &Db)]
//                      ^^^ error: macro
fn index(_db: &Db) -> &'static str {
    "index"
}

fn main() {}
