//! Takes an app through every host, with a real request each.
//!
//! All of it is generic over the app, so it is the crate that calls it for which rustc generates the code: the program
//! under test, and not this one.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use connect::testing::Client;
use connect::{App, Body, Chain, Request, Response, tower_service};
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

pub use {axum, connect, tokio, tower_http, tracing};

/// Who is asked to answer `GET path` with 200, by name.
///
/// # Panics
/// If the answer is another, or none.
pub fn all<C: Chain>(make: impl Fn() -> App<C>, path: &'static str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        ran(make(), path).await;
        served(make(), path, None).await;
        served(make(), path, Some(2)).await;
        in_process(make(), path).await;
        by_socket(make(), path).await;
        in_axum(make(), path).await;
        in_hyper(make(), path).await;
        in_tower(make(), path).await;
    });
    listened(make());
    println!("200 from every host");
}

/// `App::run`, in a task.
pub async fn ran<C: Chain>(app: App<C>, path: &'static str) {
    let status = tokio::spawn(async move {
        let mut req = Request::from(http::Request::get(path).body("").expect("a path"));
        let mut res = Response::new();
        let _ = app.run(&mut req, &mut res).await;
        res.status_code()
    });
    assert_eq!(status.await.expect("no panic"), 200, "App::run");
}

/// The app's own server, by HTTP/1.1 and HTTP/2, with a number of workers or none.
pub async fn served<C: Chain>(app: App<C>, path: &'static str, workers: Option<usize>) {
    let (listener, address) = listener().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = app.server().listener(listener).banner(false);
    let server = match workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    let server = tokio::spawn(server.run_until(stopped));
    assert_eq!(http1(address, path).await, 200, "HTTP/1.1, {workers:?} workers");
    assert_eq!(http2(address, path).await, 200, "HTTP/2, {workers:?} workers");
    drop(stop);
    server.await.expect("no panic").expect("no error");
}

/// `listen` as an app calls it. Its end is a signal, so it is not run: the code for it is generated all the same.
pub fn listened<C: Chain>(app: App<C>) {
    if std::env::args().nth(1).is_some_and(|argument| argument == "listen") {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(app.listen("127.0.0.1:0")).expect("no error");
    }
}

/// The test client in process.
pub async fn in_process<C: Chain>(app: App<C>, path: &'static str) {
    Client::new(app).get(path).send().await.assert_status(200);
}

/// The test client by a socket.
pub async fn by_socket<C: Chain>(app: App<C>, path: &'static str) {
    Client::serve(app).await.expect("a socket").get(path).send().await.assert_status(200);
}

/// An axum server, by `into_service` and by the app as it is.
pub async fn in_axum<C: Chain>(app: App<C>, path: &'static str) {
    for router in [
        axum::Router::new().fallback_service(app.clone().into_service()),
        axum::Router::new().fallback_service(app),
    ] {
        let (listener, address) = listener().await;
        let server = tokio::spawn(async { axum::serve(listener, router.into_make_service()).await });
        assert_eq!(http1(address, path).await, 200, "axum");
        server.abort();
    }
}

/// hyper's server, with its executor for HTTP/2.
pub async fn in_hyper<C: Chain>(app: App<C>, path: &'static str) {
    let (listener, address) = listener().await;
    let service = app.into_hyper();
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (stream, _) = listener.accept().await?;
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let service = service.clone();
            tokio::spawn(async move {
                builder.serve_connection(TokioIo::new(stream), service).await.map_err(drop)
            });
        }
        io::Result::Ok(())
    });
    assert_eq!(http1(address, path).await, 200, "hyper, HTTP/1.1");
    assert_eq!(http2(address, path).await, 200, "hyper, HTTP/2");
    server.await.expect("no panic").expect("no error");
}

/// Another app, to which it is a tower service.
pub async fn in_tower<C: Chain>(app: App<C>, path: &'static str) {
    let outer = connect::app![tower_service(app.into_service::<Body>())];
    Client::new(outer).get(path).send().await.assert_status(200);
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

async fn http1(address: SocketAddr, path: &'static str) -> u16 {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    let request = http::Request::get(path).header("host", "localhost").body(Empty::<Bytes>::new());
    let response = sender.send_request(request.expect("a request")).await.expect("a response");
    response.status().as_u16()
}

async fn http2(address: SocketAddr, path: &'static str) -> u16 {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    tokio::spawn(connection);
    let request = http::Request::get(format!("http://localhost{path}")).body(Empty::<Bytes>::new());
    let response = sender.send_request(request.expect("a request")).await.expect("a response");
    response.status().as_u16()
}
