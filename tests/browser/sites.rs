//! The sites: a shop, a page of another site, a page with an API on another host of its site, and the list of a folder.

use std::path::Path;
use std::time::Duration;

use connect::{
    App, Chain, Error, Form, Html, Json, Next, Query, Redirect, Request, Response, Result, app,
    error_handler, get, middleware, post, provide, put, router, serve_static,
};
use connect_middleware::auth::BearerAuth;
use connect_middleware::compression::{Coding, Compression};
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;
use connect_middleware::helmet::{Helmet, Nonce};
use connect_middleware::hosts::VHost;
use connect_middleware::rate_limit::RateLimit;
use connect_middleware::serve_index::ServeIndex;
use connect_middleware::session::{MemoryStore, Part, Principal, Session, Sessions, require_login};
use futures_util::stream;
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reports::Reports;

#[derive(Clone, Copy)]
pub(crate) struct Hosts {
    pub(crate) port: u16,
}

impl Hosts {
    pub(crate) fn url(self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.port)
    }

    fn page(self, text: &str, nonce: &str, page: &Value) -> Html<String> {
        const REPORT: &str = "const report = (name, value) => fetch(\"/report\", { method: \"POST\", \
            headers: { \"content-type\": \"application/json\" }, body: JSON.stringify({ name, value }) });";
        let text = text.replace("{{report}}", REPORT).replace("{{nonce}}", nonce);
        Html(text.replace("{{port}}", &self.port.to_string()).replace("{{page}}", &page.to_string()))
    }
}

pub(crate) fn app(hosts: Hosts, reports: Reports, files: &Path) -> App<impl Chain> {
    let pages =
        Cors::origins([hosts.url("pages.test", "")]).credentials().expose_headers([header::RETRY_AFTER]);
    let auth = BearerAuth::new(|_: String| async { Ok(None::<()>) });
    app![
        provide(hosts),
        provide(reports),
        router![
            VHost::new("shop.test"),
            Helmet::new().nonces(),
            observe,
            Csrf::new(),
            report,
            Session::new(MemoryStore::new()),
            csp,
            stranger,
            login_form,
            login,
            has_cookie,
            logout,
            left,
            transfer,
            require_login(),
            account,
        ],
        router![VHost::new("other.test"), report, seen, other, other_cors],
        router![VHost::new("pages.test"), report, pages_index, two_headers],
        router![VHost::new("open.pages.test"), Cors::any(), plain],
        router![
            VHost::new("api.pages.test"),
            pages,
            Session::new(MemoryStore::new()),
            plain, put_by, panics, count, has_cookie, two_headers,
            "/limited" => [RateLimit::new(1, Duration::from_secs(3600)), limited],
            "/private" => [auth, private],
            not_found,
        ],
        router![
            VHost::new("files.test"),
            report,
            files_index,
            "/files" => [serve_static(files), ServeIndex::new(files)],
            "/br" => [Compression::new().codings([Coding::Br]), long, slow],
            "/gzip" => [Compression::new().codings([Coding::Gzip]), long, slow],
            "/zstd" => [Compression::new().codings([Coding::Zstd]), long, slow],
        ],
        on_error,
    ]
}

#[error_handler]
fn on_error(err: Error, res: &mut Response) -> Result {
    res.error(&err).text(err.public_message())
}

/// Notes what is sent to `/transfer`, and what is answered.
#[middleware]
async fn observe(reports: &Reports, req: &mut Request, res: &mut Response, next: Next) -> Result {
    if req.path() != "/transfer" {
        return next.pass();
    }
    let text = |name: &str| req.header(name).unwrap_or("").to_owned();
    let (origin, site, cookie) = (text("origin"), text("sec-fetch-site"), text("cookie"));
    let is_other = req.url().contains("from=other");
    let reports = reports.clone();
    res.on_finish(move |finish| {
        let status = finish.status.map(|status| status.as_u16());
        if is_other {
            let seen = json!({"status": status, "cookie": !cookie.is_empty(), "site": site});
            reports.put("post of another site", seen);
        } else {
            reports.put("post of the same origin", json!({"status": status, "origin": origin, "site": site}));
        }
    });
    next.pass()
}

#[derive(Deserialize)]
struct Report {
    name: String,
    value: Value,
}

#[post("/report", public)]
fn report(reports: &Reports, Json(report): Json<Report>) -> &'static str {
    reports.put(&report.name, report.value);
    "noted"
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[get("/seen")]
fn seen(reports: &Reports, Query(query): Query<Name>) -> Result<String> {
    reports.get(&query.name).map(|value| value.to_string()).ok_or_else(|| Error::new(404, "not yet"))
}

// The shop.

#[get("/csp")]
fn csp(hosts: &Hosts, nonce: &Nonce) -> Html<String> {
    hosts.page(include_str!("pages/csp.html"), nonce.as_ref(), &Value::Null)
}

#[get("/stranger")]
fn stranger(hosts: &Hosts, nonce: &Nonce) -> Html<String> {
    hosts.page(include_str!("pages/stranger.html"), nonce.as_ref(), &Value::Null)
}

#[get("/login")]
fn login_form(hosts: &Hosts, nonce: &Nonce) -> Html<String> {
    hosts.page(include_str!("pages/login.html"), nonce.as_ref(), &Value::Null)
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[post("/login")]
async fn login(sessions: &Sessions, Form(form): Form<Credentials>) -> Result<Redirect> {
    if form.password != "correct horse" {
        return Err(Error::new(401, "the name or the password is wrong"));
    }
    sessions.login(Principal::new(&*form.name)).await?;
    sessions.flash("info", format!("Welcome, {}.", form.name)).await?;
    Ok(Redirect::see_other("/account"))
}

#[get("/has-cookie")]
fn has_cookie(req: &Request) -> Json<Value> {
    Json(json!({"sent": req.cookies().get("__Host-id").is_some()}))
}

#[get("/account")]
async fn account(
    hosts: &Hosts,
    nonce: &Nonce,
    principal: &Principal,
    sessions: &Sessions,
) -> Result<Html<String>> {
    let flash: String = sessions.take_flash().await?.into_iter().map(|message| message.text).collect();
    let page = json!({"who": principal.id(), "flash": flash});
    Ok(hosts.page(include_str!("pages/account.html"), nonce.as_ref(), &page))
}

#[post("/transfer")]
fn transfer(hosts: &Hosts, nonce: &Nonce) -> Html<String> {
    hosts.page(include_str!("pages/transferred.html"), nonce.as_ref(), &Value::Null)
}

#[post("/logout")]
async fn logout(sessions: &Sessions) -> Result<Redirect> {
    sessions.logout().await?;
    Ok(Redirect::see_other("/left"))
}

#[get("/left")]
fn left(hosts: &Hosts, nonce: &Nonce) -> Html<String> {
    hosts.page(include_str!("pages/left.html"), nonce.as_ref(), &Value::Null)
}

// The other site.

#[get("/")]
fn other(hosts: &Hosts) -> Html<String> {
    hosts.page(include_str!("pages/other.html"), "", &Value::Null)
}

#[get("/cors")]
fn other_cors(hosts: &Hosts) -> Html<String> {
    hosts.page(include_str!("pages/other_cors.html"), "", &Value::Null)
}

// The page and its API.

#[get("/")]
fn pages_index(hosts: &Hosts) -> Html<String> {
    hosts.page(include_str!("pages/pages.html"), "", &Value::Null)
}

#[get("/plain")]
fn plain() -> &'static str {
    "plain"
}

/// `Retry-After` is exposed, the other one is not.
#[get("/headers")]
fn two_headers(res: &mut Response) -> &'static str {
    res.set(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    res.set("x-hidden", header::HeaderValue::from_static("2"));
    "two headers"
}

#[derive(Deserialize)]
struct By {
    by: String,
}

#[put("/put")]
fn put_by(reports: &Reports, Query(query): Query<By>) -> &'static str {
    reports.put(&format!("put by {}", query.by), json!(true));
    "put"
}

#[get("/panics")]
fn panics() -> &'static str {
    panic!("as it has to")
}

#[derive(Serialize, Deserialize, Default)]
struct Visits(u32);

impl Part for Visits {
    const NAME: &'static str = "visits";
}

#[post("/count")]
async fn count(sessions: &Sessions) -> Result<String> {
    Ok(sessions.change::<Visits>(|visits| visits.0 += 1).await?.0.to_string())
}

#[get("/")]
fn limited() -> &'static str {
    "the first"
}

#[get("/")]
fn private() -> &'static str {
    "private"
}

#[middleware]
fn not_found(req: &mut Request) -> Result {
    Err(Error::new(404, format!("there is no {}", req.path())))
}

// The list of a folder.

/// What is in the list, in its order.
pub(crate) const LISTED: [&str; 6] = [
    "folder/",
    "\"onfocus=\"parent.ran=1\" autofocus=\"",
    "50% & 'more'?#.txt",
    "<img src=x onerror=parent.ran=1>",
    "a-name-that-is-longer-than-a-small-screen-and-has-no-space-at-which-it-could-be-broken.tar.zst",
    "\u{fc}ber \u{1f600}.txt",
];

/// A folder with files that contain their names.
pub(crate) fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in LISTED {
        let path = folder.path().join(name);
        match name.ends_with('/') {
            true => std::fs::create_dir(path).unwrap(),
            false => std::fs::write(path, name).unwrap(),
        }
    }
    folder
}

#[get("/")]
fn files_index(hosts: &Hosts) -> Html<String> {
    hosts.page(include_str!("pages/files.html"), "", &Value::Null)
}

// Bodies that are compressed.

#[get("/long")]
fn long() -> String {
    "A line of text, with an é.\n".repeat(1000)
}

/// A stream whose second part is made when the page has read the first one.
#[get("/slow")]
fn slow(reports: &Reports, req: &mut Request, res: &mut Response) -> Result {
    let (reports, read) = (reports.clone(), format!("read {}", req.original_uri().path()));
    let body = stream::unfold(0, move |at| {
        let (reports, read) = (reports.clone(), read.clone());
        async move {
            if at == 1 && !reports.wait_for(&read, Duration::from_secs(30)).await {
                return None;
            }
            (at < 2).then(|| (Ok::<_, Error>(["first", "second"][at]), at + 1))
        }
    });
    res.set("content-type", "text/plain").stream(body)
}
