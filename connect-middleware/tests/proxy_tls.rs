//! The proxy to targets that speak TLS.
#![cfg(feature = "proxy-tls")]

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{Environment, Request, Response, Result, Tls, app, get, post};
use connect_middleware::proxy::Proxy;
use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

#[get("/v1/hello")]
fn hello(req: &Request) -> String {
    format!("hello over {}", req.scheme())
}

#[post("/v1/length")]
fn length(body: Bytes) -> String {
    body.len().to_string()
}

#[get("/v1/moved")]
fn moved(req: &Request, res: &mut Response) -> Result {
    res.redirect(format!("https://{}/v1/hello", req.header("host").unwrap()))
}

#[get("/v1/echo")]
fn echo(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

type Certificate = CertifiedKey<KeyPair>;

fn certificate(name: &str) -> Certificate {
    rcgen::generate_simple_self_signed([name.to_owned()]).unwrap()
}

fn key(certificate: &Certificate) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()).into()
}

fn roots(certificate: &Certificate) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    roots
}

/// A target that speaks TLS, for as long as the test runs.
fn target(tls: Tls) -> (u16, JoinHandle<std::io::Result<()>>) {
    let server = app![hello, length, moved, echo]
        .server()
        .listen("127.0.0.1:0")
        .banner(false)
        .tls(tls)
        .bind()
        .unwrap();
    (server.addresses()[0].port(), tokio::spawn(server.run()))
}

fn target_of(certificate: &Certificate) -> u16 {
    target(Tls::pem(certificate.cert.pem(), certificate.signing_key.serialize_pem()).unwrap()).0
}

async fn serve(proxy: Proxy) -> Client {
    Client::serve(app!["/api" => [proxy]]).await.unwrap()
}

#[tokio::test]
async fn requests_bodies_and_locations_pass() {
    let certificate = certificate("localhost");
    let url = format!("https://localhost:{}/v1", target_of(&certificate));
    let client = serve(Proxy::to(url).trust_certificates(certificate.cert.pem())).await;
    // The second over a kept connection.
    for _ in 0..2 {
        client.get("/api/hello").send().await.assert_ok().assert_text("hello over https");
    }
    let body = vec![b'a'; 90_000];
    client.post("/api/length").body(body).send().await.assert_ok().assert_text("90000");
    client.get("/api/moved").send().await.assert_status(302).assert_header("location", "/api/hello");
}

#[tokio::test]
async fn a_websocket_passes() {
    let certificate = certificate("localhost");
    let url = format!("https://localhost:{}/v1", target_of(&certificate));
    let client = serve(Proxy::to(url).trust_certificates(certificate.cert.pem())).await;
    let url = format!("ws://{}/api/echo", client.address().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    socket.send(Message::text("one")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("one"));
}

#[tokio::test]
async fn a_target_that_is_not_trusted_is_a_502_that_does_not_name_it() {
    let ours = certificate("localhost");
    let port = target_of(&ours);
    let plain = Client::serve(app![hello]).await.unwrap();
    let cases = [
        ("another certificate", format!("https://localhost:{port}"), certificate("localhost")),
        ("another name", format!("https://127.0.0.1:{port}"), ours),
        (
            "no TLS",
            format!("https://localhost:{}", plain.address().unwrap().port()),
            certificate("localhost"),
        ),
    ];
    for (what, url, trusted) in cases {
        let app =
            app![Proxy::to(url).trust_certificates(trusted.cert.pem())].environment(Environment::Production);
        let client = Client::serve(app).await.unwrap();
        let res = client.get("/hello").send().await;
        assert_eq!(res.status(), 502, "{what}");
        assert!(res.text().contains("Bad Gateway") && !res.text().contains("host"), "{what}: {}", res.text());
    }
}

#[tokio::test]
async fn a_target_that_stalls_or_leaves_in_the_handshake_is_a_504_or_a_502() {
    for (stays, status) in [(true, 504), (false, 502)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((io, _)) = listener.accept().await {
                if stays {
                    open.push(io);
                }
            }
        });
        let proxy = Proxy::to(url).trust_certificates(certificate("a").cert.pem());
        let client = serve(proxy.connect_timeout(Duration::from_millis(200)).head_timeout(None)).await;
        client.get("/api/hello").send().await.assert_status(status);
    }
}

#[tokio::test]
async fn the_proxy_shows_a_certificate_of_its_own() {
    let (ours, theirs) = (certificate("proxy"), certificate("localhost"));
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots(&ours).into(), provider.clone());
    let config =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let config = config.with_client_cert_verifier(verifier.build().unwrap());
    let config = config.with_single_cert(vec![theirs.cert.der().clone()], key(&theirs)).unwrap();
    let (port, _) = target(Tls::from_config(config));
    let url = format!("https://localhost:{port}/v1");

    let config = || {
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap()
    };
    let config = || config().with_root_certificates(roots(&theirs));
    let client = serve(Proxy::to(&url).tls_config(config().with_no_client_auth())).await;
    client.get("/api/hello").send().await.assert_status(502);
    let config = config().with_client_auth_cert(vec![ours.cert.der().clone()], key(&ours)).unwrap();
    let client = serve(Proxy::to(&url).tls_config(config)).await;
    client.get("/api/hello").send().await.assert_ok();
}

/// Set in the environment of a process that has no certificates of authorities.
const VARIABLE: &str = "CONNECT_PROXY_TLS";

/// Not a test: the main function of the process.
#[tokio::test]
async fn starts_in_a_process_of_its_own() {
    if std::env::var(VARIABLE).is_err() {
        return;
    }
    for url in ["http://localhost:1", "https://localhost:1"] {
        let started = Client::serve(app![Proxy::to(url)]).await.map(drop);
        println!("{url} {started:?}");
    }
}

#[test]
fn a_system_without_certificates_is_an_error_at_the_start() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "starts_in_a_process_of_its_own", "--nocapture"])
        .envs([(VARIABLE, "1"), ("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/nonexistent")])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("http://localhost:1 Ok(())"), "{text}");
    assert!(text.contains("https://localhost:1 Err("), "{text}");
    assert!(text.contains("name yours with `trust_certificates`"), "{text}");
}

#[test]
fn what_is_no_certificate_is_a_mistake() {
    for (pem, message) in [
        (&b"hello"[..], "there is no certificate in it"),
        (b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n", "this is not PEM"),
        (
            b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
            "a certificate cannot be used",
        ),
    ] {
        let made = std::panic::catch_unwind(|| Proxy::to("https://a").trust_certificates(pem));
        let said = made.unwrap_err().downcast::<String>().unwrap();
        assert!(said.starts_with(&format!("Proxy::trust_certificates: {message}")), "{said}");
    }
}
