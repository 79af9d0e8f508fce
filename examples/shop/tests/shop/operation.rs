use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use connect::Shutdown;
use connect::testing::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PASSWORD, Shop, app};

#[tokio::test]
async fn every_response_has_the_security_headers_and_an_id() {
    let shop = Shop::new().await;
    for path in ["/", "/nothing", "/assets/style.css", "/api/products", "/admin"] {
        let response = shop.client.get(path).send().await;
        response.assert_header("x-content-type-options", "nosniff");
        assert!(response.header("x-request-id").is_some_and(|id| id.len() == 32), "{path}");
        let policy = response.header("content-security-policy").expect("a policy");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }
}

#[tokio::test]
async fn the_health_check_asks_the_database() {
    let shop = Shop::new().await;
    for path in ["/livez", "/readyz"] {
        shop.client.get(path).send().await.assert_ok().assert_text("ok");
    }
}

#[tokio::test]
async fn the_metrics_name_routes_and_are_not_for_other_machines() {
    let shop = Shop::new().await;
    shop.client.get("/products/1").send().await.assert_ok();
    let metrics = shop.client.get("/metrics").send().await;
    metrics.assert_ok().assert_contains("route=\"/products/:id\"");
    let elsewhere = SocketAddr::from(([203, 0, 113, 7], 50_000));
    shop.client.get("/metrics").peer(elsewhere).send().await.assert_status(403);
}

#[tokio::test]
async fn a_page_is_compressed_and_one_with_a_secret_is_not() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    let page = shop.client.get("/account").header("accept-encoding", "gzip").send().await;
    page.assert_ok().assert_header("content-encoding", "gzip");
    let form = [("name", "reports")];
    let secret =
        shop.client.post("/account/tokens").header("accept-encoding", "gzip").form(&form).send().await;
    secret.assert_ok().assert_no_header("content-encoding");
}

#[tokio::test]
async fn the_icon_is_an_image() {
    let shop = Shop::new().await;
    let icon = shop.client.get("/favicon.ico").send().await;
    icon.assert_ok().assert_header("content-type", "image/svg+xml");
}

#[tokio::test]
async fn an_error_is_a_page() {
    let shop = Shop::new().await;
    shop.client.get("/nothing").send().await.assert_status(404).assert_contains("Cannot GET");
    shop.client.get("/products/9").send().await.assert_status(404).assert_contains("<h1>404</h1>");
    shop.client.get("/products/x").send().await.assert_status(400).assert_contains("<h1>400</h1>");
    shop.client.put("/cart").send().await.assert_status(405);
}

#[tokio::test]
async fn carts_and_sessions_outlive_the_process() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    shop.client.post("/cart").form(&[("product", "1"), ("quantity", "3")]).send().await;
    let id = shop.client.cookie("id").expect("a session");
    let restarted = Client::new(app(&shop.folder));
    restarted.get("/cart").cookie("id", &id).send().await.assert_contains("36.15");
}

#[tokio::test]
async fn a_shutdown_answers_the_request_that_runs_and_ends_open_streams() {
    let folder = tempfile::tempdir().expect("a folder");
    let shutdown = Shutdown::new();
    let server = app(&folder).server().listen("127.0.0.1:0").banner(false).shutdown(&shutdown);
    let server = server.bind().expect("a port");
    let address = server.addresses()[0];
    let running = tokio::spawn(server.run_until(std::future::pending::<()>()));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(b"GET /stock HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.expect("a head");
    assert_eq!(&head, b"HTTP/1.1 200");
    shutdown.start();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest)).await;
    ended.expect("in time").expect("closed");
    running.await.expect("no panic").expect("no error");
}

#[test]
fn the_first_administrator_is_added_by_a_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let add = |password: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
        command.args(["admin", "ann@example.com"]).env("SHOP_DATA", folder.path());
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(password.as_bytes()).expect("written");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).expect("text"))
    };
    let (is_added, said) = add("short");
    assert!(!is_added && !said.contains("short"), "{said}");
    let (is_added, said) = add(PASSWORD);
    assert!(is_added, "{said}");
    let (is_added, said) = add(PASSWORD);
    assert!(!is_added && said.contains("has an account already"), "{said}");
}
