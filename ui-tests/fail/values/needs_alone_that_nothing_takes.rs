use connect::{Next, Result, app, get, middleware, provide};

struct Db;

#[middleware]
fn log(next: Next) -> Result {
    next.pass()
}

#[get("/", log, needs = Db)]
//                      ^^ error: rustc
fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = app![provide(Db), index];
}
