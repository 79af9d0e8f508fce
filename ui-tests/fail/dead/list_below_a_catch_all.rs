use connect::{Next, Request, Response, Result, all, app, get, middleware};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.send("hello")
}

#[middleware]
fn footer(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-footer", "yes");
    next.pass()
}

#[get("/show")]
fn show() -> &'static str {
    "show"
}

#[all("/{*path}")]
fn not_found(path: Option<Vec<&str>>) -> String {
    format!("nothing at {path:?}")
}

fn main() {
    let _ = app!["/hello" => hello, not_found, "/api" => [footer, show]];
    //                                         ^^^^^^ error: rustc
}
