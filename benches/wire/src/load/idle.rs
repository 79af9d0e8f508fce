//! Connections that are idle after one request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::answer::{Answers, Expected};
use crate::system;

/// The resident memory that a server adds for each connection, in bytes.
pub(crate) fn memory(
    address: SocketAddr,
    process: u32,
    number: usize,
    request: &[u8],
    expected: &Expected,
) -> Result<f64, String> {
    // The first requests allocate memory that is not a connection's.
    let mut warm = Vec::new();
    for _ in 0..50 {
        warm.push(ask(address, request, expected)?);
    }
    drop(warm);
    std::thread::sleep(Duration::from_millis(50));
    let before = system::resident(process).map_err(|err| err.to_string())?;
    let mut connections = Vec::with_capacity(number);
    for i in 0..number {
        connections.push(ask(address, request, expected).map_err(|err| format!("connection {i}: {err}"))?);
    }
    let after = system::resident(process).map_err(|err| err.to_string())?;
    // A connection that the server has closed would make the figure too small.
    for connection in &mut connections {
        connection.set_nonblocking(true).map_err(|err| err.to_string())?;
        if matches!(connection.read(&mut [0]), Ok(0)) {
            return Err("it closed a connection that was idle".to_owned());
        }
    }
    Ok((after as f64 - before as f64) / number as f64)
}

/// A connection after one request.
fn ask(address: SocketAddr, request: &[u8], expected: &Expected) -> Result<TcpStream, String> {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(request)?;
        Ok::<_, std::io::Error>(stream)
    };
    let mut stream = ask().map_err(|err| err.to_string())?;
    let (mut buffer, mut filled) = ([0; 4096], 0);
    let mut answers = Answers::new(expected);
    loop {
        let read = stream.read(&mut buffer[filled..]).map_err(|err| err.to_string())?;
        if read == 0 {
            return Err("it closed a connection without an answer".to_owned());
        }
        filled += read;
        let (taken, count) = answers.take(&buffer[..filled])?;
        if count > 0 {
            return Ok(stream);
        }
        buffer.copy_within(taken..filled, 0);
        filled -= taken;
    }
}
