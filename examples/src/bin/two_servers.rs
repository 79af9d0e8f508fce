//! The example of Connect's `listen`: one app on two servers, an http and an https one.
//!
//! Clones of an app share its layers. The certificate is generated at the start, and no browser trusts it: `curl --insecure https://127.0.0.1:PORT`.

use std::sync::atomic::{AtomicU64, Ordering};

use connect::{Request, Response, Result, Tls, app, middleware};

/// Counts the requests of both servers.
#[middleware]
fn count(_req: &mut Request, res: &mut Response) -> Result {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    res.text(format!("request {}\n", REQUESTS.fetch_add(1, Ordering::Relaxed) + 1))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![count];
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(std::io::Error::other)?;
    let tls = Tls::pem(made.cert.pem(), made.signing_key.serialize_pem())?;
    let http = app.clone().server().listen(connect_examples::address());
    // The first server prints the stack.
    let https = app.server().listen("127.0.0.1:0").tls(tls).banner(false).bind()?;
    println!("https://{}", https.addresses()[0]);
    tokio::try_join!(http.run(), https.run())?;
    Ok(())
}
