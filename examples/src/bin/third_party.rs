//! Express's guide, "Third-party middleware": in Express cookies need a package, `cookie-parser`; here they are part of
//! the request. The third-party layer of this example sets a header.

use connect::{Layer, Next, Request, Response, Rest, Result, app, get};

/// A layer as another crate may define it: a type instead of a function.
struct PoweredBy(&'static str);

impl Layer for PoweredBy {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        res.set("x-powered-by", self.0);
        Ok(next.run(req, res).await)
    }
}

#[get("/")]
fn visits(req: &Request, res: &mut Response) -> Result {
    let visits = req.cookie("visits").and_then(|visits| visits.parse::<u32>().ok()).unwrap_or(0) + 1;
    res.cookie(("visits", visits.to_string())).text(format!("visit {visits}"))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![PoweredBy("connect"), visits];
    app.listen(connect_examples::address()).await
}
