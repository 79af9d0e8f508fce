//! Requests with and without credentials.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect::testing::Client;
use connect::{Error, Response, app, get, guard, router};
use connect_middleware::auth::{BasicAuth, BearerAuth, secrets_match};

struct User {
    name: String,
}

#[get("/")]
fn me(user: &User) -> String {
    user.name.clone()
}

#[get("/free")]
fn free() -> &'static str {
    "free"
}

fn encoded(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

#[tokio::test]
async fn a_name_and_a_password_are_looked_up() {
    let auth = BasicAuth::new(|name: String, password: String| async move {
        Ok((name == "tobi" && secrets_match(&password, "fer:ret é")).then_some(User { name }))
    });
    let client = Client::new(app![free, auth.realm("Ferrets"), me]);
    client.get("/free").send().await.assert_status(200);
    let challenge = "Basic realm=\"Ferrets\", charset=\"UTF-8\"";
    client.get("/").send().await.assert_status(401).assert_header("www-authenticate", challenge);
    client.get("/").header("authorization", encoded("tobi:fer:ret é")).send().await.assert_text("tobi");
    client
        .get("/")
        .header("authorization", encoded("tobi:fer:ret é").replace("Basic", "bAsIc"))
        .send()
        .await
        .assert_status(200);
    for wrong in ["tobi:ferret", "tobi:", ":", "loki:fer:ret é"] {
        client
            .get("/")
            .header("authorization", encoded(wrong))
            .send()
            .await
            .assert_status(401)
            .assert_header("www-authenticate", "Basic realm=\"Ferrets\", charset=\"UTF-8\"");
    }
    for unreadable in
        ["Basic", "Basic ", "Basic ###", "Basic dG9iaQ==", "Bearer dG9iaTpmZXJyZXQ=", "Basic /w=="]
    {
        let res = client.get("/").header("authorization", unreadable).send().await;
        res.assert_status(401).assert_header("www-authenticate", challenge);
    }
}

#[tokio::test]
async fn two_headers_are_none() {
    let auth = BearerAuth::new(|name: String| async move { Ok(Some(User { name })) });
    let req =
        http::Request::get("/").header("authorization", "Bearer tobi").header("authorization", "Bearer loki");
    let mut res = Response::new();
    let _ = app![auth, me].run(&mut req.body("").unwrap().into(), &mut res).await;
    assert_eq!(res.status_code(), 401);
}

#[tokio::test]
async fn a_token_guards_routes() {
    let auth = BearerAuth::new(|token: String| async move {
        match &*token {
            "down" => Err(Error::new(503, "the database is down")),
            _ => Ok((token == "s3cret").then(|| User { name: "reports".to_owned() })),
        }
    });
    let client = Client::new(app![router![guard![auth => me], free]]);
    client.get("/").bearer("s3cret").send().await.assert_text("reports");
    client
        .get("/")
        .bearer("other")
        .send()
        .await
        .assert_status(401)
        .assert_header("www-authenticate", "Bearer realm=\"Users\", error=\"invalid_token\"");
    client.get("/").send().await.assert_header("www-authenticate", "Bearer realm=\"Users\"");
    client.get("/").bearer("down").send().await.assert_status(503);
    client.get("/free").send().await.assert_status(200);
}
