//! Servers behind a proxy, and clients in front of it, that send and read bytes.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long anything may take on a loaded machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A server that gives each connection to a function.
pub(crate) async fn upstream<F, Fut>(serve: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    tokio::spawn(async move {
        while let Ok((io, _)) = listener.accept().await {
            let serve = Arc::clone(&serve);
            tokio::spawn(async move { serve(io).await });
        }
    });
    url
}

/// Reads to the end of a head, in lower case but for the first line; `None` if the connection ends before.
pub(crate) async fn head(io: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        let read = tokio::time::timeout(LONG, io.read_u8()).await.expect("a head");
        text.push(read.ok()?);
    }
    let text = String::from_utf8(text).unwrap();
    let (first, rest) = text.split_once("\r\n").unwrap();
    Some(format!("{first}\r\n{}", rest.to_ascii_lowercase()))
}

/// Reads so many bytes.
pub(crate) async fn exactly(io: &mut TcpStream, count: usize) -> String {
    let mut bytes = vec![0; count];
    tokio::time::timeout(LONG, io.read_exact(&mut bytes)).await.expect("more bytes").unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Reads to the end of the connection, however it ends.
pub(crate) async fn rest(io: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(LONG, io.read_to_end(&mut bytes)).await.expect("an end");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A connection to which something was sent.
pub(crate) async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut io = TcpStream::connect(address).await.unwrap();
    io.write_all(text.as_bytes()).await.unwrap();
    io
}
