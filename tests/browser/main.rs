//! Cookies, cross-site requests, CORS, content security policies, a login and the list of a folder in headless Chromium.
//!
//! The pages of four sites do one step after the other by themselves, and report what they see to the server: see `pages`.
//! `CONNECT_REQUIRE_CHROMIUM=1` makes a missing browser a failure. The last output is in `README.md`.
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

mod chromium;
mod devtools;
mod reports;
mod shop;
mod sites;

use std::time::Duration;

use connect::{Environment, Shutdown, Tls};
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::reports::Reports;
use crate::sites::Hosts;

/// What a page is to report, and what that shows.
fn expected() -> Vec<(&'static str, &'static str, Value)> {
    let row = |name, shows, value| (name, shows, value);
    vec![
        row(
            "csp",
            "scripts with the nonce of the response run, others do not",
            json!({"ran": ["first", "last"], "blocked": 2}),
        ),
        row("stranger", "a guard answers 401 to who is not signed in", json!(401)),
        row("wrong password", "a login that fails sets no cookie", json!({"status": 401, "cookie": false})),
        row(
            "account",
            "a form signs in, and the redirect comes with the cookie",
            json!({"who": "ann", "flash": "Welcome, ann."}),
        ),
        row(
            "cookie",
            "the cookie is `__Host-id`, and scripts do not see it",
            json!({"sent": true, "seen by scripts": ""}),
        ),
        row("once", "a message is shown once", json!({"who": "ann", "flash": ""})),
        row(
            "post of the same origin",
            "a form of the app's own passes `Csrf`, though its `Origin` is `null`",
            json!({"status": 200, "origin": "null", "site": "same-origin"}),
        ),
        row(
            "post of another site",
            "a form of another site is refused, and comes without the cookie",
            json!({"status": 403, "cookie": false, "site": "cross-site"}),
        ),
        row(
            "link of another site",
            "a link from there comes with the cookie",
            json!({"who": "ann", "flash": ""}),
        ),
        row("cors", "a page of an allowed origin reads a response", json!({"status": 200, "text": "plain"})),
        row("cors preflight", "and one behind a preflight", json!({"status": 200, "text": "put"})),
        row("cors 401", "and the error of a guard", json!({"status": 401, "text": "sign in first"})),
        row(
            "cors 429",
            "and that of a limit, with the header that is exposed",
            json!({"status": 429, "text": "too many requests", "retry": true}),
        ),
        row("cors 500", "and that of a panic", json!({"status": 500, "text": "Internal Server Error"})),
        row("cors 404", "and that of no route", json!({"status": 404})),
        row(
            "cors credentials",
            "a session counts for a page of another origin of the site",
            json!(["1", "2"]),
        ),
        row(
            "cors credentials: omit",
            "and no cookie is sent where the page says so",
            json!({"include": true, "omit": false}),
        ),
        row(
            "cors for any origin",
            "what `Cors::any()` lets every page read is not read with credentials",
            json!({"omit": "plain", "include": "TypeError"}),
        ),
        row(
            "cors exposed headers",
            "a page of another origin reads a header that is exposed, and no other one",
            json!({
                "same origin": {"retry-after": "1", "x-hidden": "2"},
                "another origin": {"retry-after": "1", "x-hidden": null},
            }),
        ),
        row("cors of another site", "a page of another origin reads nothing", json!("TypeError")),
        row(
            "cors preflight of another site",
            "and its `PUT` is not sent",
            json!({"error": "TypeError", "sent": false}),
        ),
        row(
            "signed out",
            "a form signs out, and the guard answers 401 again",
            json!({"status": 401, "cookie": false}),
        ),
        row(
            "list",
            "names of files are text in the list of a folder, and its links lead to them",
            json!({"names": sites::LISTED, "served": true, "elements of names": 0}),
        ),
        row(
            "list csp",
            "it has its style, and runs and loads nothing else",
            json!({"script": false, "own style": true, "another style": false}),
        ),
        row(
            "list colors",
            "text is readable in light and dark",
            json!({"dark": true, "light": true, "differ": true}),
        ),
        row("list narrow", "no name makes it wider than a small screen", json!({"overflows": false})),
        row(
            "list links",
            "a heading sorts, a folder opens, and `..` leads back",
            json!({"by": "Size", "first": "folder/", "crumbs": ["/files", "folder"], "back": "/files/"}),
        ),
        row(
            "codings",
            "bodies of `Compression` are decoded",
            json!({"br": ["br", true], "gzip": ["gzip", true], "zstd": ["zstd", true]}),
        ),
        row(
            "streams",
            "and each part of a stream when it is sent",
            json!({
                "br": ["br", "first", "second"],
                "gzip": ["gzip", "first", "second"],
                "zstd": ["zstd", "first", "second"],
            }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_sees_what_the_headers_are_for() {
    let Some(program) = Chromium::find() else { return };
    let reports = Reports::default();
    let names = ["shop.test", "other.test", "pages.test", "api.pages.test", "open.pages.test", "files.test"]
        .map(str::to_owned);
    let certificate = rcgen::generate_simple_self_signed(names).unwrap();
    let tls = Tls::pem(certificate.cert.pem(), certificate.signing_key.serialize_pem()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hosts = Hosts { port: listener.local_addr().unwrap().port() };
    let shutdown = Shutdown::new();
    let files = sites::files();
    let app = sites::app(hosts, reports.clone(), files.path()).environment(Environment::Test);
    let server = app.server().listener(listener).tls(tls).shutdown(&shutdown);
    let running = tokio::spawn(server.run_until(std::future::pending::<()>()));

    let mut browser = Chromium::open(&program, &hosts.url("shop.test", "/csp"));
    let done = reports.wait_for("done", Duration::from_secs(150)).await;
    let version = browser.version().await;
    browser.close().await;
    shutdown.start();
    running.abort();

    println!("{version}\n\n| check | shows that | reported |\n|---|---|---|");
    let mut wrong = Vec::new();
    for (name, shows, expected) in expected() {
        let seen = reports.get(name);
        let verdict = if seen.as_ref() == Some(&expected) { "" } else { "**not as expected** " };
        let seen = seen.map_or("nothing".to_owned(), |seen| seen.to_string());
        println!("| {name} | {shows} | {verdict}`{seen}` |");
        if !verdict.is_empty() {
            wrong.push(format!("{name}: {seen}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty() && done, "{}", wrong.join("\n"));
}
