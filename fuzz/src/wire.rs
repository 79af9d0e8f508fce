//! Bytes from a client, whatever they are: what comes back is HTTP or nothing, and nothing panics but the layer
//! that is meant to.

use std::time::Duration;

use connect::{
    App, Chain, Environment, Error, Next, Outermost, Request, Response, Result, Rewrite, app, error_handler,
    middleware, router,
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

/// Rewrites the url to whatever the client says.
#[middleware]
fn rewrite(req: &mut Rewrite, res: &mut Response, next: Next) -> Result {
    if let Some(url) = req.header("x-url").map(str::to_owned) {
        req.set_url(&url)?;
    }
    let seen = format!("{}{}", req.mount_path(), req.path());
    assert!(seen.ends_with(req.uri().path()) || req.path() == "/", "{seen} is not {}", req.uri());
    res.append("x-seen", req.url().len());
    next.pass()
}

/// The same from an `async fn` that comes back.
#[middleware]
async fn rewrite_around(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let before = req.mount_path().len();
    let done = next.run(req, res).await;
    assert!(req.mount_path().len() <= before);
    Ok(done)
}

#[middleware]
async fn echo(req: &mut Request, res: &mut Response) -> Result {
    let mut bytes = Vec::new();
    while let Some(chunk) = req.body_mut().chunk().await {
        bytes.extend_from_slice(&chunk?);
    }
    res.send(bytes)
}

/// Answers with a status and a header that the client chose.
#[middleware]
fn as_told(req: &mut Request, res: &mut Response) -> Result {
    let status = req.header("x-status").and_then(|text| text.parse().ok()).unwrap_or(200_u16);
    let name = req.header("x-name").unwrap_or("x-default").to_owned();
    let value = req.header("x-value").unwrap_or_default().to_owned();
    res.status(status).set(name, value).vary("x-name").send("as told")
}

#[middleware]
async fn fail(req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(Error::new(400, req.path().to_owned()).with_header("x-path", req.path().to_owned()))
}

#[error_handler]
async fn rethrow(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
    next.fail(err)
}

fn build() -> App<impl Chain, Outermost> {
    let app = app![
        rewrite,
        "/a" => [rewrite_around, rewrite, "/b" => router![rewrite, "/echo" => echo], rewrite],
        "/echo" => echo,
        "/told" => as_told,
        "/fail" => [fail, rethrow],
        "/a/b" => [rewrite, rewrite_around],
    ];
    app.environment(Environment::Test)
}

/// One connection on which a client sends these bytes and then nothing more.
///
/// # Panics
/// If what comes back is not HTTP, or the connection does not end.
pub fn wire(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let answered = runtime.block_on(async {
        let (mut client, server) = duplex(1 << 16);
        let server = tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .half_close(true)
                .serve_connection(TokioIo::new(server), build().into_hyper()),
        );
        let mut answered = Vec::new();
        let (mut read, mut write) = tokio::io::split(&mut client);
        let send = async {
            // The server may close before it has read everything.
            let _ = write.write_all(bytes).await;
            let _ = write.shutdown().await;
        };
        let receive = async { read.read_to_end(&mut answered).await };
        tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(send, receive) })
            .await
            .expect("the connection ends")
            .1
            .expect("a pipe in memory");
        // An error is the client's; a panic would be ours.
        let _ = server.await.expect("no panic");
        answered
    });
    assert!(
        answered.is_empty() || answered.starts_with(b"HTTP/1."),
        "{:?}",
        String::from_utf8_lossy(&answered)
    );
}
