//! Files that were compressed beforehand.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use connect::{Response, app, serve_static};
use tempfile::TempDir;

use crate::support::{RawResponse, Server};

const SCRIPT: &str = "console.log('the original')\n";
/// What stands for the same script in a coding: text, so that the test's client can show it.
const CODED: [(&str, &str, &str); 3] =
    [("br", "br", "<brotli of it>"), ("zst", "zstd", "<zstandard>"), ("gz", "gzip", "<gzip of the script>")];

fn set_modified(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Long ago, so that tags are strong.
fn long_ago() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// A file of this age, beside `app.js`.
fn put(dir: &TempDir, name: &str, text: &str, time: SystemTime) {
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    set_modified(&path, time);
}

fn folder(extensions: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    put(&dir, "app.js", SCRIPT, long_ago());
    for (extension, _, text) in CODED.iter().filter(|(extension, ..)| extensions.contains(extension)) {
        put(&dir, &format!("app.js.{extension}"), text, long_ago());
    }
    dir
}

async fn serve(dir: &TempDir) -> Server {
    Server::start(app![serve_static(dir.path()).precompressed()]).await
}

async fn accepting(server: &Server, accepted: &str, more: &[&str]) -> RawResponse {
    let accepted = format!("accept-encoding: {accepted}");
    let headers: Vec<&str> = [&*accepted].into_iter().chain(more.iter().copied()).collect();
    server.request("GET /app.js", &headers).await
}

#[tokio::test]
async fn the_preferred_sidecar_is_sent_with_the_headers_of_the_original() {
    let dir = folder(&["br", "zst", "gz"]);
    let server = serve(&dir).await;
    for (accepted, coding, text) in [
        ("gzip, deflate, br, zstd", Some("br"), CODED[0].2),
        ("gzip, zstd", Some("zstd"), CODED[1].2),
        ("gzip", Some("gzip"), CODED[2].2),
        ("br;q=0.1, gzip;q=0.2", Some("gzip"), CODED[2].2),
        ("br;q=0, gzip;q=0", None, SCRIPT),
        ("identity, gzip;q=0.5", None, SCRIPT),
        ("deflate", None, SCRIPT),
        ("", None, SCRIPT),
    ] {
        let response = accepting(&server, accepted, &[]).await;
        assert_eq!(response.seen(), (200, text), "{accepted}");
        for (name, value) in [
            ("content-encoding", coding),
            ("content-type", Some("text/javascript; charset=utf-8")),
            ("content-length", Some(&*text.len().to_string())),
            ("vary", Some("Accept-Encoding")),
            ("accept-ranges", Some("bytes")),
        ] {
            assert_eq!(response.header(name), value, "{name} for {accepted}");
        }
        let accepted = format!("accept-encoding: {accepted}");
        let head = server.request("HEAD /app.js", &[&accepted]).await;
        for name in ["content-encoding", "content-length", "content-type", "etag", "vary"] {
            assert_eq!(head.header(name), response.header(name), "{name} for {accepted}");
        }
        assert_eq!(head.seen(), (200, ""));
    }
}

#[tokio::test]
async fn each_representation_has_a_strong_tag_of_its_own() {
    let dir = folder(&["br", "gz"]);
    // The same length and time as the original: the tag still differs.
    put(&dir, "app.js.zst", &"z".repeat(SCRIPT.len()), long_ago());
    let server = serve(&dir).await;
    let mut tags = Vec::new();
    for accepted in ["br", "zstd", "gzip", "identity"] {
        let response = accepting(&server, accepted, &[]).await;
        let tag = response.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"'), "{tag}");
        let fresh = accepting(&server, accepted, &[&format!("if-none-match: {tag}")]).await;
        assert_eq!(fresh.seen(), (304, ""));
        assert_eq!((fresh.header("etag"), fresh.header("vary")), (Some(&*tag), Some("Accept-Encoding")));
        assert_eq!(fresh.header("content-encoding"), None);
        let held = accepting(&server, accepted, &[&format!("if-match: {tag}")]).await;
        assert_eq!(held.status, 200);
        tags.push(tag);
    }
    for (place, tag) in tags.iter().enumerate() {
        assert!(!tags[..place].contains(tag), "{tags:?}");
        // A copy in another coding is not fresh.
        let other = ["br", "zstd", "gzip", "identity"][(place + 1) % 4];
        let stale = accepting(&server, other, &[&format!("if-none-match: {tag}")]).await;
        assert_eq!(stale.status, 200, "{tag} for {other}");
    }
}

#[tokio::test]
async fn ranges_are_of_the_representation_that_the_tag_names() {
    let dir = folder(&["br", "gz"]);
    let server = serve(&dir).await;
    let whole = accepting(&server, "gzip", &[]).await;
    let tag = whole.header("etag").unwrap();
    let part = accepting(&server, "gzip", &["range: bytes=1-4", &format!("if-range: {tag}")]).await;
    assert_eq!(part.seen(), (206, "gzip"));
    assert_eq!(part.header("content-range"), Some(&*format!("bytes 1-4/{}", CODED[2].2.len())));
    assert_eq!(
        (part.header("content-encoding"), part.header("vary")),
        (Some("gzip"), Some("Accept-Encoding"))
    );
    assert_eq!(part.header("etag"), Some(tag));
    let several = accepting(&server, "gzip", &["range: bytes=1-4,9-10"]).await;
    assert_eq!((several.status, several.header("content-encoding")), (206, Some("gzip")));
    assert!(several.body.contains("\r\n\r\ngzip\r\n"), "{}", several.body);
    // The tag of another representation, or a date, which may be that of several, gets the whole.
    let date = whole.header("last-modified").unwrap();
    for (accepted, condition, text) in
        [("br", tag, CODED[0].2), ("identity", tag, SCRIPT), ("gzip", date, CODED[2].2)]
    {
        let response =
            accepting(&server, accepted, &["range: bytes=1-4", &format!("if-range: {condition}")]).await;
        assert_eq!(response.seen(), (200, text), "{condition}");
    }
    let beyond = accepting(&server, "gzip", &["range: bytes=999-"]).await;
    assert_eq!((beyond.status, beyond.header("content-encoding"), beyond.header("etag")), (416, None, None));
    assert_eq!(beyond.header("content-range"), Some(&*format!("bytes */{}", CODED[2].2.len())));
}

#[tokio::test]
async fn a_sidecar_never_hides_the_original() {
    let dir = folder(&["br"]);
    let server = serve(&dir).await;
    let sidecar = dir.path().join("app.js.br");
    let sees = async |text: &str, why: &str| {
        assert_eq!(accepting(&server, "br", &[]).await.seen(), (200, text), "{why}");
    };
    sees(CODED[0].2, "a current sidecar").await;
    set_modified(&sidecar, long_ago() - Duration::from_secs(1));
    sees(SCRIPT, "an older one").await;
    fs::write(&sidecar, "").unwrap();
    sees(SCRIPT, "an empty one").await;
    fs::remove_file(&sidecar).unwrap();
    sees(SCRIPT, "none").await;
    fs::create_dir(&sidecar).unwrap();
    sees(SCRIPT, "a folder of its name").await;
    fs::remove_dir(&sidecar).unwrap();
    put(&dir, "app.js.br", CODED[0].2, long_ago());
    sees(CODED[0].2, "a new one").await;
    // A newer original, and then none.
    fs::write(dir.path().join("app.js"), "changed").unwrap();
    sees("changed", "an original that changed").await;
    fs::remove_file(dir.path().join("app.js")).unwrap();
    assert_eq!(accepting(&server, "br", &[]).await.status, 404);
}

#[tokio::test]
async fn a_sidecar_is_a_plain_file_under_its_own_name() {
    let dir = folder(&["gz"]);
    put(&dir, "app.js.gz.br", "<not of app.js>", long_ago());
    let server = serve(&dir).await;
    let direct = server.request("GET /app.js.gz", &["accept-encoding: br, gzip"]).await;
    assert_eq!(direct.seen(), (200, CODED[2].2));
    assert_eq!((direct.header("content-encoding"), direct.header("vary")), (None, None));
    assert_ne!(direct.header("content-type"), Some("text/javascript; charset=utf-8"));
}

#[tokio::test]
async fn without_the_option_sidecars_are_not_looked_for() {
    let dir = folder(&["br", "gz"]);
    let server = Server::start(app![serve_static(dir.path())]).await;
    let response = accepting(&server, "br, gzip", &[]).await;
    assert_eq!((response.seen(), response.header("vary")), ((200, SCRIPT), None));
}

#[tokio::test]
async fn an_index_has_sidecars_and_vary_keeps_what_others_set() {
    let dir = folder(&[]);
    put(&dir, "index.html", "<p>", long_ago());
    put(&dir, "index.html.br", "<brotli>", long_ago());
    let files = serve_static(dir.path()).precompressed();
    let files = files.set_headers(|res: &mut Response, path, _| {
        assert!(path.extension().is_some_and(|extension| extension == "html"));
        res.set("vary", "Origin");
    });
    let server = Server::start(app![files]).await;
    let response = server.request("GET /", &["accept-encoding: br"]).await;
    assert_eq!(response.seen(), (200, "<brotli>"));
    assert_eq!(response.header("vary"), Some("Origin, Accept-Encoding"));
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
}

/// What should be sent, in the plainest words: of the codings with a sidecar and the highest quality the first, unless the
/// client likes the original better.
fn expected(accepted: &[(&str, u32)], sidecars: &[&str]) -> Option<&'static str> {
    let named = |name: &str| accepted.iter().filter(|(n, _)| *n == name).map(|(_, quality)| *quality).max();
    let quality = |name: &str| named(name).or(named("*")).unwrap_or(0);
    let mut best: Option<(&'static str, u32)> = None;
    for (extension, name, _) in CODED {
        let quality = quality(name);
        if sidecars.contains(&extension) && quality > 0 && best.is_none_or(|(_, other)| quality > other) {
            best = Some((name, quality));
        }
    }
    best.filter(|(_, best)| *best >= quality("identity")).map(|(name, _)| name)
}

#[tokio::test]
async fn selection_agrees_with_a_naive_model() {
    let mut state = 11_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut coded = 0;
    for subset in 0..8 {
        let sidecars: Vec<&str> =
            CODED.iter().enumerate().filter(|(bit, _)| subset >> bit & 1 == 1).map(|(_, c)| c.0).collect();
        let dir = folder(&sidecars);
        let (server, cached) = (
            serve(&dir).await,
            Server::start(app![serve_static(dir.path()).precompressed().cache(1 << 20)]).await,
        );
        for _ in 0..60 {
            let names = ["br", "zstd", "gzip", "identity", "*", "deflate"];
            let accepted: Vec<(&str, u32)> =
                (0..random(5)).map(|_| (names[random(names.len())], random(11) as u32)).collect();
            let text: Vec<String> = accepted
                .iter()
                .map(|(name, quality)| match quality {
                    10 => (*name).to_owned(),
                    _ => format!("{name};q=0.{quality}"),
                })
                .collect();
            let text = text.join(", ");
            let wanted = expected(&accepted, &sidecars);
            coded += usize::from(wanted.is_some());
            for server in [&server, &cached] {
                let response = accepting(server, &text, &[]).await;
                let body = CODED.iter().find(|coded| Some(coded.1) == wanted).map_or(SCRIPT, |coded| coded.2);
                assert_eq!(response.header("content-encoding"), wanted, "{text} with {sidecars:?}");
                assert_eq!(response.seen(), (200, body), "{text} with {sidecars:?}");
            }
        }
    }
    assert!(coded > 100, "{coded}");
}
