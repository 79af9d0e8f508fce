use connect::{Next, Request, Response, Result, app, get, middleware, router};

#[get("/user/:id")]
async fn show_user(id: u64) -> String {
    format!("user {id}")
}

#[middleware]
async fn time(req: &mut Request, res: &mut Response, next: Next) -> Result {
    Ok(next.run(req, res).await)
}

#[get("/new")]
fn new_user() -> &'static str {
    "a form"
}

fn main() {
    let _ = app![show_user, time, "/user" => router![new_user]];
    //                                       ^^^^^^ error: rustc
}
