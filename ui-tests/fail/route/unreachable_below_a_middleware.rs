use connect::{Next, Request, Response, Result, app, get, middleware};

#[get("/user/:id")]
async fn show_user(id: u64) -> String {
    format!("user {id}")
}

#[middleware]
fn log(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    println!("{}", req.path());
    next.pass()
}

#[get("/user/new")]
fn new_user() -> &'static str {
    "a form"
}

fn main() {
    let _ = app![show_user, log, new_user];
    //                           ^^^^^^^^ error: rustc
}
