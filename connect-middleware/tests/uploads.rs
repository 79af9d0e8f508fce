//! Files that clients send, over sockets.
#![cfg(feature = "uploads")]

use connect::testing::{Client, TestResponse};
use connect::{App, Chain, Error, Request, Response, Result, app, error_handler, post};
use connect_middleware::uploads::{UploadError, Uploads};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

/// The parts of a form.
#[derive(Default)]
struct Form(Vec<u8>);

impl Form {
    fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("Content-Disposition: form-data; name=\"{name}\""), text.as_bytes())
    }

    fn file(self, name: &str, file_name: &str, content: &[u8]) -> Self {
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: image/x-claimed"
        );
        self.part(&head, content)
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        self.0.extend_from_slice(format!("--x\r\n{head}\r\n\r\n").as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    fn bytes(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"--x--\r\n");
        self.0
    }

    async fn send(self, client: &Client, path: &str) -> TestResponse {
        let request = client.post(path).header("content-type", "multipart/form-data; boundary=x");
        request.body(self.bytes()).send().await
    }
}

#[derive(Deserialize)]
struct Fields {
    title: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    count: u8,
}

#[post("/form")]
async fn form(uploads: &Uploads, req: &mut Request) -> Result<String> {
    let form = uploads.form::<Fields>(req).await?;
    let Fields { title, tags, count } = form.fields;
    let mut text = format!("{title:?} {tags:?} {count}");
    for file in form.files {
        let bytes = file.read().await?;
        assert_eq!(bytes.len() as u64, file.size());
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4)]).into_owned();
        write!(
            text,
            "\n{} {:?} {:?} {:?} {:?} {} {start:?}",
            file.field(),
            file.client_name(),
            file.safe_name(),
            file.client_type(),
            file.content_type(),
            file.size()
        )
        .unwrap();
    }
    Ok(text)
}

#[post("/keep")]
async fn keep(uploads: &Uploads, req: &mut Request) -> Result<String> {
    let mut files = uploads.files(req).await?;
    let path = files.require("file")?.persist_random().await?;
    Ok(path.file_name().unwrap().to_str().unwrap().to_owned())
}

#[post("/keep/:name")]
async fn keep_as(name: &str, uploads: &Uploads, req: &mut Request) -> Result<String> {
    let mut files = uploads.files(req).await?;
    let path = files.require("file")?.persist(name).await?;
    Ok(path.file_name().unwrap().to_str().unwrap().to_owned())
}

#[post("/replace/:name")]
async fn replace(name: &str, uploads: &Uploads, req: &mut Request) -> Result<()> {
    let mut files = uploads.files(req).await?;
    let file = files.require("file")?;
    let path = file.path().with_file_name(name);
    file.replace(path).await.map(drop)
}

#[post("/fails")]
async fn fails(uploads: &Uploads, req: &mut Request) -> Result<()> {
    let files = uploads.files(req).await?;
    Err(Error::new(409, format!("with {} files", files.len())))
}

#[post("/panics")]
async fn panics(uploads: &Uploads, req: &mut Request) -> Result<()> {
    let files = uploads.files(req).await?;
    panic!("with {} files", files.len())
}

#[post("/one")]
async fn one(uploads: &Uploads, req: &mut Request) -> Result<String> {
    let files = uploads.clone().max_files(1).files(req).await?;
    Ok(files.len().to_string())
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    let mut text = err.public_message();
    if let Some(cause) = err.downcast_ref::<UploadError>() {
        write!(text, " [{} {:?} {:?}]", cause.kind().as_str(), cause.limit(), cause.field()).unwrap();
        assert_eq!(cause.kind().status(), err.status());
    }
    res.error(&err).text(text)
}

fn app_of(uploads: Uploads) -> App<impl Chain> {
    app![uploads, form, keep, keep_as, replace, fails, panics, one, on_error]
}

async fn serve(uploads: Uploads) -> Client {
    Client::serve(app_of(uploads)).await.unwrap()
}

async fn folder() -> (TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(Uploads::to(folder.path())).await;
    (folder, client)
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

/// Waits until the folder is as it has to be.
async fn until(folder: &Path, is_so: impl Fn(&[String]) -> bool) {
    let wait = async {
        while !is_so(&names(folder)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    assert!(waited.is_ok(), "the folder has {:?}", names(folder));
}

async fn until_empty(folder: &Path) {
    until(folder, <[String]>::is_empty).await;
}

#[tokio::test]
async fn text_fields_are_a_type_and_files_have_names_types_and_sizes() {
    let (folder, client) = folder().await;
    let form = Form::default()
        .text("title", "\u{fc}ber & 100%")
        .file("pictures", "a.exe", PNG)
        .text("tags", "one=1")
        .file("pictures", "../../etc/b.png", b"<!DOCTYPE html><script>")
        .text("tags", "two")
        .text("count", "7")
        .file("notes", "empty.txt", b"");
    let res = form.send(&client, "/form").await;
    res.assert_status(200).assert_text(
        "\"\u{fc}ber & 100%\" [\"one=1\", \"two\"] 7\n\
         pictures \"a.exe\" \"a.exe\" Some(\"image/x-claimed\") Some(\"image/png\") 26 \"\u{fffd}PNG\"\n\
         pictures \"../../etc/b.png\" \"b.png\" Some(\"image/x-claimed\") Some(\"text/html\") 23 \"<!DO\"\n\
         notes \"empty.txt\" \"empty.txt\" Some(\"image/x-claimed\") None 0 \"\"",
    );
    until_empty(folder.path()).await;
}

#[tokio::test]
async fn fields_that_do_not_fit_their_type_are_named() {
    let (_folder, client) = folder().await;
    let res = Form::default().text("count", "1").send(&client, "/form").await;
    res.assert_status(400).assert_text("the form lacks `title`");
    let res = Form::default().text("title", "a").text("count", "300").send(&client, "/form").await;
    res.assert_status(400).assert_contains("`count`").assert_contains("number too large");
    let head = "Content-Disposition: form-data; name=\"title\"";
    let res = Form::default().part(head, b"\xff").send(&client, "/form").await;
    res.assert_status(400).assert_text("a field of the form is not text in UTF-8 [MALFORMED None \"title\"]");
    let res = Form::default().part("Content-Disposition: form-data", b"a").send(&client, "/form").await;
    res.assert_status(400);
    let res = client.post("/form").json(&1).send().await;
    res.assert_status(415);
}

#[tokio::test]
async fn a_file_that_is_kept_has_a_random_name_and_the_extension_of_its_content() {
    let (folder, client) = folder().await;
    let mut kept = Vec::new();
    for (name, extension) in [("../../../evil.php", ".png"), ("/etc/passwd", ".png"), ("\\..\\..\\x", ".png")]
    {
        let res = Form::default().file("file", name, PNG).send(&client, "/keep").await;
        let name = res.assert_status(200).text().to_owned();
        assert!(name.len() == 36 && name.ends_with(extension), "{name}");
        assert_eq!(fs::read(folder.path().join(&name)).unwrap(), PNG);
        kept.push(name);
    }
    kept.sort();
    until(folder.path(), |names| names == kept).await;
    let res = Form::default().file("file", "a.html", b"plain").send(&client, "/keep").await;
    assert_eq!(res.assert_status(200).text().len(), 32);
    let res = Form::default().file("other", "a", PNG).send(&client, "/keep").await;
    res.assert_status(400).assert_text("the field `file` has no file [MISSING_FILE None \"file\"]");
}

#[tokio::test]
async fn no_file_is_overwritten_unless_it_is_replaced() {
    let (folder, client) = folder().await;
    let path = folder.path().join("a.txt");
    for (target, status) in
        [("/keep/a.txt", 200), ("/keep/a.txt", 409), ("/keep/..%2Fa.txt", 500), ("/keep/..", 500)]
    {
        let form = Form::default().file("file", "x", target.as_bytes());
        let res = form.send(&client, target).await;
        assert_eq!(res.status(), status, "{target}: {}", res.text());
        assert_eq!(fs::read(&path).unwrap(), b"/keep/a.txt");
    }
    until(folder.path(), |names| names == ["a.txt"]).await;
    assert!(!folder.path().parent().unwrap().join("a.txt").exists());
    let res = Form::default().file("file", "x", b"second").send(&client, "/replace/a.txt").await;
    res.assert_status(200);
    assert_eq!(fs::read(&path).unwrap(), b"second");
}

#[tokio::test]
async fn each_limit_is_a_413_that_names_it_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let uploads = Uploads::to(folder.path())
        .max_file_size(300_000)
        .max_files(2)
        .max_total_size(1_000_000)
        .max_field_size(10)
        .max_fields(3)
        .max_name_size(8)
        .field("file", 1)
        .field("more", 2);
    let client = serve(uploads).await;
    let title = || Form::default().text("title", "a");
    let large = vec![b'a'; 300_001];
    for (form, status, text) in [
        (title().file("file", "a", &large[1..]), 200, "\"a\" [] 0"),
        (title().file("more", "a", b"").file("more", "b", b""), 200, "\"a\" [] 0"),
        (
            title().file("file", "a", &large),
            413,
            "a file of the form is longer than 300000 bytes [LIMIT_FILE_SIZE Some(300000) \"file\"]",
        ),
        (
            title().file("more", "a", PNG).file("more", "b", PNG).file("file", "c", PNG),
            413,
            "the form has more than 2 files [LIMIT_FILE_COUNT Some(2) \"file\"]",
        ),
        (
            title().file("file", "a", PNG).file("file", "b", PNG),
            413,
            "a field of the form has more than 1 files [LIMIT_FIELD_FILES Some(1) \"file\"]",
        ),
        (
            title().file("other", "a", PNG),
            400,
            "the form has a file in a field that may have none [LIMIT_UNEXPECTED_FILE None \"other\"]",
        ),
        (
            Form::default().text("title", "12345678901"),
            413,
            "a field of the form is longer than 10 bytes [LIMIT_FIELD_VALUE Some(10) \"title\"]",
        ),
        (
            title().text("tags", "1").text("tags", "2").text("tags", "3"),
            413,
            "the form has more than 3 fields [LIMIT_FIELD_COUNT Some(3) \"tags\"]",
        ),
        (
            title().text("ninechars", "1"),
            413,
            "the name of a field is longer than 8 bytes [LIMIT_FIELD_KEY Some(8) \"\"]",
        ),
        (
            title().file("more", "a", &[b'a'; 300_000]).text("tags", &"a".repeat(700_000)),
            413,
            "the body is longer than 1000000 bytes",
        ),
    ] {
        let res = form.send(&client, "/form").await;
        assert_eq!(res.status(), status, "{}", res.text());
        res.assert_contains(text);
        until_empty(folder.path()).await;
    }
    let two = Form::default().file("more", "a", PNG).file("more", "b", PNG);
    two.send(&client, "/one").await.assert_status(413).assert_contains("more than 1 files");
}

#[tokio::test]
async fn a_body_whose_length_is_too_large_is_refused_before_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(Uploads::to(folder.path()).max_total_size(1000)).await;
    let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let head = "POST /keep HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 1001\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    socket.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn the_content_decides_whether_a_type_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let client = serve(Uploads::to(folder.path()).allow(["image/*", "application/pdf"])).await;
    let long_png = [PNG, &[0; 400_000]].concat();
    for (content, status) in [
        (PNG, 200),
        (&long_png, 200),
        (b"\xff\xd8\xff\xe0 jpeg", 200),
        (b"%PDF-1.7", 200),
        (b"<!DOCTYPE html><script>alert(1)</script>", 415),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
        (b"<?xml version='1.0'?><svg/>", 415),
        (b"#!/bin/sh", 415),
        (b"MZ\x90\0", 415),
        (b"just text", 415),
        (b"", 415),
        (&[b'a'; 400_000], 415),
    ] {
        // The client says that it is a picture.
        let res = Form::default().file("file", "a.png", content).send(&client, "/keep").await;
        assert_eq!(res.status(), status, "{:?}", String::from_utf8_lossy(&content[..content.len().min(20)]));
        if status == 415 {
            res.assert_text(
                "the content of a file of the form is none of image/*, application/pdf [CONTENT_TYPE None \"file\"]",
            );
        }
    }
    until(folder.path(), |names| names.len() == 4 && names.iter().all(|name| !name.starts_with('.'))).await;
}

#[tokio::test]
async fn a_filter_sees_the_start_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let uploads = Uploads::to(folder.path()).filter(|file| {
        assert!(file.bytes().len() <= 4 || file.bytes().len() >= 128 << 10);
        file.content_type().is_none() && file.is_text() && file.client_name().ends_with(".csv")
    });
    let client = serve(uploads).await;
    // The first write ends within a character.
    let long = format!("a{}", "\u{e9}".repeat(200_000));
    for (name, content, status) in [
        ("a.csv", &b"a,b\n"[..], 200),
        ("a.csv", long.as_bytes(), 200),
        ("a.txt", b"a,b\n", 415),
        ("a.csv", b"a\0b", 415),
        ("a.csv", b"\xff\xfe", 415),
    ] {
        let res = Form::default().file("file", name, content).send(&client, "/keep").await;
        assert_eq!(res.status(), status, "{name}: {}", res.text());
    }
}

#[tokio::test]
async fn a_file_input_without_a_file_is_no_file() {
    let (_folder, client) = folder().await;
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream";
    let res = Form::default().part(head, b"").send(&client, "/keep").await;
    res.assert_status(400).assert_contains("the field `file` has no file");
    let res = Form::default().part(head, PNG).send(&client, "/keep").await;
    assert!(res.assert_status(200).text().ends_with(".png"));
}

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
