use connect::{Next, Request, Response, Result, app, middleware, provide};

struct Db;

#[middleware]
fn log(_req: &mut Request, _res: &mut Response, db: Db, next: Next) -> Result {
//                                              ^^^^^^ error: macro
    next.pass()
}

fn main() {
    let _ = app![provide(Db), log];
}
