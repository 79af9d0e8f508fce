//! Takes an app through every host, with a real request each.
//!
//! All of it is generic over the app, so it is the crate that calls it for which rustc generates the code: the program
//! under test, and not this one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use connect::testing::Client;
use connect::{App, Body, Chain, Request, Response, Tls, tower_service};
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub use {tokio, tower_http, tracing};

/// Takes an app through every host: `GET path` has to be answered with 200, and with the numbers of the layers in
/// `x-layers`; other paths, with the status that stands beside them; and a request that fails in the first layer, by the
/// last error handler.
///
/// # Panics
/// If a response is another, or none comes.
pub fn all<C: Chain>(
    make: impl Fn() -> App<C>,
    path: &'static str,
    layers: &str,
    others: &[(&'static str, u16)],
) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        meets_all(make(), path, layers, others).await;
        ran(make(), path).await;
        served(make(), path, None).await;
        served(make(), path, Some(2)).await;
        by_tls(make(), path).await;
        by_socket(make(), path).await;
        in_axum(make(), path).await;
        in_hyper(make(), path).await;
        in_tower(make(), path).await;
    });
    listened(make());
    println!("answered through every host");
}

/// The test client in process: every layer in its order, the other paths, and the error track.
pub async fn meets_all<C: Chain>(
    app: App<C>,
    path: &'static str,
    layers: &str,
    others: &[(&'static str, u16)],
) {
    let client = Client::new(app);
    let response = client.get(path).send().await;
    response.assert_status(200);
    assert_eq!(
        response.header("x-layers").unwrap_or_default(),
        layers,
        "the layers that the request came to"
    );
    for (path, status) in others {
        client.get(path).send().await.assert_status(*status);
    }
    client.get(path).header("x-fail", "1").send().await.assert_status(507);
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

/// The app's own server, by HTTP/2 over TLS.
pub async fn by_tls<C: Chain>(app: App<C>, path: &'static str) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let tls = Tls::pem(made.cert.pem(), made.signing_key.serialize_pem()).expect("it is one");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("it is one");
    let mut client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec()];

    let (listener, address) = listener().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(app.server().listener(listener).tls(tls).banner(false).run_until(stopped));
    let stream = TcpStream::connect(address).await.expect("a connection");
    let name = "localhost".try_into().expect("a name");
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.expect("TLS");
    assert_eq!(http2_on(stream, path).await, 200, "HTTP/2 over TLS");
    drop(stop);
    server.await.expect("no panic").expect("no error");
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
    http2_on(TcpStream::connect(address).await.expect("a connection"), path).await
}

async fn http2_on(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, path: &'static str) -> u16 {
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    tokio::spawn(connection);
    let request = http::Request::get(format!("http://localhost{path}")).body(Empty::<Bytes>::new());
    let response = sender.send_request(request.expect("a request")).await.expect("a response");
    response.status().as_u16()
}
