use connect::{Next, Result, app, get, middleware, provide};

struct Config;
struct Db;
struct Mailer;

#[middleware]
fn log(_config: &Config, next: Next) -> Result {
    next.pass()
}

#[get("/", log, needs = (Config, Mailer, Db))]
//                               ^^^^^^ error: rustc
fn index(_db: &Db) -> &'static str {
    "index"
}

fn main() {
    let _ = app![provide(Config), provide(Db), provide(Mailer), index];
}
