//! Files that clients send, over sockets.
#![cfg(feature = "uploads")]

mod disk;
mod forms;
mod limits;
mod process;

use connect::testing::{Client, TestResponse};
use connect::{App, Chain, Error, Request, Response, Result, app, error_handler, post};
use connect_middleware::uploads::{UploadError, Uploads};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

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
