//! Connect's README, "app.use(route, fn)": what a mount path matches, and what the layer below it sees.
//!
//! A path ends at a `/` or at the end of the request's (in Connect, unlike in Express and here, at a `.` too),
//! in upper or lower case, and is stripped from the URL, so that a layer need not know where it is mounted.

use connect::{Request, Response, Result, app, middleware};

#[middleware]
fn show(req: &mut Request, res: &mut Response) -> Result {
    res.text(format!("url {}, original {}\n", req.url(), req.original_url()))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app!["/foo" => show];
    app.listen(connect_examples::address()).await
}
