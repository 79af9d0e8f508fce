use std::sync::Arc;
use std::time::Duration;

use connect::{Body, Tls, app};
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::{TestServer, index, scheme};

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

fn tls(certificate: &CertifiedKey<KeyPair>) -> Tls {
    Tls::pem(certificate.cert.pem(), certificate.signing_key.serialize_pem()).unwrap()
}

async fn client(
    running: &TestServer,
    trusted: &CertificateDer<'static>,
    alpn: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let stream = TcpStream::connect(running.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn send(mut stream: TlsStream<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn the_scheme_over_tls_is_https() {
    let certificate = certificate();
    let running = TestServer::start(app![scheme], |server| server.tls(tls(&certificate)));
    let stream = client(&running, certificate.cert.der(), "http/1.1").await.unwrap();
    let response = send(stream, "/scheme").await;
    assert!(response.ends_with("\r\n\r\nhttps by HTTP/1.1"), "{response}");
}

#[tokio::test]
async fn http2_is_negotiated_by_alpn() {
    let certificate = certificate();
    let running = TestServer::start(app![scheme], |server| server.tls(tls(&certificate)));
    let stream = client(&running, certificate.cert.der(), "h2").await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = connect::http::Request::get("https://localhost/scheme").body(Body::empty()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "https by HTTP/2.0");
}

#[tokio::test]
async fn a_reloaded_certificate_is_used_for_new_connections() {
    let folder = tempfile::tempdir().unwrap();
    let files = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let write = |certificate: &CertifiedKey<KeyPair>| {
        std::fs::write(&files.0, certificate.cert.pem()).unwrap();
        std::fs::write(&files.1, certificate.signing_key.serialize_pem()).unwrap();
    };
    let (old, new) = (certificate(), certificate());
    write(&old);
    let tls = Tls::pem_files(&files.0, &files.1).unwrap();
    let running = TestServer::start(app![index], |server| server.tls(tls.clone()));
    let before = client(&running, old.cert.der(), "http/1.1").await.expect("the old one");
    write(&new);
    client(&running, old.cert.der(), "http/1.1").await.expect("still the old one");
    tls.reload().unwrap();
    client(&running, old.cert.der(), "http/1.1").await.expect_err("no longer the old one");
    let after = client(&running, new.cert.der(), "http/1.1").await.expect("the new one");
    for stream in [before, after] {
        assert!(send(stream, "/").await.ends_with("index"));
    }

    // An invalid file changes nothing.
    std::fs::write(&files.0, "nonsense").unwrap();
    let err = tls.reload().unwrap_err().to_string();
    assert!(err.contains("cert.pem: no certificate found"), "{err}");
    client(&running, new.cert.der(), "http/1.1").await.expect("the new one");
}

#[test]
fn an_invalid_certificate_error_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let (one, other) = (certificate(), certificate());
    let error = || Tls::pem_files(&cert, &key).unwrap_err().to_string();
    assert!(error().starts_with(&format!("cannot read {}: ", cert.display())), "{}", error());
    std::fs::write(&cert, one.cert.pem()).unwrap();
    std::fs::write(&key, one.cert.pem()).unwrap();
    assert!(error().starts_with(&format!("{}: not a private key in PEM", key.display())), "{}", error());
    std::fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    assert!(error().contains("does not match"), "{}", error());
    let tls = tls(&one);
    assert!(tls.reload().unwrap_err().to_string().contains("use `replace`"));
}

#[tokio::test]
async fn a_client_without_tls_is_closed_and_others_are_served() {
    let certificate = certificate();
    let short = Duration::from_millis(200);
    let running =
        TestServer::start(app![index], |server| server.tls(tls(&certificate)).header_timeout(short));
    // A request without TLS gets an alert, and no response.
    let mut plain = TcpStream::connect(running.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut response = Vec::new();
    let _ = plain.read_to_end(&mut response).await;
    assert!(!response.starts_with(b"HTTP"), "{response:?}");
    // A client that sends nothing or half a handshake is closed in time.
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    let mut begun = TcpStream::connect(running.address).await.unwrap();
    begun.write_all(b"\x16\x03\x01\x02\0").await.unwrap();
    for stream in [&mut silent, &mut begun] {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut response)).await;
        let _ = read.expect("it is closed");
    }
    let stream = client(&running, certificate.cert.der(), "http/1.1").await.unwrap();
    assert!(send(stream, "/").await.ends_with("index"));
}

#[tokio::test]
async fn a_long_response_is_flushed_without_another_request() {
    #[connect::get("/much/:kib")]
    fn much(kib: usize) -> Vec<u8> {
        vec![b'x'; kib * 1024]
    }
    let certificate = certificate();
    let running = TestServer::start(app![much], |server| server.tls(tls(&certificate)));
    let mut stream = client(&running, certificate.cert.der(), "http/1.1").await.unwrap();
    for kib in [20, 1000, 2500, 5000, 8000] {
        let request = format!("GET /much/{kib} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        // Until the socket buffer is full, and the rest is buffered by the server.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut received = Vec::new();
        while received.len() < kib * 1024 + 100 || !received.ends_with(b"x") {
            let read = tokio::time::timeout(Duration::from_secs(5), stream.read_buf(&mut received)).await;
            assert!(read.expect("all of it, in time").unwrap() > 0, "{kib}: {}", received.len());
            let head = received.windows(4).position(|end| end == b"\r\n\r\n");
            if head.is_some_and(|head| received.len() == head + 4 + kib * 1024) {
                break;
            }
        }
    }
}
