//! Connect's README, "Create a server from the app", the second way: `http.createServer(app)`.
//!
//! The app is itself a service, so it can be passed to hyper's server, with settings that `listen` does not
//! have.

use connect::{Request, Response, Result, app, middleware};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;

#[middleware]
fn hello(_req: &mut Request, res: &mut Response) -> Result {
    res.text("Hello from Connect!\n")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![hello];
    let listener = tokio::net::TcpListener::bind(connect_examples::address()).await?;
    eprintln!("  {app}\nlistening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _peer) = listener.accept().await?;
        let connection = http1::Builder::new()
            .title_case_headers(true)
            .serve_connection(TokioIo::new(stream), app.clone().into_hyper());
        tokio::spawn(async move {
            if let Err(err) = connection.await {
                eprintln!("{err}");
            }
        });
    }
}
