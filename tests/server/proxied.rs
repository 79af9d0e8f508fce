//! The PROXY protocol, in front of a load balancer's connections.

use std::time::Duration;

use connect::{Request, app, get};

use super::support::Client;
use super::{TestServer, index};

#[get("/peer")]
fn peer(req: &Request) -> String {
    req.peer().map_or("none".to_owned(), |peer| peer.to_string())
}

/// Version 2, of TCP over IPv4 from 192.0.2.1:4000, with a field behind the addresses.
const VERSION_2: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xc0\0\x02\x01\x0a\0\0\x01\x0f\xa0\0\x50\x04\0\x01x";

const REQUEST: &str = "GET /peer HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn the_peer_is_the_address_in_the_proxy_header() {
    let running = TestServer::start(app![index, peer], |server| {
        server.proxy_protocol().listen("127.0.0.1:0").header_timeout(Duration::from_millis(300))
    });
    let version_1 = b"PROXY TCP6 2001:db8::1 2001:db8::2 4000 80\r\n";
    for (header, client) in [(VERSION_2, "192.0.2.1:4000"), (&version_1[..], "[2001:db8::1]:4000")] {
        let mut together = running.client().await;
        together.write_bytes(&[header, REQUEST.as_bytes()].concat()).await;
        assert_eq!(together.response().await.expect("a response").seen(), (200, client));
        // The next request of the connection has the same peer.
        together.write(REQUEST).await;
        assert_eq!(together.response().await.expect("a response").seen(), (200, client));
        // In pieces.
        let mut slow = running.client().await;
        for piece in header.chunks(9) {
            slow.write_bytes(piece).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        slow.write(REQUEST).await;
        assert_eq!(slow.response().await.expect("a response").seen(), (200, client));
    }
    // Connections of the balancer itself: UNKNOWN in version 1, LOCAL in version 2.
    for header in [&b"PROXY UNKNOWN\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"] {
        let mut balancer = running.client().await;
        balancer.write_bytes(&[header, REQUEST.as_bytes()].concat()).await;
        assert!(balancer.response().await.expect("a response").body.starts_with("127.0.0.1:"));
    }
    // The other address does not use the protocol.
    let mut direct = Client::connect(running.addresses[1]).await;
    direct.write(REQUEST).await;
    assert!(direct.response().await.expect("a response").body.starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn a_connection_without_a_proxy_header_is_closed() {
    let running = TestServer::start(app![peer], |server| {
        server.proxy_protocol().header_timeout(Duration::from_millis(300))
    });
    for begins in [REQUEST, "PROXY TCP4 x y 1 2\r\n", "PROXY TCP4 192.0.2.1", ""] {
        let mut client = running.client().await;
        client.write(begins).await;
        assert_eq!(client.rest().await, "", "{begins}");
    }
}

#[test]
fn proxy_protocol_must_follow_its_address() {
    let server = app![index].server().proxy_protocol().listen("127.0.0.1:0");
    let err = server.bind().map(|_| ()).expect_err("no address in front of it");
    assert!(err.to_string().contains(".listen(address).proxy_protocol()"), "{err}");
}
