//! Pages for errors, in development and in production.
#![cfg(all(feature = "error-page", feature = "helmet"))]

#[path = "support/log.rs"]
mod log;

use connect::testing::{Client, TestResponse};
use connect::{
    App, Chain, Environment, Error, Html, Next, Request, Response, Result, ResultExt, app, get, guard,
    middleware,
};
use connect_middleware::error_page::ErrorPage;
use connect_middleware::helmet::Helmet;
use connect_middleware::problem::Problem;

const ATTACK: &str = "<script>alert('x')</script>";

#[middleware]
fn logger(next: Next) -> Result {
    next.pass()
}

#[get("/disk")]
fn disk() -> Result<String> {
    std::fs::read_to_string("/no/such/secret-file")
        .map_err(|err| Error::msg("the disk is gone").with_source(err))
}

#[get("/taken")]
fn taken() -> Result<&'static str> {
    Err(Error::new(409, "the name is taken <b>").with_source(std::io::Error::other("the secret cause")))
}

#[get("/later")]
fn later() -> Result<&'static str> {
    Err(Error::new(503, "the secret is out").with_header("retry-after", 5))
}

#[get("/panic")]
fn panics() -> &'static str {
    panic!("the secret panic")
}

#[get("/attack/:text")]
fn attack(text: String) -> Result<&'static str> {
    Err(Error::new(400, format!("not like this: {text}")))
}

#[get("/problem")]
fn problem() -> Result<&'static str> {
    Err(Problem::new(403)
        .type_uri("https://example.com/out-of-credit")
        .title("You do not have enough credit.")
        .detail("Your balance is 30.")
        .instance("/account/7")
        .with("balance", 30)
        .with("status", 200)
        .into())
}

#[get("/missing")]
fn missing() -> Result<&'static str> {
    None.status(404)
}

struct Unprintable;

impl std::fmt::Debug for Unprintable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unprintable")
    }
}

impl std::fmt::Display for Unprintable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("no text")
    }
}

impl std::error::Error for Unprintable {}

#[get("/unprintable")]
fn unprintable() -> Result<&'static str> {
    Err(Error::from(Unprintable))
}

fn site(page: ErrorPage) -> App<impl Chain> {
    app![logger, guard![logger => disk], taken, later, panics, attack, problem, missing, unprintable, page]
}

async fn client(environment: Environment, page: ErrorPage) -> Client {
    Client::serve(site(page).environment(environment)).await.unwrap()
}

async fn get(client: &Client, path: &str, accept: &str) -> TestResponse {
    client.get(path).header("accept", accept).header("authorization", "Bearer abc-secret").send().await
}

#[tokio::test]
async fn a_developer_sees_the_causes_the_line_and_the_way() {
    let client = client(Environment::Development, ErrorPage::new().log(false)).await;
    let res = get(&client, "/disk", "text/html").await;
    res.assert_status(500)
        .assert_header("content-type", "text/html; charset=utf-8")
        .assert_header("cache-control", "no-store");
    res.assert_header("vary", "Accept");
    assert!(res.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src"));
    for part in [
        "<h1>the disk is gone</h1>",
        "No such file",
        "in disk (connect-middleware/tests/error_page.rs:",
        "<code>/disk</code>",
        "(not shown)",
        "<span class=\"here\">",
        "<span class=\"way\">",
    ] {
        res.assert_contains(part);
    }
    assert!(!res.text().contains("abc-secret"), "{}", res.text());
    let text = get(&client, "/disk", "text/plain").await;
    assert!(text.text().starts_with("the disk is gone\ncaused by: No such file"), "{}", text.text());
    assert!(text.text().contains("\nin disk (connect-middleware/tests/error_page.rs:"), "{}", text.text());
    let json: serde_json::Value = get(&client, "/disk", "application/json").await.json();
    assert_eq!((&json["status"], &json["detail"]), (&500.into(), &"the disk is gone".into()));
    assert!(json["causes"][0].as_str().unwrap().starts_with("No such file"), "{json}");
    assert!(json["origin"].as_str().unwrap().starts_with("disk ("), "{json}");
    get(&client, "/panic", "text/html")
        .await
        .assert_status(500)
        .assert_contains("the secret panic")
        .assert_contains("in panics");
}

#[tokio::test]
async fn in_production_a_client_learns_nothing_that_is_not_for_it() {
    let client = client(Environment::Production, ErrorPage::new().log(false)).await;
    for path in ["/disk", "/taken", "/later", "/panic", "/problem", "/missing", "/attack/x", "/unprintable"] {
        for accept in
            ["text/html", "application/json", "application/problem+json", "text/plain", "*/*", "image/png"]
        {
            let res = get(&client, path, accept).await;
            assert!(res.status().is_client_error() || res.status().is_server_error());
            for secret in ["secret", "No such", "error_page.rs", "logger", "no text", "cause"] {
                assert!(!res.text().contains(secret), "{path} {accept}: {}", res.text());
            }
        }
    }
    get(&client, "/taken", "text/plain").await.assert_status(409).assert_text("the name is taken <b>");
    get(&client, "/taken", "text/html").await.assert_contains("the name is taken &lt;b&gt;");
    get(&client, "/later", "text/plain")
        .await
        .assert_text("Service Unavailable")
        .assert_header("retry-after", "5");
    get(&client, "/missing", "text/plain").await.assert_status(404).assert_text("Not Found");
}

#[tokio::test]
async fn what_clients_send_is_text_on_the_page() {
    for environment in [Environment::Development, Environment::Production] {
        let client = client(environment, ErrorPage::new().log(false)).await;
        let path = "/attack/%3Cscript%3Ealert('x')%3C%2Fscript%3E?q=%3Cscript%3E";
        let res = client.get(path).header("accept", "text/html").header("x-attack", ATTACK).send().await;
        res.assert_status(400);
        assert!(!res.text().contains("<script"), "{}", res.text());
        res.assert_contains("not like this: &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    }
}

#[tokio::test]
async fn a_problem_is_printed_as_it_is() {
    let expected = serde_json::json!({
        "type": "https://example.com/out-of-credit",
        "title": "You do not have enough credit.",
        "status": 403,
        "detail": "Your balance is 30.",
        "instance": "/account/7",
        "balance": 30,
    });
    for page in [ErrorPage::new().log(false), ErrorPage::problems()] {
        let client = client(Environment::Production, page).await;
        let res = get(&client, "/problem", "application/json").await;
        res.assert_status(403)
            .assert_header("content-type", "application/problem+json")
            .assert_json(&expected);
    }
    let client = client(Environment::Production, ErrorPage::problems().log(false)).await;
    let res = get(&client, "/disk", "text/html").await;
    res.assert_status(500)
        .assert_json(serde_json::json!({"title": "Internal Server Error", "status": 500}))
        .assert_no_header("vary");
    get(&client, "/taken", "*/*").await.assert_json(
        serde_json::json!({"title": "Conflict", "status": 409, "detail": "the name is taken <b>"}),
    );
}

#[tokio::test]
async fn the_form_is_what_the_client_likes() {
    let client = client(Environment::Production, ErrorPage::new().log(false)).await;
    for (accept, content_type) in [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/json, text/plain", "application/problem+json"),
        ("text/plain, application/json;q=0.5", "text/plain; charset=utf-8"),
        ("image/png", "text/plain; charset=utf-8"),
    ] {
        get(&client, "/taken", accept).await.assert_header("content-type", content_type);
    }
    let head = client.request("HEAD".parse().unwrap(), "/taken").header("accept", "text/html").send().await;
    head.assert_status(409).assert_text("");
}

#[tokio::test]
async fn pages_of_your_own_and_pages_for_what_is_not_there() {
    let page = ErrorPage::new()
        .page(|status, message| Ok(Html(format!("<i>{} {message}</i>", status.as_u16()))))
        .not_found();
    let client = client(Environment::Production, page).await;
    get(&client, "/taken", "text/html").await.assert_text("<i>409 the name is taken <b></i>");
    get(&client, "/nowhere", "text/html")
        .await
        .assert_status(404)
        .assert_text("<i>404 Cannot GET /nowhere</i>");
    get(&client, "/nowhere", "application/json")
        .await
        .assert_status(404)
        .assert_header("content-type", "application/problem+json");
    client
        .request("OPTIONS".parse().unwrap(), "/taken")
        .send()
        .await
        .assert_status(200)
        .assert_header("allow", "GET, HEAD");
}

#[connect::error_handler]
fn own(err: Error, res: &mut Response) -> Result {
    let problem = Problem::of(&err).into_owned();
    res.error(&err).text(format!("{} {}", problem.message(), problem.members().len()))
}

#[tokio::test]
async fn an_error_handler_of_your_own_reads_a_problem() {
    let client = Client::new(app![problem, taken, own]);
    client.get("/problem").send().await.assert_status(403).assert_text("Your balance is 30. 1");
    client.get("/taken").send().await.assert_status(409).assert_text("the name is taken <b> 0");
}

#[middleware]
async fn sets_status(req: &mut Request, res: &mut Response, next: Next) -> Result {
    res.status(502);
    Ok(next.run(req, res).await)
}

#[tokio::test]
async fn the_status_of_the_response_counts_for_an_error_without_one() {
    let client = Client::new(app![sets_status, disk, ErrorPage::problems()].environment(Environment::Test));
    let json: serde_json::Value = client.get("/disk").send().await.assert_status(502).json();
    assert_eq!((&json["status"], &json["title"]), (&502.into(), &"Bad Gateway".into()));
}

#[tokio::test]
async fn errors_of_the_server_are_logged_with_their_causes_and_others_are_not() {
    let (log, _guard) = log::log();
    for environment in [Environment::Production, Environment::Development] {
        let client = Client::new(site(ErrorPage::new()).environment(environment));
        get(&client, "/taken", "text/html").await.assert_status(409);
        assert_eq!(log.take(), Vec::<String>::new());
        get(&client, "/disk", "text/html").await.assert_status(500);
        let lines = log.take();
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in ["the disk is gone", "No such file", "in disk (connect-middleware/tests/error_page.rs:"] {
            assert!(lines[0].contains(part), "{lines:?}");
        }
    }
    for (page, environment) in
        [(ErrorPage::new().log(false), Environment::Production), (ErrorPage::new(), Environment::Test)]
    {
        let client = Client::new(site(page).environment(environment));
        get(&client, "/disk", "text/html").await.assert_status(500);
        assert_eq!(log.take(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn what_cannot_be_printed_is_a_500_and_the_next_request_is_answered() {
    let broken = ErrorPage::new().log(false).page(|_, _| panic!("the template is broken"));
    for (environment, page, path) in [
        (Environment::Development, ErrorPage::new().log(false), "/unprintable"),
        (Environment::Production, broken, "/disk"),
    ] {
        let client = client(environment, page).await;
        for _ in 0..2 {
            get(&client, path, "text/html").await.assert_status(500);
        }
        get(&client, "/taken", "text/plain").await.assert_status(409);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_made_is_the_plain_one_and_is_logged() {
    let (log, _guard) = log::log();
    let page = ErrorPage::new().page(|_, _| Err(Error::msg("there is no template `error.html`")));
    let res = get(&client(Environment::Production, page).await, "/taken", "text/html").await;
    res.assert_status(409).assert_contains("the name is taken &lt;b&gt;");
    let lines = log.take();
    assert!(lines.len() == 1 && lines[0].contains("there is no template"), "{lines:?}");
}

#[tokio::test]
async fn a_page_has_its_own_policy_below_helmet() {
    for environment in [Environment::Development, Environment::Production] {
        let app = app![Helmet::new(), disk, ErrorPage::new().log(false)].environment(environment);
        let client = Client::serve(app).await.unwrap();
        let res = get(&client, "/disk", "text/html").await;
        let policies: Vec<_> = res.headers().get_all("content-security-policy").iter().collect();
        assert_eq!(policies.len(), 1, "{policies:?}");
        let policy = policies[0].to_str().unwrap();
        assert!(
            policy.contains("style-src 'unsafe-inline'") && policy.starts_with("default-src 'none'"),
            "{policy}"
        );
        res.assert_header("x-frame-options", "SAMEORIGIN");
    }
}

#[tokio::test]
async fn an_app_that_lists_it_first_does_not_start() {
    let err = Client::serve(app![ErrorPage::new(), disk]).await.expect_err("an error at the start");
    let expected = "the layer `ErrorPage` cannot start: it is the first entry of the app, which no error reaches: list it last";
    assert_eq!(err.to_string(), expected);
    let alone = Client::serve(app![ErrorPage::new().not_found()]).await.unwrap();
    alone.get("/").send().await.assert_status(404);
}
