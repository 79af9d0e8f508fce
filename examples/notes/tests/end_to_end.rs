//! The application, as a browser and a JSON client use it.
#![allow(missing_docs, reason = "tests")]

use std::time::Duration;

use connect::testing::Client;
use notes::store::Store;
use serde_json::{Value, json};

fn client() -> Client {
    Client::new(notes::notes(Store::in_memory().expect("SQLite starts")))
}

#[tokio::test]
async fn a_note_is_created_shown_and_deleted_with_one_flash_message_each() {
    let client = client();
    client.get("/").send().await.assert_ok().assert_contains("<form method=\"post\" action=\"/notes\">");
    client
        .post("/notes")
        .form(&[("title", "  Tea "), ("text", "green & hot <b>")])
        .send()
        .await
        .assert_status(303)
        .assert_redirect("/");
    let page = client.get("/").send().await;
    page.assert_contains("Kept \u{201c}Tea\u{201d}.").assert_contains("<a href=\"/notes/1\">Tea</a>");
    assert!(!client.get("/").send().await.text().contains("Kept"), "said once");
    client.get("/notes/1").send().await.assert_contains("green &amp; hot &lt;b&gt;");
    client.post("/notes/1/delete").send().await.assert_redirect("/");
    client.get("/").send().await.assert_contains("Deleted.");
    client.get("/notes/1").send().await.assert_status(404);
}

#[tokio::test]
async fn an_invalid_form_is_shown_again_with_its_input() {
    let client = client();
    let page = client.post("/notes").form(&[("title", " "), ("text", "kept text")]).send().await;
    page.assert_status(422).assert_contains("A note needs a title.").assert_contains("kept text");
    let long = "x".repeat(101);
    client.post("/notes").form(&[("title", &long)]).send().await.assert_status(422).assert_contains(&long);
    client.get("/api/notes").send().await.assert_json(json!([]));
}

#[tokio::test]
async fn the_api_serves_the_notes_as_json() {
    let client = client();
    let created = client.post("/api/notes").json(&json!({ "title": "Tea", "text": "green" })).send().await;
    created.assert_status(201).assert_header("location", "/api/notes/1");
    let note = json!({ "id": 1, "title": "Tea", "text": "green" });
    created.assert_json(&note);
    client.get("/api/notes/1").send().await.assert_json(&note);
    client.get("/api/notes").send().await.assert_json([&note]);
    client.post("/api/notes").json(&json!({ "title": "" })).send().await.assert_status(422);
    client.delete("/api/notes/1").send().await.assert_status(204);
    let gone: Value = client.delete("/api/notes/1").send().await.assert_status(404).json();
    assert_eq!(gone, json!({ "error": "Not Found" }));
}

#[tokio::test]
async fn errors_are_pages_for_browsers_and_json_for_api_clients() {
    let client = client();
    client.get("/notes/x").send().await.assert_status(400).assert_contains("<h1>400</h1>");
    client.get("/nothing").send().await.assert_status(404).assert_contains("There is no such page.");
    client
        .get("/api/notes/x")
        .send()
        .await
        .assert_status(400)
        .assert_header("content-type", "application/json; charset=utf-8");
    client
        .post("/api/notes")
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await
        .assert_status(400);
}

#[tokio::test]
async fn an_open_page_receives_changes_as_events() {
    let store = Store::in_memory().expect("SQLite starts");
    let client = Client::serve(notes::notes(store)).await.expect("a port");
    let mut changes = client.get("/changes").open().await;
    assert_eq!(changes.headers()["content-type"], "text/event-stream");
    client.post("/notes").form(&[("title", "Tea")]).send().await.assert_status(303);
    client.post("/notes/1/delete").send().await.assert_status(303);
    let mut heard = String::new();
    while !heard.contains("deleted") {
        let chunk = tokio::time::timeout(Duration::from_secs(5), changes.chunk()).await.expect("in time");
        heard.push_str(std::str::from_utf8(&chunk.expect("more")).expect("text"));
    }
    assert_eq!(
        heard,
        "event: created\ndata: {\"id\":1,\"title\":\"Tea\",\"text\":\"\"}\n\nevent: deleted\ndata: {\"id\":1}\n\n"
    );
}

#[tokio::test]
async fn every_response_has_a_request_id_and_the_security_headers() {
    let client = client();
    for path in ["/", "/api/notes", "/nowhere"] {
        let response = client.get(path).send().await;
        response.assert_header("x-frame-options", "DENY").assert_header("x-robots-tag", "noindex");
        assert!(response.header("x-request-id").is_some_and(|id| id.parse::<u64>().is_ok()), "{path}");
        assert!(response.header("server-timing").is_some_and(|time| time.starts_with("app;dur=")), "{path}");
    }
    client.get("/api/notes").send().await.assert_header("cache-control", "no-store");
    client.get("/").send().await.assert_no_header("cache-control");
    let status: Value = client.get("/status").send().await.json();
    assert_eq!(status, json!({ "requests": 6, "failed": 0 }));
}

#[tokio::test]
async fn a_cross_site_change_is_refused() {
    let client = client();
    let form = [("title", "Tea"), ("text", "")];
    let refused = client.post("/notes").header("sec-fetch-site", "cross-site").form(&form).send().await;
    refused.assert_status(403);
    client.get("/api/notes").send().await.assert_json(json!([]));
    client.post("/notes").header("sec-fetch-site", "same-origin").form(&form).send().await.assert_status(303);
}

#[tokio::test]
async fn the_app_is_served_over_a_socket() {
    let app = notes::notes(Store::in_memory().expect("SQLite starts"));
    let client = Client::serve(app).await.expect("a socket");
    client.get("/").send().await.assert_ok().assert_header("x-content-type-options", "nosniff");
    client.get("/api/notes").send().await.assert_json(json!([]));
}
