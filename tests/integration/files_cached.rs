//! Files in memory, which follow the disk; and names that never change.

use std::fs::{self, File};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect::{app, serve_static};

use crate::support::Server;

/// Waits until files that were written before are old enough to be kept: a file system's clock is all that tells their
/// versions apart, and it has to pass.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(3200)).await;
}

#[tokio::test]
async fn a_file_in_memory_follows_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.txt");
    fs::write(&path, "first").unwrap();
    let server = Server::start(app![serve_static(dir.path()).cache(1 << 20).precompressed()]).await;
    settle().await;
    let sees = async |text: &str| {
        let response = server.request("GET /a.txt", &[]).await;
        assert_eq!(response.seen(), (200, text));
        response.header("etag").unwrap().to_owned()
    };
    let first = sees("first").await;
    assert_eq!(sees("first").await, first);
    let fresh = server.request("GET /a.txt", &[&format!("if-none-match: {first}")]).await;
    assert_eq!(fresh.status, 304);
    // Written in place, with the same length and the same modification time.
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "other").unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    #[cfg(unix)]
    assert_ne!(sees("other").await, first);
    // Replaced by another file, as deployments do, also by an older one.
    let next = dir.path().join("next");
    fs::write(&next, "third").unwrap();
    File::options().write(true).open(&next).unwrap().set_modified(modified).unwrap();
    fs::rename(&next, &path).unwrap();
    #[cfg(unix)]
    sees("third").await;
    // What is the same again has the same tag: a rollback is no new version.
    fs::write(&path, "first").unwrap();
    assert_eq!(sees("first").await, first);
    fs::remove_file(&path).unwrap();
    assert_eq!(server.request("GET /a.txt", &[]).await.status, 404);
    fs::create_dir(&path).unwrap();
    assert_eq!(server.request("GET /a.txt", &[]).await.status, 301);
}

#[tokio::test]
async fn sidecars_of_a_file_in_memory_follow_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.js"), "original").unwrap();
    let server = Server::start(app![serve_static(dir.path()).precompressed().cache(1 << 20)]).await;
    settle().await;
    let sees = async |text: &str| {
        for _ in 0..2 {
            let response = server.request("GET /a.js", &["accept-encoding: gzip, br"]).await;
            assert_eq!(response.seen(), (200, text));
        }
    };
    sees("original").await;
    fs::write(dir.path().join("a.js.gz"), "<gzip>").unwrap();
    sees("<gzip>").await;
    fs::write(dir.path().join("a.js.br"), "<brotli>").unwrap();
    settle().await;
    sees("<brotli>").await;
    fs::remove_file(dir.path().join("a.js.br")).unwrap();
    sees("<gzip>").await;
    let tag = |response: &crate::support::RawResponse| response.header("etag").unwrap().to_owned();
    let coded = server.request("GET /a.js", &["accept-encoding: gzip"]).await;
    let plain = server.request("GET /a.js", &[]).await;
    assert_ne!(tag(&coded), tag(&plain));
    fs::remove_file(dir.path().join("a.js")).unwrap();
    assert_eq!(server.request("GET /a.js", &["accept-encoding: gzip"]).await.status, 404);
}

#[tokio::test]
async fn conditions_and_ranges_hold_for_a_file_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let text: String = (0..20_000).map(|n| format!("{n:06} ")).collect();
    fs::write(dir.path().join("long.txt"), &text).unwrap();
    let server = Server::start(app![serve_static(dir.path()).cache(8 << 20)]).await;
    settle().await;
    let whole = server.request("GET /long.txt", &[]).await;
    assert!(whole.body == text);
    let tag = whole.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    let head = server.request("HEAD /long.txt", &[]).await;
    assert_eq!((head.seen(), head.header("content-length")), ((200, ""), Some("140000")));
    let part =
        server.request("GET /long.txt", &["range: bytes=70000-70006", &format!("if-range: {tag}")]).await;
    assert_eq!(part.seen(), (206, "010000 "));
    let several = server.request("GET /long.txt", &["range: bytes=0-5,-7"]).await;
    assert_eq!(several.status, 206);
    assert_eq!(several.header("content-length"), Some(&*several.body.len().to_string()));
    assert!(several.body.contains("\r\n\r\n000000\r\n") && several.body.contains("\r\n\r\n019999 \r\n"));
    assert_eq!(server.request("GET /long.txt", &["range: bytes=140000-"]).await.status, 416);
    assert_eq!(server.request("GET /long.txt", &["if-match: \"x\""]).await.status, 412);
    assert_eq!(server.request("GET /long.txt", &["if-none-match: \"x\""]).await.status, 200);
}

#[tokio::test]
async fn a_file_longer_than_the_cache_takes_is_read_from_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("long.txt"), "x".repeat(129)).unwrap();
    let server = Server::start(app![serve_static(dir.path()).cache(8 * 128)]).await;
    let response = server.request("GET /long.txt", &[]).await;
    assert_eq!((response.status, response.body.len()), (200, 129));
    assert!(response.header("etag").unwrap().starts_with("W/\"81-"), "{:?}", response.header("etag"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_replaced_all_the_time_is_never_torn() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.txt");
    let version = |n: u64| format!("{n:07} ").repeat(2000);
    fs::write(&path, version(0)).unwrap();
    let server = Server::start(app![serve_static(dir.path()).cache(1 << 20)]).await;
    settle().await;
    let (stop, folder) = (Arc::new(AtomicBool::new(false)), dir.path().to_owned());
    let stopped = Arc::clone(&stop);
    let latest = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let written = Arc::clone(&latest);
    let writer = std::thread::spawn(move || {
        let next = folder.join("next");
        for n in 1.. {
            if stopped.load(Ordering::SeqCst) {
                return;
            }
            fs::write(&next, version(n)).unwrap();
            fs::rename(&next, folder.join("a.txt")).unwrap();
            written.store(n, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    for _ in 0..400 {
        let before = latest.load(Ordering::SeqCst);
        let response = server.request("GET /a.txt", &[]).await;
        let number: u64 = response.body[..7].parse().unwrap();
        assert!(response.body == version(number), "a torn file");
        assert!(number >= before, "version {number} after {before}");
    }
    stop.store(true, Ordering::SeqCst);
    writer.join().unwrap();
    assert!(latest.load(Ordering::SeqCst) > 3);
}

#[tokio::test]
async fn a_hashed_name_is_immutable_and_others_are_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["app.3f9a1c2b.js", "index.html", "v1-logo.svg"] {
        fs::write(dir.path().join(name), name).unwrap();
    }
    let hashed = serve_static(dir.path()).immutable_hashed().max_age(Duration::from_secs(60));
    let server = Server::start(app![hashed]).await;
    let forever = Some("public, max-age=31536000, immutable");
    let tag = server.request("GET /app.3f9a1c2b.js", &[]).await.header("etag").unwrap().to_owned();
    for (path, headers, value) in [
        ("/app.3f9a1c2b.js", &[][..], forever),
        ("/app.3f9a1c2b.js", &[&*format!("if-none-match: {tag}")], forever),
        ("/index.html", &[], Some("public, max-age=60")),
        ("/", &[], Some("public, max-age=60")),
    ] {
        let response = server.request(&format!("GET {path}"), headers).await;
        assert_eq!(response.header("cache-control"), value, "{path}");
    }
    let by_name = serve_static(dir.path()).immutable_if(|name| name.starts_with("v1-"));
    let server = Server::start(app![by_name]).await;
    assert_eq!(server.request("GET /v1-logo.svg", &[]).await.header("cache-control"), forever);
    let other = server.request("GET /app.3f9a1c2b.js", &[]).await;
    assert_eq!(other.header("cache-control"), Some("public, max-age=0"));
    // A name that never changes is not the name of a missing file.
    assert_eq!(server.request("GET /gone.3f9a1c2b.js", &[]).await.header("cache-control"), None);
}
