//! The example of Connect's `listen`: one app on two servers, there an http and an https one.
//!
//! Clones of an app share its layers. The second server speaks plain HTTP too; TLS joins it once the server
//! can be given it.

use std::sync::atomic::{AtomicU64, Ordering};

use connect::{Request, Response, Result, app, middleware};

/// Counts the requests of both servers.
#[middleware]
fn count(_req: &mut Request, res: &mut Response) -> Result {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    res.send(format!("request {}\n", REQUESTS.fetch_add(1, Ordering::Relaxed) + 1))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![count];
    let first = connect_examples::listener(&app).await?;
    let second = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", second.local_addr()?);
    tokio::try_join!(app.clone().serve(first), app.serve(second))?;
    Ok(())
}
