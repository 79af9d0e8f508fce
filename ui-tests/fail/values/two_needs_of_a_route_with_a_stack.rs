use connect::{Next, Request, Response, Result, app, get, middleware, provide};

struct Config;
struct Db;

#[middleware]
fn log(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[get("/", log, needs = Db)]
fn index(_config: &Config, _db: &Db) -> &'static str {
//                 ^^^^^^ error: rustc
    "index"
}

fn main() {
    let _ = app![provide(Config), provide(Db), index];
}
