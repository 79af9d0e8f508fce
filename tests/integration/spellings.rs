//! One path in many encodings: a request that reaches a resource passes the guards on it.

use std::fs;
use std::path::Path;

use connect::{Next, Request, Response, Result, app, get, guard, middleware, router, serve_static};
use tempfile::TempDir;

use crate::support::{Server, call};

#[middleware]
fn deny(res: &mut Response) -> Result {
    res.send_status(403)
}

/// Appends its name to a header of the response.
#[middleware]
fn seen(#[config] name: &str, res: &mut Response, next: Next) -> Result {
    res.append("x-seen", name);
    next.pass()
}

fn folder(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for name in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, name).unwrap();
    }
    dir
}

#[tokio::test]
async fn a_guard_on_a_folder_sees_every_request_for_a_file_in_it() {
    let dir = folder(&["private/secret.txt", "x/open.txt"]);
    let server = Server::start(app!["/private" => deny, serve_static(dir.path())]).await;
    for (path, status) in [
        ("/private/secret.txt", 403),
        ("/PRIVATE/secret.txt", 403),
        ("/%70rivate/secret.txt", 403),
        ("/%70%72%69%76%61%74%65/secret.txt", 403),
        ("/priv%61te/secret%2Etxt", 403),
        ("//private/secret.txt", 404),
        ("/private%2Fsecret.txt", 404),
        ("/private%2fsecret.txt", 404),
        ("/./private/secret.txt", 404),
        ("/%2e/private/secret.txt", 404),
        ("/x/../private/secret.txt", 404),
        ("/x/%2e%2E/private/secret.txt", 404),
        ("/private%5Csecret.txt", 404),
        ("/x%2F..%2Fprivate/secret.txt", 404),
        ("/%2570rivate/secret.txt", 404),
        ("/x/open.txt", 200),
        ("/%78/open%2Etxt", 200),
    ] {
        assert_eq!(server.request(&format!("GET {path}"), &[]).await.status, status, "{path}");
    }
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// A name, with some of its bytes percent-encoded and, if it may, some in the other case.
    fn spelled(&mut self, name: &str, any_case: bool) -> String {
        let mut spelled = String::new();
        for byte in name.bytes() {
            let must = !byte.is_ascii() || byte == b' ';
            match self.below(12) {
                0 => spelled += &format!("%{byte:02X}"),
                1 => spelled += &format!("%{byte:02x}"),
                2 if any_case && !must => spelled.push(char::from(byte.to_ascii_uppercase())),
                _ if must => spelled += &format!("%{byte:02x}"),
                _ => spelled.push(char::from(byte)),
            }
        }
        spelled
    }

    fn path(&mut self, segments: &[&str]) -> String {
        let (begin, between): (&[_], &[_]) = match self.below(2) {
            0 => (&["/"], &["/"]),
            _ => (
                &["/", "/", "//", "/./", "/x/../", "/%2e%2e/", "/%2F"],
                &["/", "/", "/", "//", "/./", "/%2e/", "/x/../", "%2F", "%2f", "\\", "%5C"],
            ),
        };
        let any_case = self.below(4) == 0;
        let mut path = self.of(begin).to_owned();
        for (i, segment) in segments.iter().enumerate() {
            if i > 0 {
                path += self.of(between);
            }
            path += &self.spelled(segment, any_case);
        }
        path + self.of(&["", "", "", "/", "%2F", "?%70=/x"])
    }
}

#[tokio::test]
async fn every_encoding_that_reaches_a_file_also_reaches_its_guards() {
    let files = [
        "private/secret.txt",
        "private/deep/~a_b-c.txt",
        "a b/caf\u{e9}/file.txt",
        "x/open.txt",
        "private2/f",
    ];
    let dir = folder(&files);
    let app = app![
        "/private" => seen("private"),
        "/private/deep" => seen("deep"),
        "/private/deep/~a_b-c.txt" => seen("file"),
        "/a%20b" => [seen("space"), "/caf%C3%A9" => seen("accent")],
        "/:folder/secret.txt" => seen("secret"),
        "/x" => router![seen("x"), "/open.txt" => seen("open")],
        "/private2/f" => seen("f"),
        serve_static(dir.path())
    ];
    let server = Server::start(app).await;
    let mut client = server.connect().await;
    let guards = ["private, secret", "private, deep, file", "space, accent", "x, open", "f"];
    let mut random = Random(16);
    let (mut found, mut unusual) = ([0; 5], 0);
    for _ in 0..6000 {
        let which = random.below(files.len());
        let segments: Vec<&str> = files[which].split('/').collect();
        let path = random.path(&segments);
        client.write(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        let response = client.response().await.expect("a response");
        if response.status != 200 {
            assert_eq!(response.status, 404, "{path}");
            continue;
        }
        assert_eq!(response.body, files[which], "{path}");
        let seen: Vec<&str> =
            response.headers.iter().filter(|(name, _)| name == "x-seen").map(|(_, value)| &**value).collect();
        assert_eq!(seen.join(", "), guards[which], "{path}");
        found[which] += 1;
        unusual += usize::from(path.contains('%'));
    }
    assert!(found.iter().all(|count| *count > 50) && unusual > 300, "{found:?} {unusual}");
}

#[tokio::test]
async fn routes_and_their_guards_match_the_normalized_path() {
    #[get("/admin/:name")]
    fn show(name: &str) -> String {
        name.to_owned()
    }
    let app = app![guard![seen("guard") => show]];
    for (path, body) in [
        ("/admin/a", "a"),
        ("/%61dmin/%61", "a"),
        ("/admin/%2541", "%41"),
        ("/admin/a%2Fb", "a/b"),
        ("/ADMI%4E/%7E", "~"),
    ] {
        let response = call(&app, path).await;
        assert_eq!((response.seen(), response.header("x-seen")), ((200, body), Some("guard")), "{path}");
    }
    for path in ["//admin/a", "/x/../admin/a", "/admin%2Fa", "/./admin/a", "/%2561dmin/a"] {
        assert_eq!(call(&app, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_url_is_normalized_and_the_original_uri_is_unchanged() {
    #[middleware]
    fn show(req: &mut Request, res: &mut Response) -> Result {
        let service = (req.url(), req.path(), req.mount_path(), req.uri(), req.original_uri());
        res.text(format!("{} {} {} {} {}", service.0, service.1, service.2, service.3, service.4))
    }
    let app = app!["/a" => show];
    assert_eq!(
        call(&app, "/%61/%62%2Fc%20?%64").await.body,
        "/b%2Fc%20?%64 /b%2Fc%20 /a /a/b%2Fc%20?%64 /%61/%62%2Fc%20?%64"
    );
}

#[tokio::test]
async fn a_tower_service_gets_the_normalized_path() {
    let echo = tower::service_fn(|req: http::Request<connect::Body>| async move {
        Ok::<_, std::convert::Infallible>(http::Response::new(connect::Body::from(req.uri().to_string())))
    });
    let app = app!["/in" => connect::tower_service(echo), connect::tower_service(echo)];
    assert_eq!(call(&app, "/%69n/%78%2Fy?%7A").await.body, "/x%2Fy?%7A");
    assert_eq!(call(&app, "/%70rivate/%2e%2e?%7A").await.body, "/private/..?%7A");
}
