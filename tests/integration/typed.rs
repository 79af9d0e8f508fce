//! Extractors and responders.

use connect::http::{HeaderMap, Method, StatusCode, Uri, header};
use connect::testing::Client;
use connect::{
    Body, BodyError, Error, Form, FromRequest, Html, Json, Multipart, Next, ParamError, Peer, Query,
    ReadsBody, ReadsHead, Redirect, Request, Responder, Response, Result, app, body_limit, bytes::Bytes,
    cookie::CookieJar, error_handler, get, middleware, post,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::call;

#[derive(Debug, Serialize, Deserialize)]
struct User {
    name: String,
}

#[derive(Deserialize)]
struct Page {
    page: u32,
}

#[tokio::test]
async fn extractors_and_path_parameters_can_be_in_any_order() {
    #[post("/team/:team/:id")]
    async fn create(
        Json(user): Json<User>,
        id: u64,
        headers: HeaderMap,
        Query(page): Query<Page>,
        team: &str,
        res: &mut Response,
    ) -> Result {
        let agent = headers.get("x-agent").map_or("", |value| value.to_str().unwrap_or(""));
        res.send(format!("{} {id} {agent} {} {team}", user.name, page.page))
    }
    let client = Client::new(app![create]);
    let user = User { name: "tobi".to_owned() };
    let request = || client.post("/team/ferrets/7?page=3").header("x-agent", "test");
    request().json(&user).send().await.assert_status(200).assert_text("tobi 7 test 3 ferrets");
    request().json(&json!({ "name": 1 })).send().await.assert_status(400);
    client.post("/team/ferrets/7").json(&user).send().await.assert_status(400);
}

#[tokio::test]
async fn an_invalid_path_parameter_is_reported_before_the_body_is_read() {
    #[post("/:id")]
    async fn create(body: String, id: u64) -> String {
        format!("{id} {body}")
    }
    #[error_handler]
    fn which(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
        let (path, body) = (err.is::<ParamError>(), err.is::<BodyError>());
        res.status(err.status()).send(format!("path {path}, body {body}"))
    }
    let client = Client::new(app![body_limit(3), create, which]);
    client.post("/7").body("abc").send().await.assert_text("7 abc");
    client.post("/x").body("abcd").send().await.assert_status(400).assert_text("path true, body false");
    client.post("/7").body("abcd").send().await.assert_status(413).assert_text("path false, body true");
}

#[tokio::test]
async fn an_optional_extractor_is_none_if_absent_and_an_error_if_invalid() {
    #[post("/")]
    fn create(user: Option<Json<User>>, page: Option<Query<Page>>) -> String {
        format!("{:?} {:?}", user.map(|user| user.0.name), page.map(|page| page.0.page))
    }
    let client = Client::new(app![create]);
    client.post("/").send().await.assert_text("None None");
    client
        .post("/?page=2")
        .json(&json!({ "name": "tobi" }))
        .send()
        .await
        .assert_text("Some(\"tobi\") Some(2)");
    client.post("/?page=x").send().await.assert_status(400);
    client.post("/").header("content-type", "application/json").body("{").send().await.assert_status(400);
    client.post("/").text("tobi").send().await.assert_status(415);
}

#[tokio::test]
async fn a_result_extractor_passes_the_rejection_to_the_function() {
    #[post("/")]
    fn create(user: Result<Json<User>, Error>) -> String {
        match user {
            Ok(Json(user)) => user.name,
            Err(err) => format!("no user: {}", err.status()),
        }
    }
    let client = Client::new(app![create]);
    client.post("/").json(&json!({ "name": "tobi" })).send().await.assert_text("tobi");
    client.post("/").json(&json!([])).send().await.assert_status(200).assert_text("no user: 400 Bad Request");
}

#[tokio::test]
async fn the_parts_of_the_head_are_extractors() {
    #[get("/*path")]
    fn show(path: Vec<String>, method: Method, uri: Uri, cookies: CookieJar, Peer(peer): Peer) -> String {
        let cookie = cookies.get("a").map(|cookie| cookie.value().to_owned());
        format!("{method} {uri} {path:?} {cookie:?} {}", peer.ip())
    }
    let client = Client::new(app!["/m" => show]);
    let response = client.get("/m/x/y?z").cookie("a", "1%202").send().await;
    response.assert_text("GET /m/x/y?z [\"x\", \"y\"] Some(\"1 2\") 127.0.0.1");
}

#[tokio::test]
async fn bodies_are_extracted_as_bytes_forms_multipart_and_streams() {
    #[post("/bytes")]
    fn bytes(body: Bytes) -> Vec<u8> {
        body.iter().rev().copied().collect()
    }
    #[post("/form")]
    fn form(Form(user): Form<User>) -> String {
        user.name
    }
    #[post("/parts")]
    async fn parts(mut parts: Multipart) -> Result<String> {
        let mut names = Vec::new();
        while let Some(part) = parts.next().await? {
            let name = part.name().unwrap_or("?").to_owned();
            names.push(format!("{name}={}", part.text().await?));
        }
        Ok(names.join(","))
    }
    #[post("/echo")]
    fn echo(body: Body) -> Body {
        body
    }
    let client = Client::new(app![bytes, form, parts, echo]);
    client.post("/bytes").body("abc").send().await.assert_text("cba");
    client.post("/form").form(&[("name", "tobi")]).send().await.assert_text("tobi");
    let body = "--x\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n";
    let sent = client.post("/parts").header("content-type", "multipart/form-data; boundary=x").body(body);
    sent.send().await.assert_text("a=1");
    client
        .post("/echo")
        .body("as it is")
        .send()
        .await
        .assert_text("as it is")
        .assert_no_header("content-type");
}

#[tokio::test]
async fn a_custom_extractor_reads_the_head_or_the_body() {
    struct Key(String);
    impl FromRequest for Key {
        type Reads = ReadsHead;
        type Rejection = Error;
        async fn from_request(req: &mut Request) -> Result<Self> {
            let key = req.header("x-key").ok_or_else(|| Error::new(401, "no key"))?;
            Ok(Key(key.to_owned()))
        }
    }
    struct Length(usize);
    impl FromRequest for Length {
        type Reads = ReadsBody;
        type Rejection = Error;
        async fn from_request(req: &mut Request) -> Result<Self> {
            Ok(Length(req.bytes().await?.len()))
        }
    }
    #[post("/")]
    fn create(key: Key, length: Length) -> String {
        format!("{} {}", key.0, length.0)
    }
    let client = Client::new(app![create]);
    client.post("/").header("x-key", "k").body("four").send().await.assert_text("k 4");
    client.post("/").body("four").send().await.assert_status(401);
}

#[tokio::test]
async fn an_extractor_can_be_combined_with_values_and_the_request() {
    struct Db(u8);
    #[middleware]
    fn db(_req: &mut Request, _res: &mut Response, next: Next<Db>) -> Result {
        next.with(Db(7)).pass()
    }
    #[post("/:id", db)]
    async fn create(id: &str, req: &mut Request, Json(user): Json<User>, db: &Db) -> String {
        let again = req.text().await.map_err(|err| err.status().as_u16());
        format!("{id} {} {} {again:?}", user.name, db.0)
    }
    let client = Client::new(app![create]);
    client
        .post("/x")
        .json(&json!({ "name": "tobi" }))
        .send()
        .await
        .assert_text("x tobi 7 Ok(\"{\\\"name\\\":\\\"tobi\\\"}\")");
}

#[tokio::test]
async fn a_panic_in_an_extractor_is_an_error() {
    struct Broken;
    impl FromRequest for Broken {
        type Reads = ReadsHead;
        type Rejection = Error;
        async fn from_request(_: &mut Request) -> Result<Self> {
            panic!("broken")
        }
    }
    #[get("/")]
    fn show(_broken: Broken) -> &'static str {
        "never"
    }
    Client::new(app![show]).get("/").send().await.assert_status(500);
}

#[tokio::test]
async fn a_route_responds_with_its_return_value() {
    #[get("/status")]
    fn status() -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
    #[get("/with-status")]
    fn with_status() -> (StatusCode, Json<User>) {
        (StatusCode::CREATED, Json(User { name: "tobi".to_owned() }))
    }
    #[get("/with-headers")]
    fn with_headers() -> ([(&'static str, &'static str); 2], Html<&'static str>) {
        ([("x-a", "1"), ("x-b", "2")], Html("<p>"))
    }
    #[get("/with-both")]
    fn with_both() -> (StatusCode, HeaderMap, &'static str) {
        let mut headers = HeaderMap::new();
        headers.append(header::VARY, header::HeaderValue::from_static("a"));
        headers.append(header::VARY, header::HeaderValue::from_static("b"));
        (StatusCode::ACCEPTED, headers, "x")
    }
    #[get("/none")]
    fn none() -> Option<String> {
        None
    }
    #[get("/away")]
    fn away() -> Redirect {
        Redirect::see_other("/ü")
    }
    #[get("/wrong")]
    fn wrong() -> ([(&'static str, &'static str); 1], &'static str) {
        ([("not a name", "1")], "x")
    }
    let client = Client::new(app![status, with_status, with_headers, with_both, none, away, wrong]);
    client.get("/status").send().await.assert_status(418).assert_text("");
    client.get("/with-status").send().await.assert_status(201).assert_json(json!({ "name": "tobi" }));
    let response = client.get("/with-headers").send().await;
    response.assert_header("x-a", "1").assert_header("x-b", "2").assert_text("<p>");
    response.assert_header("content-type", "text/html; charset=utf-8");
    let response = client.get("/with-both").send().await;
    response.assert_status(202).assert_header("vary", "a").assert_header("vary", "b");
    client.get("/none").send().await.assert_status(404);
    client.get("/away").send().await.assert_status(303).assert_redirect("/%C3%BC");
    client.get("/wrong").send().await.assert_status(500);
}

#[tokio::test]
async fn a_custom_responder_sets_the_response() {
    struct Csv(Vec<u8>);
    impl Responder for Csv {
        fn respond(self, res: &mut Response) -> Result {
            let text: Vec<String> = self.0.iter().map(u8::to_string).collect();
            res.set("content-type", "text/csv").send(text.join(","))
        }
    }
    #[get("/")]
    fn data() -> Result<Csv> {
        Ok(Csv(vec![1, 2]))
    }
    let response = Client::new(app![data]).get("/").send().await;
    response.assert_text("1,2").assert_header("content-type", "text/csv; charset=utf-8");
}

#[tokio::test]
async fn a_failed_assertion_shows_the_request_and_the_response() {
    let response = Client::new(app![]).post("/x?y").header("x-a", "1").body("sent").send().await;
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        response.assert_status(200);
    }));
    let shown = *failed.expect_err("it is 404").downcast::<String>().expect("a message");
    assert!(shown.starts_with("the status is 404, and not 200\n\n> POST /x?y HTTP/1.1\n"), "{shown}");
    for part in [
        "\n> x-a: 1\n",
        "\n> content-length: 4\n>\n> sent\n",
        "\n< HTTP/1.1 404 Not Found\n",
        "Cannot POST /x",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[get("/either")]
fn either(req: &Request) -> Response {
    match req.query_string() {
        Some("json") => (StatusCode::CREATED, Json([1])).into_response(),
        Some("error") => Err::<(), _>(Error::new(418, "no")).into_response(),
        Some("empty") => Response::new(),
        _ => Html("<p>").into_response(),
    }
}

#[get("/respond")]
fn respond(res: &mut Response) -> Result {
    res.status(422).respond(([("x-a", "1")], Html("<p>")))
}

#[get("/bail/:name")]
fn bails(name: &str) -> Result<String> {
    if name.len() > 3 {
        connect::bail!(404, "no {name} of {}", "them");
    }
    Ok(name.to_owned())
}

#[tokio::test]
async fn a_route_can_return_one_of_several_responses() {
    let app = app![either, respond, bails];
    let response = call(&app, "/either?json").await;
    assert_eq!(
        (response.seen(), response.header("content-type")),
        ((201, "[1]"), Some("application/json; charset=utf-8"))
    );
    assert_eq!(call(&app, "/either?error").await.status, 418);
    assert_eq!(call(&app, "/either?empty").await.seen(), (200, ""));
    assert_eq!(call(&app, "/either").await.seen(), (200, "<p>"));
    let response = call(&app, "/respond").await;
    assert_eq!((response.seen(), response.header("x-a")), ((422, "<p>"), Some("1")));
    assert_eq!(call(&app, "/bail/ann").await.seen(), (200, "ann"));
    let response = call(&app, "/bail/anna").await;
    assert!(response.status == 404 && response.body.contains("no anna of them"), "{}", response.body);
}

#[get("/created")]
fn created() -> (StatusCode, Response) {
    (StatusCode::CREATED, Json([1]).into_response())
}

#[get("/problem")]
fn problem() -> ([(&'static str, &'static str); 1], Response) {
    ([("content-type", "application/problem+json")], (StatusCode::CONFLICT, Json([1])).into_response())
}

#[get("/interim")]
fn interim() -> Response {
    let mut res = Response::new();
    res.status(103);
    res
}

#[tokio::test]
async fn a_returned_response_is_merged_with_earlier_headers() {
    #[middleware]
    fn sets(res: &mut Response, next: Next) -> Result {
        res.etag(false).append("set-cookie", "a=1").append("vary", "accept");
        next.pass()
    }
    #[get("/joined")]
    fn joined() -> Response {
        let mut res = Response::new();
        res.append("set-cookie", "b=2").append("vary", "origin");
        let _ = res.send("joined");
        res
    }
    let app = app![created, problem, interim, sets, joined];
    let client = Client::new(app);
    client.get("/created").send().await.assert_status(201).assert_json([1]);
    client
        .get("/problem")
        .send()
        .await
        .assert_status(409)
        .assert_header("content-type", "application/problem+json");
    client.get("/interim").send().await.assert_status(500);
    let response = client.get("/joined").send().await;
    assert!(response.headers().get("etag").is_none(), "{:?}", response.headers());
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}
