//! A process that is killed while it receives a file.

use crate::{Form, app_of, names, serve, until, until_empty};
use connect_middleware::uploads::Uploads;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Set in the environment of the process: its folder.
const VARIABLE: &str = "CONNECT_UPLOADS";

/// Not a test: the main function of the process.
#[test]
fn serves_in_a_process_of_its_own() {
    let Ok(folder) = std::env::var(VARIABLE) else { return };
    // It ends with the process that has started it.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let app = app_of(Uploads::to(folder));
        let server = app.server().listen("127.0.0.1:0").banner(false).bind().unwrap();
        println!("listening {}", server.addresses()[0]);
        server.run().await.unwrap();
    });
}

struct Process(Child);

impl Drop for Process {
    /// SIGKILL.
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn what_a_killed_process_was_receiving_is_removed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::serves_in_a_process_of_its_own", "--nocapture"])
        .env(VARIABLE, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let process = Process(child);
    let address = lines.find_map(|line| Some(line.split_once("listening ")?.1.trim().to_owned())).unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = "POST /keep HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\n\
                content-length: 1000000\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&Form::default().file("file", "a", &[b'a'; 500_000]).0).await.unwrap();
    // Not when the name is there: before the lock is, the start of another process may take the file for a leftover, and then
    // another file is made.
    let has_bytes = |name: &String| folder.path().join(name).metadata().is_ok_and(|file| file.len() > 0);
    until(folder.path(), |names| names.iter().any(has_bytes)).await;
    // While the process lives, the start of another one leaves its file alone.
    serve(Uploads::to(folder.path())).await.shutdown().await;
    assert_eq!(names(folder.path()).len(), 1);
    drop(process);
    assert_eq!(names(folder.path()).len(), 1);
    let client = serve(Uploads::to(folder.path())).await;
    until_empty(folder.path()).await;
    client.shutdown().await;
}
