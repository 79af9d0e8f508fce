//! Files that change while they are sent, and clients that disconnect.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use connect::{Request, Response, Result, app, middleware};
use tempfile::TempDir;

use crate::support::Server;

#[middleware]
async fn send(#[config] path: &PathBuf, req: &mut Request, res: &mut Response) -> Result {
    res.send_file(req, path).await
}

/// More than all buffers on the way hold.
const LONG: u64 = 64 << 20;

/// A long file, and a server that sends it.
async fn long_file() -> (TempDir, File, Server) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("long.bin");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"begin").unwrap();
    file.set_len(LONG).unwrap();
    let server = Server::start(app![send(path)]).await;
    (dir, file, server)
}

#[tokio::test]
async fn a_file_truncated_while_it_is_sent_closes_the_connection() {
    let (_dir, file, server) = long_file().await;
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    client.head().await;
    file.set_len(1000).unwrap();
    let rest = client.rest().await;
    assert!((rest.len() as u64) < LONG, "{} bytes", rest.len());
}

#[tokio::test]
async fn a_file_deleted_or_extended_while_it_is_sent_is_sent_as_it_was() {
    let (dir, file, server) = long_file().await;
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    client.head().await;
    file.set_len(LONG + 1000).unwrap();
    fs::remove_file(dir.path().join("long.bin")).unwrap();
    assert_eq!(client.rest().await.len() as u64, LONG);
    assert_eq!(server.request("GET /", &[]).await.status, 404);
}

/// How far a file is read that this process has open, if it has.
#[cfg(target_os = "linux")]
fn position(path: &std::path::Path) -> Option<u64> {
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().flatten();
    let of_path = |entry: &fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|target| target == path);
    let descriptor = descriptors.into_iter().find(of_path)?.file_name();
    let info = fs::read_to_string(std::path::Path::new("/proc/self/fdinfo").join(descriptor)).ok()?;
    info.lines().find_map(|line| line.strip_prefix("pos:")?.trim().parse().ok())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_is_read_as_the_client_reads_it_and_closed_on_disconnect() {
    let (dir, file, server) = long_file().await;
    drop(file);
    let path = dir.path().join("long.bin").canonicalize().unwrap();
    let mut client = server.connect().await;
    client.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    client.head().await;
    // Until the buffers between server and client are full.
    let mut read = position(&path).expect("the file is open");
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = position(&path).expect("the file is open");
        if now == read {
            break;
        }
        read = now;
    }
    assert!(read < LONG / 2, "{read} bytes were read");
    drop(client);
    let closed = async {
        while position(&path).is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed).await.expect("the file is closed");
}
