//! The PROXY protocol: who the client of a connection is, as the balancer in front says it (HAProxy's
//! `doc/proxy-protocol.txt`).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use proxy_header::{Error, ParseConfig, ProxyHeader};
use tokio::net::TcpStream;

use super::stream::Stream;
use crate::connection::{Shutdown, Stage};
use crate::server::settings::Settings;

/// The longest header: an address takes up to 232 bytes, and balancers add little to it.
const LONGEST: usize = 4096;

/// How long to wait before a header is looked at again of which a part is there: what is only looked at is always ready.
const PAUSE: Duration = Duration::from_millis(5);

/// The stream behind the header, with the client's address; nothing, if the header is missing or wrong.
pub(super) async fn client(stream: Stream, settings: &Settings, shutdown: &Shutdown) -> Option<Stream> {
    let Stream::Tcp(stream, balancer, true) = stream else { return Some(stream) };
    // In a box, so that no other connection carries its size.
    let header = Box::pin(tokio::time::timeout(settings.header_timeout, header(&stream)));
    let header = tokio::select! {
        header = header => header,
        () = shutdown.reaches(Stage::Over) => return None,
    };
    match header {
        Ok(Ok(client)) => Some(Stream::Tcp(stream, client.unwrap_or(balancer), false)),
        Ok(Err(err)) => {
            tracing::debug!(%balancer, "connection closed: no header of the PROXY protocol: {err}");
            None
        }
        Err(_) => {
            tracing::debug!(%balancer, "connection closed: the header of the PROXY protocol was too slow");
            None
        }
    }
}

/// Takes the header off a stream; nothing, if the balancer speaks for itself, as to see whether the server is there.
async fn header(stream: &TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut bytes = vec![0; LONGEST];
    loop {
        // Looked at first: what stands behind the header is for others to read.
        let there = stream.peek(&mut bytes).await?;
        let config = ParseConfig { include_tlvs: false, ..ParseConfig::default() };
        match ProxyHeader::parse(&bytes[..there], config) {
            Ok((header, length)) => {
                let client = header.proxied_address().map(|address| address.source);
                take(stream, &mut vec![0; length]).await?;
                return Ok(client);
            }
            Err(Error::BufferTooShort) if there == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(Error::BufferTooShort) if there < LONGEST => tokio::time::sleep(PAUSE).await,
            Err(err) => return Err(io::Error::new(io::ErrorKind::InvalidData, err.to_string())),
        }
    }
}

/// Reads what is there.
async fn take(stream: &TcpStream, mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.readable().await?;
        match stream.try_read(bytes) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => bytes = &mut bytes[read..],
            Err(err) if err.kind() == io::ErrorKind::WouldBlock => {}
            Err(err) => return Err(err),
        }
    }
    Ok(())
}
