//! tower services as layers that respond, and apps as services of axum and hyper.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, OriginalUri};
use connect::{
    App, Body, Chain, Next, Request, Response, Result, app, error_handler, get, middleware, post, tower,
    tower_service,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower_http::services::{ServeDir, ServeFile};

use crate::support::{Client, Server, call};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.txt"), "a file").expect("written");
    std::fs::create_dir(folder.path().join("sub")).expect("made");
    std::fs::write(folder.path().join("sub/index.html"), "an index").expect("written");
    folder
}

#[post("/a.txt")]
async fn upload(req: &mut Request) -> Result<String> {
    let kind = req.header("x-kind").unwrap_or("none").to_owned();
    Ok(format!("{kind}: {}", req.text().await?))
}

#[middleware]
fn above(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.set("x-above", "1").set("content-type", "image/png");
    next.pass()
}

#[tokio::test]
async fn a_mounted_service_gets_the_stripped_path() {
    let folder = folder();
    let app = app![above, "/files" => tower_service(ServeDir::new(folder.path())), upload];
    assert_eq!(app.to_string(), "above\n/files\n  tower_service(ServeDir)\nPOST /a.txt upload");
    let server = Server::start(app).await;
    let response = server.get("/files/a.txt").await;
    assert_eq!(response.seen(), (200, "a file"));
    assert_eq!(
        (response.header("content-type"), response.header("x-above")),
        (Some("text/plain"), Some("1"))
    );
    assert_eq!(response.header("content-length"), Some("6"));
    let response = server.request("HEAD /files/a.txt?x=1", &[]).await;
    assert_eq!((response.seen(), response.header("content-length")), ((200, ""), Some("6")));
    let response = server.request("GET /files/a.txt", &["range: bytes=2-3"]).await;
    assert_eq!((response.seen(), response.header("content-range")), ((206, "fi"), Some("bytes 2-3/6")));
    assert_eq!(server.get("/files/sub/").await.seen(), (200, "an index"));
    // Its 404 is a response, and does not fall through.
    assert_eq!(server.get("/files/b.txt").await.seen(), (404, ""));
    assert_eq!(server.post("/files/a.txt", "", "x").await.status, 405);
}

#[tokio::test]
async fn fallthrough_passes_the_whole_request_on() {
    let folder = folder();
    let files = tower_service(ServeDir::new(folder.path())).fallthrough(true);
    let server = Server::start(app![files, upload]).await;
    assert_eq!(server.get("/a.txt").await.seen(), (200, "a file"));
    let large = "x".repeat(80_000);
    let response = server.post("/a.txt", "x-kind: text\r\n", &large).await;
    assert_eq!((response.status, response.body), (200, format!("text: {large}")));
    assert_eq!(server.post("/a.txt", "", "").await.seen(), (200, "none: "));
    assert!(server.get("/b.txt").await.body.contains("Cannot GET /b.txt"));
    // Also with a body in one buffer.
    let mut req = Request::from(http::Request::post("/a.txt").body("whole").expect("valid"));
    let files = tower_service(ServeDir::new(folder.path())).fallthrough(true);
    assert_eq!(crate::support::call_with(&app![files, upload], &mut req).await.0.body, "none: whole");
}

#[tokio::test]
async fn an_error_of_a_service_goes_to_the_handlers_below() {
    #[error_handler]
    fn takes(err: std::io::Error, req: &mut Request, res: &mut Response, _next: Next) -> Result {
        let text = format!("{err} at {}", req.original_uri());
        res.status(502).send(text)
    }
    let fails = tower::service_fn(|_: http::Request<Body>| async {
        Err::<http::Response<Body>, _>(std::io::Error::other("no upstream"))
    });
    let response = call(&app!["/up" => tower_service(fails), takes], "/up/x").await;
    assert_eq!(response.seen(), (502, "no upstream at /up/x"));
}

#[tokio::test]
async fn a_service_can_be_mounted_below_a_tower_layer() {
    let folder = folder();
    let file = tower_service(ServeFile::new(folder.path().join("a.txt")));
    let gzip = connect::tower(tower_http::set_header::SetResponseHeaderLayer::overriding(
        http::header::SERVER,
        http::HeaderValue::from_static("connect"),
    ));
    let server = Server::start(app![gzip, "/one" => file]).await;
    let response = server.get("/one").await;
    assert_eq!((response.seen(), response.header("server")), ((200, "a file"), Some("connect")));
}

#[tokio::test]
async fn an_axum_router_works_as_a_service_in_an_app() {
    async fn user(
        axum::extract::Path(id): axum::extract::Path<u32>,
        matched: MatchedPath,
        body: String,
    ) -> String {
        format!("axum {id} {} {body}", matched.as_str())
    }
    let router = || Router::new().route("/user/{id}", axum::routing::post(user));
    let server = Server::start(
        app!["/api" => tower_service(router()), tower_service(router()).fallthrough(true), upload],
    )
    .await;
    assert_eq!(server.post("/api/user/7", "", "hello").await.seen(), (200, "axum 7 /user/{id} hello"));
    assert_eq!(server.get("/api/other").await.status, 404);
    assert_eq!(server.post("/user/8", "", "x").await.seen(), (200, "axum 8 /user/{id} x"));
    assert_eq!(server.post("/a.txt", "", "y").await.seen(), (200, "none: y"));
}

/// Copies what axum and its layers know of the request into headers.
#[middleware]
fn seen(req: &mut Request, res: &mut Response, next: Next) -> Result {
    if let Some(ConnectInfo(peer)) = req.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        req.set_peer(peer);
    }
    let ip = req.ip().map_or("none".to_owned(), |ip| ip.to_string());
    let matched = req.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let original = req.extensions().get::<OriginalUri>().map(|uri| uri.0.to_string()).unwrap_or_default();
    res.set("x-ip", ip).set("x-matched", matched).set("x-original", original);
    next.pass()
}

#[get("/where")]
fn url(req: &Request) -> String {
    req.url().into_owned()
}

/// Echoes the body chunk by chunk.
#[post("/echo")]
fn echo(req: &mut Request, res: &mut Response) -> Result {
    let body = req.take_body();
    res.end(body)
}

async fn serve_axum(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn send(address: SocketAddr, path: &str) -> crate::support::RawResponse {
    let mut client = Client::connect(address).await;
    client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    client.response().await.expect("a response")
}

/// Sends half of a body and waits for its echo, then sends the other half.
async fn echoes_while_it_reads(address: SocketAddr, path: &str) {
    let mut client = Client::connect(address).await;
    client.write(&format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")).await;
    client.write("3\r\nabc\r\n").await;
    client.head().await;
    client.write("3\r\ndef\r\n0\r\n\r\n").await;
    client.write("GET /end HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let rest = client.rest().await;
    assert!(rest.contains("abc") && rest.contains("def"), "{rest}");
}

#[tokio::test]
async fn an_app_works_as_a_service_in_an_axum_router() {
    let make = || app![seen, url, echo];
    let router = Router::new()
        .route("/axum", axum::routing::get(|| async { "axum" }))
        .route_service("/where", make())
        .nest_service("/nested", make())
        .fallback_service(app![seen, "/rest" => make()]);
    let address = serve_axum(router).await;
    assert_eq!(send(address, "/axum").await.seen(), (200, "axum"));
    let response = send(address, "/where?x=1").await;
    assert_eq!(response.seen(), (200, "/where?x=1"));
    assert_eq!((response.header("x-matched"), response.header("x-ip")), (Some("/where"), Some("127.0.0.1")));
    let response = send(address, "/nested/where").await;
    assert_eq!((response.seen(), response.header("x-original")), ((200, "/where"), Some("/nested/where")));
    assert_eq!(send(address, "/rest/where").await.seen(), (200, "/where"));
    assert_eq!(send(address, "/missing").await.status, 404);
    echoes_while_it_reads(address, "/nested/echo").await;
    echoes_while_it_reads(address, "/rest/echo").await;
}

#[tokio::test]
async fn an_app_works_below_axum_and_tower_layers() {
    use axum::extract::Request as AxumRequest;
    async fn adds(mut req: AxumRequest, next: axum::middleware::Next) -> axum::response::Response {
        req.extensions_mut().insert(Added("by axum"));
        next.run(req).await
    }
    #[derive(Clone)]
    struct Added(&'static str);
    #[get("/")]
    fn shows(req: &Request) -> &'static str {
        req.extensions().get::<Added>().map_or("nothing", |added| added.0)
    }
    let router = Router::new().fallback_service(app![shows]).layer(axum::middleware::from_fn(adds));
    assert_eq!(send(serve_axum(router).await, "/").await.seen(), (200, "by axum"));
    // And the whole router, with its own layers, below those of an app.
    let inner = Router::new().fallback_service(app![shows]).layer(axum::middleware::from_fn(adds));
    let trace = tower(tower_http::trace::TraceLayer::new_for_http());
    let server = Server::start(app![trace, tower_service(inner)]).await;
    assert_eq!(server.get("/").await.seen(), (200, "by axum"));
}

#[tokio::test]
async fn an_axum_middleware_works_behind_a_layer_that_converts_the_body() {
    use axum::extract::Request as AxumRequest;
    async fn shouts(req: AxumRequest, next: axum::middleware::Next) -> axum::response::Response {
        if req.headers().contains_key("x-stop") {
            return axum::response::IntoResponse::into_response((
                http::StatusCode::FORBIDDEN,
                "stopped by axum",
            ));
        }
        let mut response = next.run(req).await;
        response.headers_mut().insert("x-axum", http::HeaderValue::from_static("1"));
        response
    }
    let layers = tower::ServiceBuilder::new()
        .layer(tower_http::map_request_body::MapRequestBodyLayer::new(axum::body::Body::new))
        .layer(axum::middleware::from_fn(shouts));
    let server = Server::start(app![connect::tower(layers), upload]).await;
    let large = "x".repeat(80_000);
    let response = server.post("/a.txt", "", &large).await;
    assert_eq!((response.header("x-axum"), &*response.body), (Some("1"), &*format!("none: {large}")));
    assert_eq!(server.post("/a.txt", "x-stop: 1\r\n", &large).await.seen(), (403, "stopped by axum"));
}

#[tokio::test]
async fn a_disconnect_from_axum_drops_the_app_future() {
    let (running, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    #[middleware]
    async fn hangs(
        #[config] running: Arc<Notify>,
        #[config] dropped: Arc<Notify>,
        _req: &mut Request,
        res: &mut Response,
    ) -> Result {
        let _guard = crate::support::Dropped(dropped);
        running.notify_one();
        std::future::pending::<()>().await;
        res.send("never")
    }
    let app = app![hangs(Arc::clone(&running), Arc::clone(&dropped))];
    let address = serve_axum(Router::new().fallback_service(app)).await;
    let mut client = Client::connect(address).await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    running.notified().await;
    drop(client);
    dropped.notified().await;
}

/// A hyper server for one of the ways to convert an app to a service.
macro_rules! hyper_server {
    ($service:expr, $builder:expr, $serve:ident) => {{
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let service = $service;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move { $builder.$serve(TokioIo::new(stream), service).await.is_ok() });
            }
        });
        address
    }};
}

#[tokio::test]
async fn an_app_works_as_a_hyper_service() {
    fn make() -> App<impl Chain> {
        app![url, echo]
    }
    let auto = || hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    let http1 = hyper::server::conn::http1::Builder::new;
    let addresses = [
        hyper_server!(make(), http1(), serve_connection),
        hyper_server!(make().into_hyper(), http1(), serve_connection),
        hyper_server!(TowerToHyperService::new(make()), http1(), serve_connection),
        hyper_server!(TowerToHyperService::new(make().into_service()), http1(), serve_connection),
        hyper_server!(make(), auto(), serve_connection),
        hyper_server!(TowerToHyperService::new(make()), auto(), serve_connection_with_upgrades),
    ];
    for address in addresses {
        assert_eq!(send(address, "/where").await.seen(), (200, "/where"));
        echoes_while_it_reads(address, "/echo").await;
    }
}

#[tokio::test]
async fn an_app_can_be_wrapped_by_any_tower_layer() {
    use tower::ServiceExt as _;
    let service = tower::ServiceBuilder::new()
        .concurrency_limit(1)
        .map_request(|req: http::Request<String>| req.map(http_body_util::Full::<bytes::Bytes>::from))
        .service(app![echo]);
    let request = http::Request::post("/echo").body("text".to_owned()).expect("valid");
    let response: std::result::Result<_, Infallible> = service.oneshot(request).await;
    let body = http_body_util::BodyExt::collect(response.expect("infallible").into_body()).await;
    assert_eq!(body.expect("a body").to_bytes(), "text");
}
