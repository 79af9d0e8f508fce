//! Values that are checked before a route gets them.
#![cfg(feature = "valid")]

use connect::testing::Client;
use connect::{Error, Form, Json, Query, Response, Result, app, error_handler, get, post};
use connect_middleware::problem::Problem;
use connect_middleware::valid::{Invalid, Rejection, Valid};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Deserialize, Serialize, Validate)]
struct SignUp {
    #[garde(length(min = 3, max = 10), ascii)]
    name: String,
    #[garde(range(min = 18))]
    age: u8,
    #[garde(skip)]
    #[serde(default)]
    tags: Vec<String>,
    #[garde(length(min = 8))]
    #[serde(default = "long")]
    password: String,
}

fn long() -> String {
    "a long password".to_owned()
}

#[derive(Debug, Deserialize, Validate)]
struct Order {
    #[garde(dive)]
    address: Address,
    #[garde(inner(range(min = 1)))]
    items: Vec<u32>,
}

#[derive(Debug, Deserialize, Validate)]
struct Address {
    #[garde(length(min = 1))]
    city: String,
}

#[post("/json")]
fn from_json(Valid(Json(user)): Valid<Json<SignUp>>) -> String {
    format!("{} {}", user.name, user.age)
}

#[post("/form")]
fn from_form(Valid(Form(user)): Valid<Form<SignUp>>) -> String {
    format!("{} {}", user.name, user.age)
}

#[get("/query")]
fn from_query(Valid(Query(user)): Valid<Query<SignUp>>) -> String {
    format!("{} {}", user.name, user.age)
}

#[post("/order")]
fn order(Valid(Json(order)): Valid<Json<Order>>) -> String {
    format!("{} {}", order.address.city, order.items.len())
}

struct Limits {
    most: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { most: 3 }
    }
}

#[derive(Deserialize, Validate)]
#[garde(context(Limits as limits))]
struct Note {
    #[garde(length(max = limits.most))]
    text: String,
}

#[post("/note")]
fn note(Valid(Json(note)): Valid<Json<Note>>) -> String {
    note.text
}

#[tokio::test]
async fn a_rule_reads_its_context() {
    let client = Client::new(app![note]);
    client.post("/note").json(&json!({"text": "abc"})).send().await.assert_text("abc");
    let res = client.post("/note").json(&json!({"text": "abcd"})).send().await;
    res.assert_status(422).assert_contains("text: length is greater than 3");
}

#[post("/again")]
fn again(sent: Result<Valid<Form<SignUp>>, Rejection>, res: &mut Response) -> Result {
    let invalid = match sent {
        Ok(Valid(Form(user))) if user.name == "taken" => Invalid::of(&user).with("name", "is taken"),
        Ok(Valid(Form(user))) => return res.text(format!("welcome, {}", user.name)),
        Err(rejection) => rejection.invalid()?,
    };
    res.status(422).json(json!({ "values": invalid.values(), "errors": invalid.messages() }))
}

#[post("/maybe")]
fn maybe(user: Option<Valid<Json<SignUp>>>) -> String {
    user.is_some().to_string()
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).json(&*Problem::of(&err))
}

fn client() -> Client {
    Client::new(app![from_json, from_form, from_query, order, again, maybe, on_error])
}

fn fields(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{problem}"));
    errors
        .iter()
        .map(|one| (one["field"].as_str().unwrap().to_owned(), one["message"].as_str().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn what_keeps_the_rules_arrives() {
    let client = client();
    client
        .post("/json")
        .json(&json!({"name": "tobi", "age": 20}))
        .send()
        .await
        .assert_status(200)
        .assert_text("tobi 20");
    client.post("/form").form(&[("name", "tobi"), ("age", "20")]).send().await.assert_text("tobi 20");
    client.get("/query?name=tobi&age=20").send().await.assert_text("tobi 20");
    client
        .post("/order")
        .json(&json!({"address": {"city": "Rome"}, "items": [1]}))
        .send()
        .await
        .assert_text("Rome 1");
    client.post("/maybe").send().await.assert_text("false");
}

#[tokio::test]
async fn every_broken_rule_is_an_error_of_its_field() {
    let client = client();
    let expected = [("age", "lower than 18"), ("name", "length is lower than 3")]
        .map(|(field, text)| (field.to_owned(), text.to_owned()));
    let sent = [
        client.post("/json").json(&json!({"name": "al", "age": 17})).send().await,
        client.post("/form").form(&[("name", "al"), ("age", "17")]).send().await,
        client.get("/query?name=al&age=17").send().await,
    ];
    for res in sent {
        let problem: Value = res.assert_status(422).json();
        assert_eq!(fields(&problem), expected);
        assert_eq!(problem["errors"][1]["pointer"], "#/name");
        assert_eq!(problem["detail"], "age: lower than 18; name: length is lower than 3");
    }
    let problem: Value =
        client.post("/order").json(&json!({"address": {"city": ""}, "items": [1, 0]})).send().await.json();
    let names: Vec<String> = fields(&problem).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["address.city", "items[1]"]);
    assert_eq!(problem["errors"][1]["pointer"], "#/items/1");
}

#[tokio::test]
async fn what_does_not_fit_the_type_has_the_same_shape() {
    let client = client();
    for (sent, field, message) in [
        (json!({"name": "tobi", "age": "old"}), "age", "expected a whole number from 0 to 255"),
        (json!({"name": "tobi"}), "age", "is missing"),
        (json!("tobi"), "", "expected an object"),
        (json!(null), "", "expected an object"),
    ] {
        let problem: Value = client.post("/json").json(&sent).send().await.assert_status(422).json();
        assert_eq!(fields(&problem), [(field.to_owned(), message.to_owned())]);
    }
    for (query, field, message) in [
        ("name=tobi&age=x", "age", "not a whole number in the allowed range"),
        ("name=tobi&age=-1", "age", "not a whole number in the allowed range"),
        ("name=tobi&age=", "age", "expected a whole number"),
        ("name=tobi&age=256", "age", "the number is too large"),
        ("age=20", "name", "is missing"),
    ] {
        let problem: Value = client.get(&format!("/query?{query}")).send().await.assert_status(422).json();
        assert_eq!(fields(&problem), [(field.to_owned(), message.to_owned())]);
    }
}

#[tokio::test]
async fn what_is_no_matter_of_fields_keeps_its_status() {
    let client = client();
    for path in ["/json", "/again"] {
        let kind = if path == "/json" { "application/json" } else { "application/x-www-form-urlencoded" };
        client.post(path).header("content-type", "image/png").body("x").send().await.assert_status(415);
        client
            .post(path)
            .header("content-type", kind)
            .body("x".repeat(200_000))
            .send()
            .await
            .assert_status(413);
    }
    client.post("/json").header("content-type", "application/json").body("{").send().await.assert_status(400);
}

#[tokio::test]
async fn a_form_is_shown_again_with_what_was_sent_and_without_the_password() {
    let client = client();
    let sent = [("name", "al"), ("age", "17"), ("tags", "a"), ("tags", "b"), ("password", "hunter2")];
    let shown: Value = client.post("/again").form(&sent).send().await.assert_status(422).json();
    assert_eq!(shown["values"], json!({"name": "al", "age": "17", "tags": ["a", "b"]}));
    assert_eq!(
        shown["errors"],
        json!({"name": ["length is lower than 3"], "age": ["lower than 18"], "password": ["length is lower than 8"]})
    );
    // What does not fit the type is kept, too.
    let shown: Value = client.post("/again").form(&[("name", "tobi"), ("age", "old")]).send().await.json();
    assert_eq!(shown["values"], json!({"name": "tobi", "age": "old"}));
    assert!(shown["errors"]["age"].is_array(), "{shown}");
    let shown: Value = client.post("/again").form(&[("name", "taken"), ("age", "20")]).send().await.json();
    assert_eq!(
        shown,
        json!({"values": {"name": "taken", "age": 20, "tags": []}, "errors": {"name": ["is taken"]}})
    );
    client.post("/again").form(&[("name", "tobi"), ("age", "20")]).send().await.assert_text("welcome, tobi");
}

#[tokio::test]
async fn a_form_with_lists_and_groups_is_shown_again_in_the_shape_of_its_type() {
    #[post("/order")]
    fn order(sent: Result<Valid<Form<Order>>, Rejection>, res: &mut Response) -> Result {
        let invalid = sent.expect_err("a broken rule").invalid()?;
        res.json(json!({"values": invalid.values(), "errors": invalid.messages()}))
    }

    let client = Client::new(app![order]);
    let sent = [("address[city]", ""), ("items[]", "1"), ("items[]", "0"), ("address[password]", "hunter2")];
    let shown: Value = client.post("/order").form(&sent).send().await.json();
    assert_eq!(shown["values"], json!({"address": {"city": ""}, "items": ["1", "0"]}));
    let expected = json!({"address.city": ["length is lower than 1"], "items[1]": ["lower than 1"]});
    assert_eq!(shown["errors"], expected);
    // What does not fit the type has the same shape.
    let sent = [("address[city]", "Bonn"), ("items[]", "one")];
    let shown: Value = client.post("/order").form(&sent).send().await.json();
    assert_eq!(shown["values"], json!({"address": {"city": "Bonn"}, "items": ["one"]}));
    assert!(shown["errors"]["items[0]"].is_array(), "{shown}");
}

#[tokio::test]
async fn a_route_passes_a_rejection_on_with_a_question_mark() {
    #[post("/checked")]
    fn checked(sent: Result<Valid<Form<SignUp>>, Rejection>) -> Result<String> {
        let Valid(Form(user)) = sent?;
        Err(Invalid::default().with("name", format!("{} is taken", user.name)))?
    }

    let client = Client::new(app![checked, on_error]);
    for (name, message) in [("al", "length is lower than 3"), ("tobi", "tobi is taken")] {
        let sent = [("name", name), ("age", "20")];
        let problem: Value = client.post("/checked").form(&sent).send().await.assert_status(422).json();
        assert_eq!(fields(&problem), [("name".to_owned(), message.to_owned())]);
    }
}
