use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::client::Client;
use crate::support::{PASSWORD, Shop, app};

#[tokio::test]
async fn every_response_has_the_security_headers_and_an_id() {
    let shop = Shop::new().await;
    for path in ["/", "/nothing", "/assets/style.css", "/api/products", "/admin"] {
        let response = shop.client.get(path).send().await;
        response.assert_header("x-content-type-options", "nosniff");
        assert!(response.header("x-request-id").is_some_and(|id| id.len() == 36), "{path}");
        let policy = response.header("content-security-policy").expect("a policy");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }
}

#[tokio::test]
async fn the_health_check_asks_the_database() {
    let shop = Shop::new().await;
    for path in ["/livez", "/readyz"] {
        shop.client.get(path).send().await.assert_ok().assert_contains("ok");
    }
}

#[tokio::test]
async fn the_metrics_name_routes() {
    let shop = Shop::new().await;
    shop.client.get("/products/1").send().await.assert_ok();
    let metrics = shop.client.get("/metrics").send().await;
    metrics.assert_ok().assert_contains("endpoint=\"/products/{id}\"");
}

#[tokio::test]
async fn a_page_is_compressed() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    let page = shop.client.get("/account").header("accept-encoding", "gzip").send().await;
    page.assert_ok().assert_header("content-encoding", "gzip");
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
    shop.client.get("/nothing").send().await.assert_status(404).assert_contains("There is no such page.");
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
    let restarted = Client::new(app(&shop.folder).await);
    restarted.get("/cart").cookie("id", &id).send().await.assert_contains("36.15");
}

#[test]
fn the_first_administrator_is_added_by_a_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let add = |password: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shop_axum"));
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
