//! Express's example `vhost`: one router for a host, and another one for all of its subdomains.
//!
//! Try it with `curl -H 'host: foo.example.com' localhost:3000`.

use connect::{App, Chain, Next, Request, Response, Result, app, get, middleware, router};
use connect_examples::logger;

/// The first label of the host name.
struct Subdomain(String);

/// Leaves the router unless the host is a subdomain, and provides its name.
#[middleware]
fn subdomain(#[config] of: &str, req: &mut Request, next: Next<Subdomain>) -> Result {
    match req.hostname().and_then(|host| host.split_once('.')) {
        Some((name, domain)) if !name.is_empty() && domain.eq_ignore_ascii_case(of) => {
            next.with(Subdomain(name.to_owned())).pass()
        }
        _ => next.router(),
    }
}

/// Leaves the router unless the host has this name.
#[middleware]
fn host(#[config] name: &str, req: &mut Request, next: Next) -> Result {
    match req.hostname() {
        Some(host) if host.eq_ignore_ascii_case(name) => next.pass(),
        _ => next.router(),
    }
}

#[get("/")]
fn hello() -> &'static str {
    "Hello from main app!"
}

#[get("/:sub")]
fn requested(sub: &str) -> String {
    format!("requested {sub}")
}

#[middleware]
fn redirect(res: &mut Response, host: &Subdomain) -> Result {
    println!("{}", host.0);
    res.redirect(format!("http://example.com:3000/{}", host.0))
}

pub(crate) fn app() -> App<impl Chain> {
    app![router![subdomain("example.com"), redirect], router![host("example.com"), logger, hello, requested],]
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    app().listen(connect_examples::address()).await
}
