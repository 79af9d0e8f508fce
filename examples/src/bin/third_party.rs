//! Express's guide, "Third-party middleware": there cookies take a package, `cookie-parser`; here they come with the
//! request. What is added is a layer from elsewhere, which is a value like any other.

use connect::{Layer, Next, Request, Response, Rest, Result, app, get};

/// What somebody else's crate may have: a layer that is no function.
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
