//! `connect`, with `connect-middleware`.

use std::time::Duration;

use connect::{App, Chain, Html, Json, Result, app, delete, get, post, provide, put};
use connect_middleware::compression::Compression;
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;
use connect_middleware::helmet::Helmet;
use connect_middleware::logger::Logger;
use connect_middleware::rate_limit::RateLimit;
use connect_middleware::request_id::RequestIds;
use connect_middleware::session::{MemoryStore, Part, Session, Sessions};
use connect_middleware::trace::Trace;
use http_body_util::{BodyExt, Full};
use serde::{Deserialize, Serialize};
use tower::Service;

use crate::requests::{self, Wanted};

#[derive(Serialize)]
struct User {
    id: u64,
    name: &'static str,
    visits: u64,
}

#[derive(Deserialize)]
struct Post {
    title: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Visits(u64);

impl Part for Visits {
    const NAME: &'static str = "visits";
}

#[get("/")]
#[allow(clippy::ptr_arg, reason = "the type that is provided")]
fn index(page: &String) -> Html<String> {
    Html(page.clone())
}

#[get("/users/:id")]
async fn user(sessions: &Sessions, id: u64) -> Result<Json<User>> {
    let visits = sessions.get::<Visits>().await?.0;
    Ok(Json(User { id, name: "a user of the shop", visits }))
}

#[post("/visits")]
async fn visit(sessions: &Sessions, post: Json<Post>) -> Result<Json<u64>> {
    let visits = sessions.change(|visits: &mut Visits| visits.0 += 1).await?.0;
    Ok(Json(visits + post.0.title.len() as u64))
}

#[get("/users")]
fn users() -> &'static str {
    "text"
}

#[post("/users")]
fn create_user() -> &'static str {
    "text"
}

#[put("/users/:id")]
fn update_user(id: u64) -> String {
    id.to_string()
}

#[delete("/users/:id")]
fn delete_user(id: u64) -> String {
    id.to_string()
}

#[get("/posts")]
fn posts() -> &'static str {
    "text"
}

#[post("/posts")]
fn create_post() -> &'static str {
    "text"
}

#[get("/posts/:id")]
fn one_post(id: u64) -> String {
    id.to_string()
}

fn shop() -> App<impl Chain> {
    app![
        RequestIds::new(),
        Trace::new(),
        Logger::combined(),
        Helmet::new(),
        Cors::origins(["http://shop.example.com"]).credentials(),
        Compression::new(),
        RateLimit::new(1_000_000, Duration::from_millis(1)),
        Csrf::new(),
        Session::new(MemoryStore::new()),
        provide(requests::page()),
        index,
        users,
        create_user,
        user,
        update_user,
        delete_user,
        posts,
        create_post,
        one_post,
        visit,
    ]
}

/// The lines are made, and written nowhere.
pub(crate) fn log_into_a_sink() {
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::sink).init();
}

/// Makes requests in process.
pub(crate) async fn run(measured: &Wanted, number: u64) {
    log_into_a_sink();
    let mut service = shop().into_service::<Full<bytes::Bytes>>();
    let first = requests::find("visit").expect("a request");
    let mut head = first.head("");
    for (at, wanted) in
        std::iter::once(first).chain(std::iter::repeat_n(measured, number as usize)).enumerate()
    {
        let body = Full::new(bytes::Bytes::from(wanted.body));
        let request = http::Request::from_parts(head.clone(), body);
        let Ok(response) = service.call(request).await;
        crate::is_right(wanted, response.status().as_u16());
        if at == 0 {
            let set = response.headers().get("set-cookie").expect("a cookie");
            head = measured.head(&requests::cookie(set.to_str().expect("text")));
        }
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert!(!body.is_empty());
    }
}

pub(crate) async fn serve(port: u16) {
    log_into_a_sink();
    shop().listen(("127.0.0.1", port)).await.expect("a server");
}
