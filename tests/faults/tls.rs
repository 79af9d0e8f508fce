//! Failed TLS handshakes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connect::{App, Chain, Environment, Outermost, Shutdown, Tls, app, get};
use rcgen::generate_simple_self_signed;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

#[get("/")]
fn hello() -> &'static str {
    "hello"
}

fn hello_app() -> App<impl Chain, Outermost> {
    app![hello].environment(Environment::Test)
}

/// Many times the `header_timeout` of 500 ms.
const LONG: Duration = Duration::from_secs(20);

/// A certificate of a server, and a client that trusts it.
pub struct Certificate {
    pub pem: String,
    pub key: String,
    connector: TlsConnector,
}

impl Certificate {
    pub fn new() -> Certificate {
        let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = TlsConnector::from(Arc::new(config));
        Certificate { pem: made.cert.pem(), key: made.signing_key.serialize_pem(), connector }
    }

    pub async fn connect(&self, stream: TcpStream) -> TlsStream<TcpStream> {
        let name = ServerName::try_from("localhost").expect("a name");
        self.connector.connect(name, stream).await.expect("TLS")
    }
}

#[tokio::test]
async fn a_failed_tls_handshake_is_closed_in_time_and_affects_no_other_client() {
    let certificate = Certificate::new();
    let tls = Tls::pem(&certificate.pem, &certificate.key).expect("a certificate");
    let shutdown = Shutdown::new();
    let server = hello_app().server().listen("127.0.0.1:0").banner(false).tls(tls).shutdown(&shutdown);
    let server = server.header_timeout(Duration::from_millis(500)).bind().expect("a free port");
    let address = server.addresses()[0];
    let running = tokio::spawn(server.run_until(std::future::pending::<()>()));

    let send = async || {
        let stream = TcpStream::connect(address).await.expect("accepted");
        let mut stream = certificate.connect(stream).await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("written");
        let mut response = String::new();
        stream.read_to_string(&mut response).await.expect("text");
        assert!(response.ends_with("hello"), "{response}");
    };
    // A record that says it is a handshake of 512 bytes, and the beginning of a hello.
    let hello = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 100]].concat();
    let garbage: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    println!("| on a port for TLS | what the client gets | closed after |\n|---|---|---|");
    for (what, bytes, resets) in [
        ("a request without TLS", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), false),
        ("HTTP/2 without TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), false),
        ("5000 bytes of garbage", garbage.clone(), false),
        ("half a hello, and nothing more", hello.clone(), false),
        ("half a hello, and garbage", [&hello[..], &garbage].concat(), false),
        ("a record of SSL 2", vec![0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10], false),
        ("nothing", Vec::new(), false),
        ("half a hello, then a reset", hello.clone(), true),
    ] {
        let started = Instant::now();
        let mut stream = TcpStream::connect(address).await.expect("accepted");
        // If the server closes it before, that is seen below.
        let _ = stream.write_all(&bytes).await;
        if resets {
            stream.set_zero_linger().expect("a socket");
            drop(stream);
            println!("| {what} | | |");
        } else {
            let mut received = Vec::new();
            let read = timeout(LONG, stream.read_to_end(&mut received)).await;
            assert!(read.is_ok(), "{what}: it is not closed");
            // A record of the kind 21 is an alert (RFC 8446, section 6), whose last byte says which.
            let got = match &received[..] {
                [] => "nothing".to_owned(),
                [21, .., alert] => format!("alert {alert}"),
                other => panic!("{what}: {other:?}"),
            };
            println!("| {what} | {got} | {:?} |", started.elapsed());
        }
        send().await;
    }
    shutdown.start();
    timeout(LONG, running).await.expect("in time").expect("no panic").expect("a clean end");
}
