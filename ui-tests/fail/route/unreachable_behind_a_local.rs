use connect::{Request, Response, Result, all, app, head};

#[all("/api/*rest")]
async fn api(_req: &mut Request, res: &mut Response) -> Result {
    res.send("api")
}

#[head("/API/status/")]
fn status() -> &'static str {
    ""
}

fn main() {
    let api = api();
    let status = status();
    let _ = app![[api, status]];
    //                 ^^^^^^ error: rustc
}
