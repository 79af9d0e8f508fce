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

#[connect::get("/info")]
fn info(req: &connect::Request) -> String {
    let connection = req.connection_info().expect("a connection");
    let tls = connection.tls().expect("TLS");
    let alpn = tls.alpn().map(String::from_utf8_lossy).unwrap_or_default();
    let name = tls.server_name().unwrap_or("none");
    let lengths: Vec<_> = tls.client_certificates().map(<[u8]>::len).collect();
    assert_eq!(connection.peer(), req.peer());
    format!(
        "{} {} {} {alpn} {name} {lengths:?}",
        connection.local().expect("an address"),
        tls.version(),
        tls.cipher_suite()
    )
}

#[tokio::test]
async fn a_request_knows_its_addresses_and_what_tls_agreed_on() {
    let certificate = certificate();
    let running = TestServer::start(app![info], |server| server.tls(tls(&certificate)));
    let stream = client(&running, certificate.cert.der(), "http/1.1").await.unwrap();
    let answer = send(stream, "/info").await;
    let address = running.address;
    let expected = format!("\r\n\r\n{address} TLSv1.3 TLS_AES_256_GCM_SHA384 http/1.1 localhost []");
    assert!(answer.ends_with(&expected), "{answer}");

    // Without TLS there is none.
    #[connect::get("/plain")]
    fn plain(req: &connect::Request) -> String {
        let connection = req.connection_info().expect("a connection");
        format!("{:?} {}", connection.local(), connection.tls().is_none())
    }
    let running = TestServer::start(app![plain], |server| server);
    let mut client = running.client().await;
    client.write("GET /plain HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let answer = client.response().await.expect("an answer");
    assert_eq!(answer.body, format!("{:?} true", Some(running.address)));
    let (answer, _) =
        super::support::call_with(&app![plain_or_none], &mut super::support::get("/none")).await;
    assert_eq!(answer.body, "true");
}

#[connect::get("/none")]
fn plain_or_none(req: &connect::Request) -> String {
    req.connection_info().is_none().to_string()
}

#[tokio::test]
async fn a_request_has_the_client_certificates() {
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use tokio_rustls::rustls::server::WebPkiClientVerifier;

    let (server, of_client) = (certificate(), certificate());
    let roots = |certificate: &CertifiedKey<KeyPair>| {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.cert.der().clone()).unwrap();
        roots
    };
    let key = |certificate: &CertifiedKey<KeyPair>| {
        PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()))
    };
    let provider = Arc::new(ring::default_provider());
    let trusted = Arc::new(roots(&of_client));
    let verifier =
        WebPkiClientVerifier::builder_with_provider(trusted, Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.cert.der().clone()], key(&server))
        .unwrap();
    let running = TestServer::start(app![info], |settings| settings.tls(Tls::from_config(config)));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(&server))
        .with_client_auth_cert(vec![of_client.cert.der().clone()], key(&of_client))
        .unwrap();
    let stream = TcpStream::connect(running.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let answer = send(stream, "/info").await;
    assert!(answer.ends_with(&format!(" localhost [{}]", of_client.cert.der().len())), "{answer}");
}
