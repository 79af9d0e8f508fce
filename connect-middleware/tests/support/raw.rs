//! Clients that leave, and waiting for what happens in the server.

use std::io::ErrorKind;
use std::time::Duration;

use connect::testing::Client;
use tokio::net::TcpStream;

/// Sends text on a connection of its own, and keeps it.
pub(crate) async fn send_raw(client: &Client, text: &str) -> TcpStream {
    let socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    socket.writable().await.unwrap();
    assert_eq!(socket.try_write(text.as_bytes()).unwrap(), text.len());
    socket
}

/// Sends a `GET` on a connection of its own, and keeps it.
pub(crate) async fn send_get(client: &Client, path: &str) -> TcpStream {
    send_raw(client, &format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")).await
}

/// Reads until something has arrived that ends with a text.
pub(crate) async fn read_to(socket: &TcpStream, end: &str) -> String {
    let (mut all, mut buffer) = (Vec::new(), [0; 1024]);
    while !all.ends_with(end.as_bytes()) {
        socket.readable().await.unwrap();
        match socket.try_read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => all.extend_from_slice(&buffer[..read]),
            Err(err) => assert_eq!(err.kind(), ErrorKind::WouldBlock),
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// Resets a connection, which the server notices at once.
pub(crate) fn reset(socket: TcpStream) {
    socket.set_zero_linger().unwrap();
    drop(socket);
}

/// Waits until something is there.
pub(crate) async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait)
        .await
        .unwrap_or_else(|_| panic!("{what} did not happen"))
}
