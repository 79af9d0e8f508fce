//! Files: one of them, and those of a folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use connect::{
    Dotfiles, Request, Response, Result, SendFile, app, error_handler, get, middleware, serve_static,
};
use connect::{Error, Next};
use tempfile::TempDir;

use crate::support::Server;

/// A folder `pub` with some files, and a secret beside it.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let public = dir.path().join("pub");
    fs::create_dir_all(public.join("sub")).unwrap();
    for (name, text) in [
        ("pub/hello.txt", "hello static\n"),
        ("pub/empty.txt", ""),
        ("pub/about.html", "<p>about</p>"),
        ("pub/.env", "KEY=secret"),
        ("pub/sub/index.html", "<p>sub</p>"),
        ("pub/100%.txt", "percent"),
        ("pub/a b.txt", "space"),
        ("secret.txt", "secret"),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

/// A text of which no two pieces of 7 bytes are the same.
fn long_text(length: usize) -> String {
    let mut text: String = (0..length / 7 + 1).map(|i| format!("{i:06} ")).collect();
    text.truncate(length);
    text
}

#[middleware]
async fn send(#[config] path: &PathBuf, req: &mut Request, res: &mut Response) -> Result {
    res.send_file(req, path).await
}

#[middleware]
fn next_layer(_req: &mut Request, res: &mut Response) -> Result {
    res.end("next layer")
}

#[tokio::test]
async fn a_file_is_sent_with_its_type_validators_and_length() {
    let dir = folder();
    let server = Server::start(app![serve_static(dir.path().join("pub"))]).await;
    let get = server.request("GET /hello.txt", &[]).await;
    assert_eq!(get.seen(), (200, "hello static\n"));
    let head = server.request("HEAD /hello.txt", &[]).await;
    assert_eq!(head.seen(), (200, ""));
    for (name, value) in [
        ("content-type", Some("text/plain; charset=utf-8")),
        ("content-length", Some("13")),
        ("accept-ranges", Some("bytes")),
        ("cache-control", Some("public, max-age=0")),
        ("etag", get.header("etag")),
        ("last-modified", get.header("last-modified")),
    ] {
        assert!(value.is_some(), "{name}");
        assert_eq!((get.header(name), head.header(name)), (value, value), "{name}");
    }
    assert!(get.header("etag").unwrap().starts_with("W/\"d-"));
    let empty = server.request("GET /empty.txt", &[]).await;
    assert_eq!((empty.seen(), empty.header("content-length")), ((200, ""), Some("0")));
    for (path, body) in
        [("/100%25.txt", "percent"), ("/a%20b.txt", "space"), ("/%68ello%2Etxt", "hello static\n")]
    {
        assert_eq!(server.request(&format!("GET {path}"), &[]).await.seen(), (200, body), "{path}");
    }
}

#[tokio::test]
async fn a_fresh_file_is_a_304_and_a_failed_precondition_a_412() {
    let dir = folder();
    let server = Server::start(app![serve_static(dir.path().join("pub"))]).await;
    let first = server.request("GET /hello.txt", &[]).await;
    let (etag, date) = (first.header("etag").unwrap(), first.header("last-modified").unwrap());
    for fresh in [format!("if-none-match: {etag}"), format!("if-modified-since: {date}")] {
        for method in ["GET", "HEAD"] {
            let response = server.request(&format!("{method} /hello.txt"), &[&fresh]).await;
            assert_eq!(response.seen(), (304, ""), "{fresh}");
            assert_eq!(response.header("etag"), Some(etag));
            assert_eq!((response.header("content-type"), response.header("content-length")), (None, None));
        }
    }
    for same in [format!("if-match: {etag}"), format!("if-unmodified-since: {date}")] {
        assert_eq!(server.request("GET /hello.txt", &[&same]).await.status, 200, "{same}");
    }
    for other in ["if-match: \"x\"", "if-unmodified-since: Sun, 06 Nov 1994 08:49:37 GMT"] {
        let response = server.request("GET /hello.txt", &[other]).await;
        assert_eq!((response.status, response.header("etag")), (412, None), "{other}");
    }
    // A change is another version, also of the same length.
    let path = dir.path().join("pub/hello.txt");
    fs::write(&path, "HELLO STATIC\n").unwrap();
    let later = SystemTime::now() + Duration::from_secs(2);
    File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    let stale = server.request("GET /hello.txt", &[&format!("if-none-match: {etag}")]).await;
    assert_eq!(stale.seen(), (200, "HELLO STATIC\n"));
}

#[tokio::test]
async fn a_single_range_of_a_file_is_sent() {
    let dir = folder();
    let text = long_text(300_000);
    fs::write(dir.path().join("pub/long.txt"), &text).unwrap();
    let server = Server::start(app![serve_static(dir.path().join("pub"))]).await;
    for (range, first, last) in [
        ("0-4", 0, 4),
        ("299990-", 299_990, 299_999),
        ("-10", 299_990, 299_999),
        ("-400000", 0, 299_999),
        ("1000-200999", 1000, 200_999),
        ("65535-131072", 65_535, 131_072),
    ] {
        let response = server.request("GET /long.txt", &[&format!("range: bytes={range}")]).await;
        assert_eq!(response.status, 206, "{range}");
        assert!(response.body == text[first..=last], "{range}");
        assert_eq!(response.header("content-range"), Some(&*format!("bytes {first}-{last}/300000")));
        assert_eq!(response.header("content-length"), Some(&*(last - first + 1).to_string()));
    }
    let beyond = server.request("GET /long.txt", &["range: bytes=300000-"]).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */300000")));
    assert_eq!((beyond.header("etag"), beyond.header("last-modified")), (None, None));
    for whole in ["bytes=x", "lines=1-2"] {
        let response = server.request("GET /long.txt", &[&format!("range: {whole}")]).await;
        assert_eq!((response.status, response.body.len()), (200, 300_000), "{whole}");
    }
    assert_eq!(
        server.request("HEAD /long.txt", &["range: bytes=0-4"]).await.header("content-length"),
        Some("300000")
    );
    // A part of another version is not sent.
    let date = server.request("HEAD /long.txt", &[]).await.header("last-modified").unwrap().to_owned();
    let current = server.request("GET /long.txt", &["range: bytes=0-4", &format!("if-range: {date}")]).await;
    assert_eq!(current.status, 206);
    let old = ["range: bytes=0-4", "if-range: Sun, 06 Nov 1994 08:49:37 GMT"];
    assert_eq!(server.request("GET /long.txt", &old).await.status, 200);

    let server = Server::start(app![serve_static(dir.path().join("pub")).accept_ranges(false)]).await;
    let response = server.request("GET /hello.txt", &["range: bytes=0-4"]).await;
    assert_eq!((response.seen(), response.header("accept-ranges")), ((200, "hello static\n"), None));
}

#[tokio::test]
async fn unsatisfiable_ranges_are_a_416_and_adjacent_ranges_are_merged() {
    let dir = folder();
    let server = Server::start(app![serve_static(dir.path().join("pub"))]).await;
    for none in ["bytes=-0", "bytes=13-,20-30", "bytes=50-60, -0"] {
        let response = server.request("GET /hello.txt", &[&format!("range: {none}")]).await;
        assert_eq!((response.status, response.header("content-range")), (416, Some("bytes */13")), "{none}");
    }
    for (several, content_range, body) in [
        ("bytes=0-1,2-4", "bytes 0-4/13", "hello"),
        ("bytes=3-4, 0-3", "bytes 0-4/13", "hello"),
        ("bytes=0-4,50-60,-0", "bytes 0-4/13", "hello"),
    ] {
        let response = server.request("GET /hello.txt", &[&format!("range: {several}")]).await;
        assert_eq!((response.seen(), response.header("content-range")), ((206, body), Some(content_range)));
    }
}

#[tokio::test]
async fn several_ranges_are_sent_as_multipart_up_to_a_limit() {
    let dir = folder();
    let text = long_text(300_000);
    fs::write(dir.path().join("pub/long.txt"), &text).unwrap();
    let server = Server::start(app![serve_static(dir.path().join("pub"))]).await;
    // Ranges of a streamed file, one of them longer than one read.
    let ranges = [(0, 4), (10, 99_999), (200_000, 299_999)];
    let header = ranges.map(|(first, last)| format!("{first}-{last}")).join(", ");
    let response = server.request("GET /long.txt", &[&format!("range: bytes={header}")]).await;
    assert_eq!((response.status, response.header("content-range")), (206, None));
    let content_type = response.header("content-type").unwrap();
    let boundary = content_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let mut expected = String::new();
    for (first, last) in ranges {
        expected += &format!(
            "\r\n--{boundary}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes {first}-{last}/300000\r\n\r\n"
        );
        expected += &text[first..=last];
    }
    expected += &format!("\r\n--{boundary}--\r\n");
    assert!(response.body == expected, "{}", response.body.len());
    assert_eq!(response.header("content-length").map(str::to_owned), Some(expected.len().to_string()));

    // Ranges of a file in one buffer, out of order.
    let response = server.request("GET /hello.txt", &["range: bytes=-3,0-1"]).await;
    assert_eq!(response.status, 206);
    assert!(response.body.contains("bytes 0-1/13\r\n\r\nhe\r\n"), "{}", response.body);
    assert!(response.body.contains("bytes 10-12/13\r\n\r\nic\n\r\n"), "{}", response.body);

    // Too many ranges: the whole file is sent.
    let many: Vec<String> = (0..1000).map(|i| format!("{0}-{0}", 2 * i)).collect();
    let response = server.request("GET /long.txt", &[&format!("range: bytes={}", many.join(","))]).await;
    assert_eq!((response.status, response.body.len()), (200, 300_000));
}

#[tokio::test]
async fn if_range_resumes_a_download_with_a_strong_etag() {
    let dir = folder();
    let path = dir.path().join("pub/hello.txt");
    let server = Server::start(app![serve_static(dir.path().join("pub"))]).await;
    let set_age = |seconds| {
        let modified = SystemTime::now() - Duration::from_secs(seconds);
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    };
    let resume = async |etag: &str| {
        let headers = ["range: bytes=6-".to_owned(), format!("if-range: {etag}")];
        server.request("GET /hello.txt", &[&headers[0], &headers[1]]).await
    };
    set_age(60);
    let etag = server.request("GET /hello.txt", &[]).await.header("etag").unwrap().to_owned();
    assert!(etag.starts_with("\"d-"), "{etag}");
    assert_eq!(resume(&etag).await.seen(), (206, "static\n"));
    assert_eq!(resume(&format!("W/{etag}")).await.status, 200);
    // Another version.
    set_age(50);
    assert_eq!(resume(&etag).await.seen(), (200, "hello static\n"));
    // The file may change again within the same modification time.
    set_age(0);
    let etag = server.request("GET /hello.txt", &[]).await.header("etag").unwrap().to_owned();
    assert!(etag.starts_with("W/\"d-"), "{etag}");
    assert_eq!(resume(&etag).await.status, 200);
}

#[tokio::test]
async fn no_encoding_of_a_path_escapes_the_folder() {
    let dir = folder();
    let public = dir.path().join("pub");
    let open = Server::start(app![serve_static(&public).dotfiles(Dotfiles::Allow), next_layer]).await;
    let closed =
        Server::start(app![serve_static(&public).dotfiles(Dotfiles::Allow).fallthrough(false)]).await;
    for (path, status) in [
        ("/../secret.txt", 403),
        ("/%2e%2e/secret.txt", 403),
        ("/%2E%2E%2Fsecret.txt", 403),
        ("/..%2fsecret.txt", 403),
        ("/sub/../../secret.txt", 403),
        ("/sub%2f..%2f..%2fsecret.txt", 403),
        ("/./%2e./secret.txt", 403),
        ("/..%5csecret.txt", 403),
        ("/..\\secret.txt", 403),
        ("//../secret.txt", 403),
        // Encoded twice it is a name, and there is no such file.
        ("/%252e%252e/secret.txt", 404),
        ("/%252e%252e%252fsecret.txt", 404),
        ("/hello.txt%00.html", 400),
        ("/%00", 400),
        ("/%zz", 400),
        ("/%", 400),
        ("/%ff%fe", 400),
        ("/%c0%ae%c0%ae/secret.txt", 400),
        ("/hello.txt/", 404),
        ("/hello.txt/x", 404),
        // Inside the folder, but in a spelling that the layers above do not match.
        ("/sub/../hello.txt", 403),
        ("//hello.txt", 404),
        ("/./hello.txt", 404),
        ("/sub//index.html", 404),
        ("/sub/./index.html", 404),
        ("/sub%2Findex.html", 404),
        ("/sub//", 404),
    ] {
        assert_eq!(closed.request(&format!("GET {path}"), &[]).await.status, status, "{path}");
        assert_eq!(open.request(&format!("GET {path}"), &[]).await.seen(), (200, "next layer"), "{path}");
    }
    let absolute = dir.path().join("secret.txt");
    let absolute = absolute.to_str().unwrap();
    for path in [format!("/{absolute}"), absolute.replace('/', "%2f"), format!("/{}", "a".repeat(5000))] {
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        assert_eq!(closed.request(&format!("GET {path}"), &[]).await.status, 404, "{path}");
    }
    assert_eq!(closed.request("GET /.env", &[]).await.seen(), (200, "KEY=secret"));
}

#[cfg(unix)]
#[tokio::test]
async fn symlinks_are_followed_and_special_files_are_not_found() {
    let dir = folder();
    let public = dir.path().join("pub");
    std::os::unix::fs::symlink(dir.path().join("secret.txt"), public.join("link.txt")).unwrap();
    std::os::unix::fs::symlink("nowhere", public.join("dangling.txt")).unwrap();
    std::os::unix::fs::symlink("loop.txt", public.join("loop.txt")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(public.join("pipe.txt")).status();
    assert!(made.expect("mkfifo is there").success());
    let server = Server::start(app![serve_static(&public).fallthrough(false)]).await;
    // Documented at `serve_static`, and as in Express: write access to the folder decides.
    assert_eq!(server.request("GET /link.txt", &[]).await.seen(), (200, "secret"));
    assert_eq!(server.request("GET /dangling.txt", &[]).await.status, 404);
    // A fault of the server, not of the client.
    assert_eq!(server.request("GET /loop.txt", &[]).await.status, 500);
    // Opening it would block.
    assert_eq!(server.request("GET /pipe.txt", &[]).await.status, 404);
}

#[tokio::test]
async fn a_folder_serves_its_index_and_redirects_to_its_slash() {
    let dir = folder();
    let public = dir.path().join("pub");
    let app =
        app!["/assets" => serve_static(&public), serve_static(&public).index(["none.html", "hello.txt"])];
    let server = Server::start(app).await;
    assert_eq!(server.request("GET /assets/sub/", &[]).await.seen(), (200, "<p>sub</p>"));
    assert_eq!(server.request("GET /", &[]).await.seen(), (200, "hello static\n"));
    for (path, location) in [
        ("/sub", "/sub/"),
        ("/sub?a=b&c={d}", "/sub/?a=b&c=%7Bd%7D"),
        ("/assets", "/assets/"),
        ("/assets/sub", "/assets/sub/"),
    ] {
        let response = server.request(&format!("GET {path}"), &[]).await;
        assert_eq!((response.status, response.header("location")), (301, Some(location)), "{path}");
    }
    // The client has sent the slash, and a layer has removed it.
    #[middleware]
    fn rewrite(req: &mut connect::Rewrite, _res: &mut Response, next: Next) -> Result {
        req.set_url("/sub")?;
        next.pass()
    }
    let server = Server::start(app![rewrite, serve_static(&public)]).await;
    assert_eq!(server.request("GET /x", &[]).await.header("location"), Some("/x/"));
    // Browsers read two slashes, or a slash and a backslash, as the start of another host.
    for path in ["//example.com/x", "/\\example.com/x"] {
        assert_eq!(
            server.request(&format!("GET {path}"), &[]).await.header("location"),
            Some("/example.com/x/")
        );
    }
    assert_eq!(server.request("GET /x/", &[]).await.status, 404);

    let off = Server::start(app![serve_static(&public).redirect(false).index([""; 0])]).await;
    assert_eq!(off.request("GET /sub", &[]).await.status, 404);
    assert_eq!(off.request("GET /sub/", &[]).await.status, 404);
}

#[tokio::test]
async fn serve_static_applies_its_options() {
    let dir = folder();
    let public = dir.path().join("pub");
    let files = serve_static(&public)
        .max_age(Duration::from_secs(3600))
        .immutable(true)
        .etag(false)
        .last_modified(false)
        .extensions(["txt", "html"])
        .set_headers(|res, path, metadata| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            res.set("x-file", format!("{name} {}", metadata.len()));
        });
    assert!(app![files.clone()].to_string().starts_with("serve_static("));
    let server = Server::start(app![files]).await;
    let response = server.request("GET /about", &["if-none-match: *"]).await;
    assert_eq!(response.seen(), (304, ""));
    let response = server.request("GET /about", &[]).await;
    assert_eq!(response.seen(), (200, "<p>about</p>"));
    assert_eq!(response.header("cache-control"), Some("public, max-age=3600, immutable"));
    assert_eq!(response.header("x-file"), Some("about.html 12"));
    assert_eq!((response.header("etag"), response.header("last-modified")), (None, None));
    assert_eq!(server.request("GET /.env", &[]).await.status, 404);
    // A cache would give it to others.
    let none = server.request("GET /about", &["range: bytes=50-"]).await;
    assert_eq!((none.status, none.header("cache-control")), (416, None));

    let own = serve_static(&public).cache_control(false).set_headers(|res, _, _| {
        res.set("content-type", "text/x-own").set("etag", "\"own\"");
    });
    let server = Server::start(app![own]).await;
    let response = server.request("GET /hello.txt", &[]).await;
    assert_eq!(
        (response.header("content-type"), response.header("etag")),
        (Some("text/x-own"), Some("\"own\""))
    );
    assert_eq!(response.header("cache-control"), None);
    assert_eq!(server.request("GET /hello.txt", &["if-none-match: \"own\""]).await.status, 304);
}

#[tokio::test]
async fn send_file_and_download_send_single_files() {
    let dir = folder();
    let public = dir.path().join("pub");
    #[get("/file/*name")]
    async fn file(
        #[config] public: &PathBuf,
        name: Vec<String>,
        req: &Request,
        res: &mut Response,
    ) -> Result {
        res.send_file(req, SendFile::within(public, &name.join("/"))).await
    }
    #[get("/save/:name")]
    async fn save(#[config] public: PathBuf, name: &str, req: &Request, res: &mut Response) -> Result {
        res.download(req, SendFile::within(public, name)).await
    }
    #[get("/other")]
    async fn other(#[config] public: PathBuf, req: &Request, res: &mut Response) -> Result {
        res.attachment("July.csv").send_file(req, public.join("hello.txt")).await
    }
    #[get("/lost")]
    async fn lost(#[config] public: PathBuf, req: &Request, res: &mut Response) -> Result {
        res.status(404).send_file(req, public.join("about.html")).await
    }
    #[error_handler]
    fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        res.status(err.status()).send(err.public_message())
    }
    let app = app![file(public.clone()), save(public.clone()), other(public.clone()), lost(public), on_error];
    let server = Server::start(app).await;
    assert_eq!(server.request("GET /file/sub/index.html", &[]).await.seen(), (200, "<p>sub</p>"));
    assert_eq!(
        server.request("GET /file/%2e%2e/secret.txt", &[]).await.seen(),
        (403, "this path is forbidden")
    );
    assert_eq!(server.request("GET /file/sub", &[]).await.seen(), (404, "there is no such file"));
    assert_eq!(server.request("GET /file/.env", &[]).await.status, 404);

    let saved = server.request("GET /save/hello.txt", &["range: bytes=0-4"]).await;
    assert_eq!(saved.seen(), (206, "hello"));
    assert_eq!(saved.header("content-disposition"), Some("attachment; filename=\"hello.txt\""));
    let missing = server.request("GET /save/nothing.pdf", &[]).await;
    assert_eq!(missing.seen(), (404, "there is no such file"));
    assert_eq!(missing.header("content-disposition"), None);
    assert_eq!(missing.header("content-type"), Some("text/html; charset=utf-8"));

    let other = server.request("GET /other", &[]).await;
    assert_eq!(other.header("content-disposition"), Some("attachment; filename=\"July.csv\""));
    assert_eq!(other.header("content-type"), Some("text/csv; charset=utf-8"));
    // With an explicit status there is no range and no 304.
    let lost = server.request("GET /lost", &["range: bytes=0-1", "if-none-match: *"]).await;
    assert_eq!(lost.seen(), (404, "<p>about</p>"));
}

#[tokio::test]
async fn a_file_modified_before_1970_has_no_last_modified() {
    let dir = folder();
    let path = dir.path().join("pub/hello.txt");
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1000);
    File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    let response = Server::start(app![send(path)]).await.request("GET /", &[]).await;
    assert_eq!((response.seen(), response.header("last-modified")), ((200, "hello static\n"), None));
    assert!(response.header("etag").is_some());
}
