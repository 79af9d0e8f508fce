//! The list of a folder, over sockets.
#![cfg(feature = "serve-index")]

use connect::testing::{Client, TestResponse};
use connect::{Dotfiles, Error, Response, Result, app, error_handler, post, serve_static};
use connect_middleware::serve_index::ServeIndex;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(format!("handled: {}", err.public_message()))
}

#[post("/sub")]
fn sub() -> &'static str {
    "posted"
}

fn write(folder: &Path, name: &str, bytes: usize, seconds: u64) {
    let file = File::create(folder.join(name)).unwrap();
    file.set_len(bytes as u64).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir_all(path.join("sub/deep")).unwrap();
    fs::create_dir(path.join(".git")).unwrap();
    write(path, "b.txt", 2000, 951_782_400);
    write(path, "A.txt", 5, 1_234_567_890);
    write(path, "c.txt", 100, 0);
    write(path, ".env", 1, 0);
    write(&path.join("sub"), "x", 1, 0);
    folder
}

async fn serve(index: ServeIndex) -> Client {
    Client::serve(app![index, sub, on_error]).await.unwrap()
}

async fn json_of(client: &Client, path: &str) -> Value {
    let res = client.get(path).header("accept", "application/json").send().await;
    res.assert_status(200).assert_header("content-type", "application/json; charset=utf-8");
    res.json()
}

/// The targets of the links in the body of the table.
fn links(page: &TestResponse) -> Vec<String> {
    let body = page.text().split("<tbody>").nth(1).unwrap();
    body.split("<a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_type_of_the_list_is_the_one_that_the_client_prefers() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    assert_eq!(json_of(&client, "/").await, json!(["sub", "A.txt", "b.txt", "c.txt"]));
    for (accept, content_type) in [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("text/*", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html;q=0.1, text/plain", "text/plain; charset=utf-8"),
        ("application/*", "application/json; charset=utf-8"),
    ] {
        let res = client.get("/").header("accept", accept).send().await;
        res.assert_status(200)
            .assert_header("content-type", content_type)
            .assert_header("vary", "Accept")
            .assert_header("x-content-type-options", "nosniff");
    }
    client.get("/").send().await.assert_header("content-type", "text/html; charset=utf-8");
    let text = client.get("/").header("accept", "text/plain").send().await;
    text.assert_text("sub\nA.txt\nb.txt\nc.txt\n").assert_no_header("content-security-policy");
    let none = client.get("/").header("accept", "image/png").send().await;
    none.assert_status(406)
        .assert_header("vary", "Accept")
        .assert_text("handled: the list is available only as text/html, text/plain, application/json");
}

#[tokio::test]
async fn json_can_have_details() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path()).json_details(true)).await;
    let list = json_of(&client, "/").await;
    assert_eq!(list[0]["name"], "sub");
    assert_eq!((&list[0]["type"], &list[0]["size"]), (&json!("folder"), &Value::Null));
    let file = json!({"name": "b.txt", "type": "file", "size": 2000, "modified": "2000-02-29T00:00:00Z"});
    assert_eq!(list[2], file);
}

#[tokio::test]
async fn the_page_has_links_sizes_and_times() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    let page = client.get("/").send().await;
    assert_eq!(links(&page), ["/sub/", "/A.txt", "/b.txt", "/c.txt"]);
    page.assert_contains("<title>Index of /</title>")
        .assert_contains("<td title=\"2000 bytes\">2.0 kB</td>")
        .assert_contains("<time datetime=\"2000-02-29T00:00:00Z\">2000-02-29 00:00</time>")
        .assert_contains("<p>1 folder, 3 files, 2.1 kB</p>");
    let below = client.get("/sub").send().await;
    assert_eq!(links(&below), ["/", "/sub/deep/", "/sub/x"], "without a slash at the end of the path too");
    below.assert_contains(
        "<li><a href=\"/\"><bdi>/</bdi></a></li><li><bdi aria-current=\"page\">sub</bdi></li>",
    );
    let empty = client.get("/sub/deep/").send().await;
    empty.assert_contains("This folder is empty.").assert_contains("<a href=\"/sub/\"><bdi>sub</bdi></a>");
}

#[tokio::test]
async fn below_a_mount_links_have_its_path_and_files_are_served_beside() {
    let folder = folder();
    let files = serve_static(folder.path());
    let client = Client::serve(app!["/a/files" => [files, ServeIndex::new(folder.path())]]).await.unwrap();
    let page = client.get("/a/files/").send().await;
    page.assert_contains("<title>Index of /a/files/</title>");
    let files = ["/a/files/sub/", "/a/files/A.txt", "/a/files/b.txt", "/a/files/c.txt"];
    assert_eq!(links(&page), files);
    for link in files {
        client.get(link).send().await.assert_status(200);
    }
    client.get("/a/files/sub").send().await.assert_redirect("/a/files/sub/");
    let alone = Client::serve(app!["/a/files" => ServeIndex::new(folder.path())]).await.unwrap();
    assert_eq!(links(&alone.get("/a/files").send().await), files);
}

#[tokio::test]
async fn names_are_escaped_and_their_links_lead_to_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "<script>alert(1)</script>".replace('/', "\u{2215}"),
        "\"onmouseover=\"alert(1)".to_owned(),
        "'quoted' & more".to_owned(),
        "line\nbreak\ttab".to_owned(),
        "100%25%".to_owned(),
        "a b  c".to_owned(),
        "\u{fc}ber \u{1f600} \u{202e}gpj.exe".to_owned(),
        "question?#hash;semi".to_owned(),
        "...dots".to_owned(),
        "javascript:alert(1)".to_owned(),
        "back\\slash".to_owned(),
    ];
    for name in &names {
        fs::write(folder.path().join(name), name).unwrap();
    }
    fs::create_dir(folder.path().join("<b>")).unwrap();
    fs::write(folder.path().join("<b>/x"), "in the folder").unwrap();
    let files = serve_static(folder.path()).dotfiles(Dotfiles::Allow);
    let index = ServeIndex::new(folder.path()).hidden(true);
    let client = Client::serve(app!["/f" => [files, index]]).await.unwrap();
    let page = client.get("/f/").send().await;
    for markup in ["<script", "<b>", "\"onmouseover", "'quoted'", "& more", "line\nbreak", "\t"] {
        assert!(!page.text().contains(markup), "{markup:?} in {}", page.text());
    }
    page.assert_contains("&lt;script&gt;").assert_contains("line\u{fffd}break\u{fffd}tab");
    let links = links(&page);
    assert_eq!(links.len(), names.len() + 1);
    let mut served = Vec::new();
    for link in &links {
        assert!(
            link.starts_with("/f/") && link.is_ascii() && !link.contains(['<', '\'', ':', ' ']),
            "{link}"
        );
        served.push(client.get(link).send().await.assert_status(200).text().to_owned());
    }
    for name in &names {
        assert!(served.contains(name), "{name:?} is not served");
    }
    let below = client.get("/f/%3Cb%3E/").send().await;
    below.assert_contains("<title>Index of /f/&lt;b&gt;/</title>").assert_contains("\"/f/%3Cb%3E/x\"");
    let text = client.get("/f/").header("accept", "text/plain").send().await;
    assert_eq!(text.text().lines().count(), names.len() + 1);
    text.assert_contains("line\u{fffd}break\u{fffd}tab\n");
    let json = json_of(&client, "/f/").await;
    assert!(json.as_array().unwrap().contains(&json!("line\nbreak\ttab")));
}

#[tokio::test]
async fn the_page_allows_its_style_and_nothing_else() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    let page = client.get("/").send().await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"), "{policy}");
    let hash = policy.split("'sha256-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(STANDARD.decode(hash).unwrap().len(), 32);
    for part in ["style=", "<script", "onclick", "<img", "<link", "http:", "https:", "url("] {
        assert!(!page.text().contains(part), "{part}");
    }
    assert_eq!(page.text().matches("<style>").count(), 1);
}

#[tokio::test]
async fn hidden_names_are_neither_listed_nor_entered() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    client.get("/.git/").send().await.assert_status(404);
    let client = serve(ServeIndex::new(folder.path()).hidden(true)).await;
    assert_eq!(json_of(&client, "/").await, json!([".git", "sub", ".env", "A.txt", "b.txt", "c.txt"]));
    assert_eq!(json_of(&client, "/.git/").await, json!([]));
}

#[tokio::test]
async fn a_filter_chooses_what_is_listed() {
    let folder = folder();
    let index = ServeIndex::new(folder.path()).filter(|entry| !entry.is_folder() && entry.size() > 50);
    let client = serve(index).await;
    assert_eq!(json_of(&client, "/").await, json!(["b.txt", "c.txt"]));
    client.get("/").send().await.assert_contains("<p>2 files, 2.1 kB</p>");
}

#[tokio::test]
async fn the_query_sorts_the_list_and_folders_stay_first() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    for (query, list) in [
        ("sort=name", ["sub", "A.txt", "b.txt", "c.txt"]),
        ("sort=name&order=desc", ["sub", "c.txt", "b.txt", "A.txt"]),
        ("sort=size", ["sub", "A.txt", "c.txt", "b.txt"]),
        ("order=desc&sort=size", ["sub", "b.txt", "c.txt", "A.txt"]),
        ("sort=modified", ["sub", "c.txt", "b.txt", "A.txt"]),
        ("sort=modified&order=desc", ["sub", "A.txt", "b.txt", "c.txt"]),
        ("sort=%3Cscript%3E&order=up&x", ["sub", "A.txt", "b.txt", "c.txt"]),
    ] {
        assert_eq!(json_of(&client, &format!("/?{query}")).await, json!(list), "{query}");
    }
    let page = client.get("/?sort=size").send().await;
    page.assert_contains(
        "<th scope=\"col\" aria-sort=\"ascending\"><a href=\"?sort=size&amp;order=desc\">Size</a>",
    )
    .assert_contains("<th scope=\"col\"><a href=\"?sort=name\">Name</a>");
}

/// The status of a request whose path no client library would send.
async fn status_of(client: &Client, path: &str) -> u16 {
    let mut socket = TcpStream::connect(client.address().unwrap()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    socket.read_to_end(&mut response).await.unwrap();
    assert!(!String::from_utf8_lossy(&response).contains("secret"), "{path}");
    String::from_utf8_lossy(&response[9..12]).parse().unwrap()
}

#[tokio::test]
async fn paths_that_lead_out_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir_all(outside.path().join("root/sub")).unwrap();
    fs::create_dir_all(outside.path().join("root-secret/secret")).unwrap();
    fs::write(outside.path().join("secret"), "").unwrap();
    let client = serve(ServeIndex::new(outside.path().join("root"))).await;
    let long = format!("/{}", "a".repeat(300));
    for (path, status) in [
        ("/../", 403),
        ("/..", 403),
        ("/%2e%2e/", 403),
        ("/sub/../", 403),
        ("/sub/../../root-secret/", 403),
        ("/..%2froot-secret/", 403),
        ("/..%5c..%5c", 403),
        ("/%252e%252e/", 404),
        ("/a%00b", 400),
        ("/sub%00/", 400),
        ("/%ff", 400),
        ("/%zz", 400),
        ("//", 404),
        ("/sub//", 404),
        ("/./", 404),
        ("/su%62%2f", 404),
        ("/missing", 404),
        (&long, 404),
        ("/sub/", 200),
        ("/s%75b", 200),
    ] {
        assert_eq!(status_of(&client, path).await, status, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_folder_and_other_methods_go_on_by_default() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    client.post("/sub").send().await.assert_text("posted");
    client.get("/A.txt").send().await.assert_status(404);
    let strict = serve(ServeIndex::new(folder.path()).fallthrough(false)).await;
    let res = strict.post("/sub").send().await;
    res.assert_status(405)
        .assert_header("allow", "GET, HEAD, OPTIONS")
        .assert_text("handled: the list is only for GET and HEAD");
    strict.options("/sub").send().await.assert_status(200).assert_header("allow", "GET, HEAD, OPTIONS");
    strict.get("/A.txt").send().await.assert_status(404).assert_text("handled: there is no such folder");
    strict.get("/missing/").send().await.assert_status(404);
}

#[tokio::test]
async fn head_has_no_body_and_a_fresh_copy_is_a_304() {
    let folder = folder();
    let client = serve(ServeIndex::new(folder.path())).await;
    let whole = client.get("/").send().await;
    let head = client.head("/").send().await;
    head.assert_status(200).assert_header("content-length", whole.header("content-length").unwrap());
    assert!(head.bytes().is_empty());
    let tag = whole.header("etag").unwrap();
    client.get("/").header("if-none-match", tag).send().await.assert_status(304);
    write(folder.path(), "new", 1, 0);
    client.get("/").header("if-none-match", tag).send().await.assert_status(200);
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_and_what_cannot_be_opened_is_left_out() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let (folder, outside) = (folder(), tempfile::tempdir().unwrap());
    let path = folder.path();
    fs::write(outside.path().join("far"), "far").unwrap();
    symlink(outside.path(), path.join("to-folder")).unwrap();
    symlink(outside.path().join("far"), path.join("to-file")).unwrap();
    symlink(outside.path().join("nowhere"), path.join("to-nothing")).unwrap();
    symlink("loop", path.join("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(path.join("socket")).unwrap();
    fs::write(path.join(std::ffi::OsStr::from_bytes(b"not-utf8-\xff")), "").unwrap();
    let client = serve(ServeIndex::new(path)).await;
    let list = json!(["sub", "to-folder", "A.txt", "b.txt", "c.txt", "to-file"]);
    assert_eq!(json_of(&client, "/").await, list);
    assert_eq!(json_of(&client, "/to-folder/").await, json!(["far"]));
    client.get("/loop/").send().await.assert_status(500).assert_text("handled: Internal Server Error");
}

#[tokio::test]
async fn a_folder_of_ten_thousand_files_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..10_000 {
        File::create(folder.path().join(format!("file-{n:05}.txt"))).unwrap();
    }
    let client = serve(ServeIndex::new(folder.path())).await;
    let began = Instant::now();
    let page = client.get("/").send().await;
    println!("10,000 files: {} bytes in {:?}", page.bytes().len(), began.elapsed());
    page.assert_status(200).assert_contains("<p>10000 files, 0 B</p>");
    let links = links(&page);
    assert_eq!((links.len(), &*links[9_999]), (10_000, "/file-09999.txt"));
}
