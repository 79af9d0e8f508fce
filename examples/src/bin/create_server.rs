//! Connect's README, "Create a server from the app": `listen` is all that most programs need.
//!
//! `http_server` passes the app to a server of hyper instead.

use connect::{Request, Response, Result, app, middleware};

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.text("Hello from Connect!\n")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = connect_examples::address();
    println!("http://{address}");
    app![hello].listen(address).await
}
