//! Temporary files: of failures, of clients that leave, of full disks, and of processes that were killed.

use crate::{Form, PNG, app_of, folder, keep, names, on_error, serve, until, until_empty};
use connect::testing::Client;
use connect::{Request, Result, app, post};
use connect_middleware::uploads::Uploads;
use std::fs::{self, File};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_large_file_arrives_as_it_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(Uploads::to(folder.path()).max_file_size(30 << 20)).await;
    let mut state = 1_u32;
    let content: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take((24 << 20) + 1)
    .collect();
    let res = Form::default().file("file", "a", &content).send(&client, "/keep/large").await;
    res.assert_status(200);
    assert!(fs::read(folder.path().join("large")).unwrap() == content);
}

#[tokio::test]
async fn files_of_a_handler_that_fails_or_panics_are_removed() {
    let (folder, client) = folder().await;
    for (path, status) in [("/fails", 409), ("/panics", 500)] {
        let form = Form::default().file("a", "a", &[b'a'; 200_000]).file("b", "b", PNG);
        form.send(&client, path).await.assert_status(status);
        until_empty(folder.path()).await;
    }
    let mut form = Form::default().file("file", "a", &[b'a'; 200_000]).bytes();
    form.truncate(form.len() - 5);
    let request = client.post("/keep").header("content-type", "multipart/form-data; boundary=x");
    request.body(form).send().await.assert_status(400).assert_text("the body ends before its last boundary");
    until_empty(folder.path()).await;
}

#[tokio::test]
async fn the_file_of_a_client_that_leaves_half_way_is_removed() {
    let (folder, client) = folder().await;
    for is_reset in [true, false] {
        let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
        let head = "POST /keep HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\n\
                    content-length: 1000000\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        let half = Form::default().file("file", "a", &[b'a'; 500_000]).0;
        socket.write_all(&half).await.unwrap();
        until(folder.path(), |names| names.len() == 1 && names[0].starts_with(".upload-")).await;
        if is_reset {
            socket.set_zero_linger().unwrap();
        }
        drop(socket);
        until_empty(folder.path()).await;
    }
}

/// Whether bytes are taken from the socket within a while.
async fn takes(socket: &mut TcpStream, bytes: &[u8]) -> bool {
    tokio::time::timeout(Duration::from_secs(20), socket.write_all(bytes))
        .await
        .is_ok_and(|sent| sent.is_ok())
}

#[tokio::test]
async fn other_requests_are_answered_while_a_file_is_received() {
    let (folder, client) = folder().await;
    let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let form = Form::default().file("file", "a", &[b'a'; 400_000]).bytes();
    let head = format!(
        "POST /keep/slow HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        form.len()
    );
    assert!(takes(&mut socket, head.as_bytes()).await && takes(&mut socket, &form[..300_000]).await);
    until(folder.path(), |names| names.len() == 1).await;
    Form::default().file("file", "b", PNG).send(&client, "/keep/fast").await.assert_status(200);
    assert!(folder.path().join("fast").exists() && !folder.path().join("slow").exists());
    assert!(takes(&mut socket, &form[300_000..]).await);
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    until(folder.path(), |names| names == ["fast", "slow"]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn leftovers_are_removed_at_startup_and_files_that_are_in_use_are_not() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in [".upload-old", ".upload-in-use", "kept.png", ".uploads"] {
        fs::write(path.join(name), "x").unwrap();
    }
    fs::create_dir(path.join(".upload-folder")).unwrap();
    symlink("kept.png", path.join(".upload-link")).unwrap();
    let in_use = File::open(path.join(".upload-in-use")).unwrap();
    in_use.lock().unwrap();
    let client = serve(Uploads::to(path)).await;
    until(path, |names| !names.iter().any(|name| name == ".upload-old")).await;
    assert_eq!(names(path), [".upload-folder", ".upload-in-use", ".upload-link", ".uploads", "kept.png"]);

    // A file that is being received is in use.
    let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let head = "POST /keep/b HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\nconnection: close\r\n";
    let form = Form::default().file("file", "a", &[b'a'; 400_000]).bytes();
    let head = format!("{head}content-length: {}\r\n\r\n", form.len());
    assert!(takes(&mut socket, head.as_bytes()).await && takes(&mut socket, &form[..300_000]).await);
    until(path, |names| names.len() == 6).await;
    drop(in_use);
    let other = serve(Uploads::to(path)).await;
    until(path, |names| !names.iter().any(|name| name == ".upload-in-use")).await;
    assert!(takes(&mut socket, &form[300_000..]).await);
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert_eq!(fs::metadata(path.join("b")).unwrap().permissions().mode() & 0o777, 0o600);
    other.shutdown().await;
}

#[tokio::test]
async fn the_folder_is_made_and_one_that_cannot_be_made_ends_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    let client = Client::serve(app_of(Uploads::to(&below))).await.unwrap();
    Form::default().file("file", "a", PNG).send(&client, "/keep/a.png").await.assert_status(200);
    fs::remove_dir_all(&below).unwrap();
    Form::default().file("file", "a", PNG).send(&client, "/keep/a.png").await.assert_status(200);

    let file = below.join("a.png");
    let err = app_of(Uploads::to(&file)).listen("127.0.0.1:0").await.unwrap_err();
    let text = format!("{err:?} {err}");
    assert!(text.contains(file.to_str().unwrap()), "{text}");
}

/// A file system in memory that is removed at the end.
#[cfg(target_os = "linux")]
struct Small(TempDir);

#[cfg(target_os = "linux")]
impl Small {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path());
        let is_mounted = mount.output().is_ok_and(|output| output.status.success());
        is_mounted.then_some(Small(folder))
    }
}

#[cfg(target_os = "linux")]
impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).output();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_a_507_and_another_file_system_is_no_place_to_rename_to() {
    static TRIES: AtomicU64 = AtomicU64::new(0);

    #[post("/away")]
    async fn away(uploads: &Uploads, req: &mut Request) -> Result<()> {
        let mut files = uploads.files(req).await?;
        let path =
            std::env::temp_dir().join(format!("away-{}-{}", std::process::id(), TRIES.fetch_add(1, Relaxed)));
        files.require("file")?.persist_as(path).await.map(drop)
    }

    let Some(disk) = Small::mount() else {
        println!("NOT CHECKED: mounting a file system needs root");
        return;
    };
    let folder = disk.0.path();
    let client = Client::serve(app![Uploads::to(folder), keep, away, on_error]).await.unwrap();
    let res = Form::default().file("file", "a", &[b'a'; 2_000_000]).send(&client, "/keep").await;
    res.assert_status(507);
    until_empty(folder).await;
    Form::default().file("file", "a", &[b'a'; 500_000]).send(&client, "/keep").await.assert_status(200);
    Form::default().file("file", "a", PNG).send(&client, "/away").await.assert_status(500);
    until(folder, |names| names.len() == 1).await;
}
