//! When and in which writes responses are sent.

use std::time::Duration;

use connect::{Body, app, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{TestServer, index, sleep};

#[tokio::test]
async fn pipelined_responses_are_sent_in_one_write() {
    let running = TestServer::start(app![index], |server| server);
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(10).as_bytes()).await.unwrap();
    let mut all = vec![0; 1 << 16];
    tokio::time::sleep(Duration::from_millis(100)).await;
    let read = client.read(&mut all).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&all[..read]).matches("HTTP/1.1 200 OK").count(), 10);
}

#[tokio::test]
async fn responses_before_garbage_are_sent() {
    let running = TestServer::start(app![index], |server| server);
    let mut client = running.client().await;
    client
        .write("GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n\0\0\0garbage\r\n\r\n")
        .await;
    let responses = client.rest().await;
    assert_eq!(responses.matches("HTTP/1.1 200 OK").count(), 2, "{responses}");
    assert_eq!(responses.matches("HTTP/1.1 400 Bad Request").count(), 1, "{responses}");
}

#[tokio::test]
async fn a_response_does_not_wait_for_a_slow_one_after_it() {
    let running = TestServer::start(app![index, sleep], |server| server);
    let mut client = running.client().await;
    let more = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    client.write(&format!("{more}GET /sleep/2000 HTTP/1.1\r\nhost: x\r\n\r\n{more}")).await;
    let first = tokio::time::timeout(Duration::from_secs(1), client.response()).await.expect("at once");
    assert_eq!(first.expect("a response").body, "index");
    assert_eq!(client.response().await.expect("a response").body, "slept 2000 ms");
    assert_eq!(client.response().await.expect("a response").body, "index");
}

#[tokio::test]
async fn a_stream_is_sent_as_produced_despite_pipelined_requests() {
    #[get("/stream")]
    async fn stream() -> Body {
        use tokio_stream::StreamExt;
        let items = tokio_stream::iter(["first", "second"]).throttle(Duration::from_secs(2));
        Body::stream(items.map(Ok::<_, std::io::Error>))
    }
    let running = TestServer::start(app![index, stream], |server| server);
    let mut client = TcpStream::connect(running.address).await.unwrap();
    let requests =
        b"GET /stream HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    client.write_all(requests).await.unwrap();
    let mut all = Vec::new();
    let first = async {
        while !String::from_utf8_lossy(&all).contains("first") {
            assert_ne!(client.read_buf(&mut all).await.unwrap(), 0);
        }
    };
    tokio::time::timeout(Duration::from_secs(1), first).await.expect("before the second");
    client.read_to_end(&mut all).await.unwrap();
    let all = String::from_utf8_lossy(&all);
    assert!(all.contains("6\r\nsecond\r\n0\r\n\r\nHTTP/1.1 200 OK") && all.ends_with("index"), "{all}");
}

#[tokio::test]
async fn a_half_closed_client_gets_all_its_responses() {
    let running = TestServer::start(app![index, sleep], |server| server);
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(3).as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let mut all = String::new();
    client.read_to_string(&mut all).await.unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 3, "{all}");
}

#[tokio::test]
async fn long_responses_arrive_complete() {
    #[get("/long/:length")]
    fn long(length: usize) -> Vec<u8> {
        (0..length).map(|n| n as u8).collect()
    }
    let running = TestServer::start(app![long], |server| server);
    let lengths = [1, 32_000, 32_600, 33_000, 70_000, 5_000_000];
    let mut client = TcpStream::connect(running.address).await.unwrap();
    let requests: String =
        lengths.iter().map(|length| format!("GET /long/{length} HTTP/1.1\r\nhost: x\r\n\r\n")).collect();
    client.write_all(requests.as_bytes()).await.unwrap();
    for length in lengths {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.unwrap());
        }
        let mut body = vec![0; length];
        client.read_exact(&mut body).await.unwrap();
        assert!(body.iter().enumerate().all(|(n, byte)| n as u8 == *byte), "{length}");
    }
}
