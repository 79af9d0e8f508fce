use connect::{Request, Response, Result, app, get, middleware};

#[middleware]
fn retired(_req: &mut Request, res: &mut Response) -> Result {
    res.status(410).send("use version 2")
}

#[get("/v1/users")]
fn users() -> &'static str {
    "users"
}

fn main() {
    let _ = app!["/v1" => retired, users];
    //                             ^^^^^ error: rustc
}
