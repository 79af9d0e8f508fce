use connect::{Request, Result, app, get, middleware};

#[middleware]
fn log(req: &mut Request) -> Result {
    println!("{}", req.url());
    next.pass()
//  ^^^^ error: rustc
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn main() {
    let _ = app![log, index];
}
