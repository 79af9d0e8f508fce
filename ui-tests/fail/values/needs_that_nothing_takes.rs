use connect::{Next, Request, Response, Result, app, get, middleware, provide};

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

#[middleware]
fn quiet(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.pass()
}

#[get("/about", quiet, needs = Db)]
//                             ^^ error: rustc
fn about() -> &'static str {
    "about"
}

fn main() {
    let _ = app![provide(Config), provide(Db), provide(Mailer), index, about];
}
