//! The method of a `POST` from a header, the query and a form.
#![cfg(all(feature = "csrf", feature = "method-override"))]
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

use connect::testing::Client;
use connect::{
    App, Chain, Form, Outcome, ParsedBody, Request, Response, Result, all, app, body_limit, body_parser,
    delete, get, post, put,
};
use connect_middleware::csrf::Csrf;
use connect_middleware::method_override::{MethodOverride, OriginalMethod};
use http::{HeaderName, Method};
use serde::Deserialize;

#[all("/")]
fn method(req: &Request) -> String {
    let original = req.provided::<OriginalMethod>().map_or("none", |original| original.0.as_str());
    format!("{} from {original}", req.method())
}

#[derive(Deserialize)]
struct Note {
    title: String,
}

#[put("/note")]
fn change(Form(note): Form<Note>) -> String {
    format!("changed to {}", note.title)
}

#[put("/parsed")]
fn parsed(req: &Request) -> String {
    match req.parsed_body() {
        Some(ParsedBody::Form(form)) => form.text("title").unwrap_or("none").to_owned(),
        _ => "no form".to_owned(),
    }
}

async fn seen(client: &Client, header: Option<&str>) -> String {
    let req = client.post("/");
    let req = match header {
        Some(value) => req.header("x-http-method-override", value),
        None => req,
    };
    req.send().await.assert_status(200).text().to_owned()
}

#[tokio::test]
async fn a_header_names_one_of_the_methods_in_any_case() {
    let client = Client::new(app![MethodOverride::new(), method]);
    for (given, expected) in [
        ("DELETE", "DELETE from POST"),
        ("put", "PUT from POST"),
        ("Patch", "PATCH from POST"),
        ("GET", "POST from none"),
        ("CONNECT", "POST from none"),
        ("TRACE", "POST from none"),
        ("BREW", "POST from none"),
        ("PUT, DELETE", "POST from none"),
        ("", "POST from none"),
    ] {
        assert_eq!(seen(&client, Some(given)).await, expected, "{given}");
    }
    assert_eq!(seen(&client, None).await, "POST from none");
}

#[tokio::test]
async fn two_headers_change_nothing() {
    let mut req = http::Request::post("/").body("").unwrap();
    for method in ["PUT", "DELETE"] {
        req.headers_mut().append("x-http-method-override", method.parse().unwrap());
    }
    let (mut req, mut res) = (Request::from(req), Response::new());
    let done = app![MethodOverride::new(), method].run(&mut req, &mut res).await;
    assert_eq!((req.method(), done.outcome()), (&Method::POST, Outcome::Layer));
}

#[tokio::test]
async fn a_request_that_only_reads_stays_what_it_is() {
    let form = MethodOverride::form("_method");
    let client = Client::new(app![MethodOverride::new(), MethodOverride::query("_method"), form, method]);
    let res = client.get("/?_method=DELETE").header("x-http-method-override", "DELETE").send().await;
    res.assert_text("GET from none").assert_no_header("vary");
    let res = client.put("/?_method=DELETE").form(&[("_method", "DELETE")]).send().await;
    res.assert_text("PUT from none");
}

#[tokio::test]
async fn caches_learn_of_the_header_and_of_no_field() {
    let client = Client::new(app![MethodOverride::header(HeaderName::from_static("x-method")), method]);
    client.post("/").send().await.assert_header("vary", "x-method");
    let client = Client::new(app![MethodOverride::query("_method"), method]);
    client.post("/?_method=PUT").send().await.assert_text("PUT from POST").assert_no_header("vary");
}

#[tokio::test]
async fn a_field_of_the_query_counts_if_it_is_there_once() {
    let client = Client::new(app![MethodOverride::query("_method"), method]);
    for (target, expected) in [
        ("/?a=b&_method=DELETE", "DELETE from POST"),
        ("/?_method=%64elete", "DELETE from POST"),
        ("/?_method=PUT&_method=DELETE", "POST from none"),
        ("/?method=PUT", "POST from none"),
        ("/", "POST from none"),
    ] {
        client.post(target).send().await.assert_text(expected);
    }
}

#[tokio::test]
async fn a_form_can_be_read_again_by_the_route_and_by_a_body_parser() {
    let fields = [("_method", "PUT"), ("title", "milk & eggs")];
    let client = Client::serve(app![MethodOverride::form("_method"), change]).await.unwrap();
    client.post("/note").form(&fields).send().await.assert_text("changed to milk & eggs");
    let above = app![MethodOverride::form("_method"), body_parser::urlencoded(), parsed];
    let below = app![body_parser::urlencoded(), MethodOverride::form("_method"), parsed];
    for client in [Client::new(above), Client::new(below)] {
        client.post("/parsed").form(&fields).send().await.assert_text("milk & eggs");
    }
}

#[tokio::test]
async fn bodies_of_other_types_are_not_read() {
    #[post("/")]
    async fn raw(req: &mut Request) -> Result<String> {
        let mut read = 0;
        // As a stream: what was read whole before would be there too, in one piece.
        while let Some(chunk) = req.body_mut().chunk().await {
            read += chunk?.len();
        }
        Ok(read.to_string())
    }
    let client = Client::new(app![body_limit(10), MethodOverride::form("_method"), raw]);
    let text = "_method=DELETE&longer";
    client.post("/").text(text).send().await.assert_status(200).assert_text("21");
    let form = client.post("/").header("content-type", "application/x-www-form-urlencoded");
    form.body(text).send().await.assert_status(413);
}

#[tokio::test]
async fn of_several_layers_the_first_one_that_finds_a_method_counts() {
    let form = MethodOverride::form("_method");
    let app = app![MethodOverride::new(), MethodOverride::query("_method"), form, method];
    let client = Client::new(app);
    let ask = |target: &str| client.post(target).form(&[("_method", "PATCH")]);
    ask("/?_method=PUT")
        .header("x-http-method-override", "DELETE")
        .send()
        .await
        .assert_text("DELETE from POST");
    ask("/?_method=PUT").send().await.assert_text("PUT from POST");
    ask("/").send().await.assert_text("PATCH from POST");
}

#[tokio::test]
async fn other_methods_can_be_named() {
    let propfind = Method::from_bytes(b"PROPFIND").unwrap();
    let to = MethodOverride::new().to([Method::GET, propfind]).from([Method::POST, Method::PUT]);
    let client = Client::new(app![to, method]);
    assert_eq!(seen(&client, Some("get")).await, "GET from POST");
    assert_eq!(seen(&client, Some("propfind")).await, "PROPFIND from POST");
    assert_eq!(seen(&client, Some("DELETE")).await, "POST from none");
    client.put("/").header("x-http-method-override", "GET").send().await.assert_text("GET from PUT");
}

#[tokio::test]
async fn routes_match_the_new_method_and_405_lists_those_there_are() {
    #[get("/a")]
    fn read() -> &'static str {
        "read"
    }
    #[delete("/a")]
    fn remove() -> &'static str {
        "removed"
    }
    let client = Client::new(app![MethodOverride::new(), read, remove]);
    let ask = |method: &'static str| client.post("/a").header("x-http-method-override", method).send();
    ask("DELETE").await.assert_text("removed");
    assert_eq!(ask("PUT").await.status(), client.put("/a").send().await.status());
}

/// A page of another site that sends a form.
async fn forged(app: App<impl Chain>) -> u16 {
    let req = Client::new(app).post("/?_method=DELETE").header("sec-fetch-site", "cross-site");
    req.send().await.status().as_u16()
}

#[tokio::test]
async fn csrf_refuses_a_forged_request_above_the_layer_and_below() {
    let layer = || MethodOverride::query("_method");
    assert_eq!(forged(app![layer(), method]).await, 200);
    assert_eq!(forged(app![Csrf::new(), layer(), method]).await, 403);
    assert_eq!(forged(app![layer(), Csrf::new(), method]).await, 403);
}
