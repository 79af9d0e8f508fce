//! What goes wrong in a list that breaks a law, and is right in one that keeps it. That the first do not compile is shown by the golden
//! files in `ui-tests/fail/laws`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connect::testing::Client;
use connect::{app, body_parser, get, post};
use connect_middleware::auth::{BasicAuth, BearerAuth};
use connect_middleware::cors::Cors;
use connect_middleware::csrf::Csrf;
use connect_middleware::rate_limit::RateLimit;

struct User;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[post("/")]
fn change(_user: &User) -> &'static str {
    "changed"
}

#[post("/free")]
fn free() -> &'static str {
    "changed"
}

#[tokio::test]
async fn a_browser_can_read_an_error_that_cors_stands_outside_of() {
    let ask = |client: Client| async move {
        let req = client
            .post("/free")
            .header("origin", "https://example.com")
            .header("sec-fetch-site", "cross-site");
        let res = req.send().await;
        res.assert_status(403);
        res.headers().contains_key("access-control-allow-origin")
    };
    assert!(ask(Client::new(app![Cors::any(), Csrf::new(), free])).await);
    let broken = app![#![allow(cors_outside_of_refusals)] Csrf::new(), Cors::any(), free];
    assert!(!ask(Client::new(broken)).await);
}

#[tokio::test]
async fn passwords_beyond_a_limit_outside_of_authentication_are_not_checked() {
    let checks = Arc::new(AtomicUsize::new(0));
    let auth = || {
        let checks = Arc::clone(&checks);
        BasicAuth::new(move |_name: String, _password: String| {
            checks.fetch_add(1, Ordering::Relaxed);
            async { Ok(None::<User>) }
        })
    };
    let limit = || RateLimit::new(3, Duration::from_secs(60));
    let checked_of_ten = |client: Client| {
        let checks = Arc::clone(&checks);
        async move {
            checks.store(0, Ordering::Relaxed);
            for _ in 0..10 {
                client.get("/").header("authorization", "Basic dG9iaTpmZXJyZXQ=").send().await;
            }
            checks.load(Ordering::Relaxed)
        }
    };
    assert_eq!(checked_of_ten(Client::new(app![limit(), auth(), index])).await, 3);
    let broken = app![#![allow(address_limits_outside_of_authentication)] auth(), limit(), index];
    assert_eq!(checked_of_ten(Client::new(broken)).await, 10);
}

#[tokio::test]
async fn a_body_is_not_read_of_a_request_that_authentication_refuses() {
    let auth = || BearerAuth::new(|_token: String| async { Ok(None::<User>) });
    let ask = |client: Client| async move {
        let req = client.post("/").header("content-type", "application/json").bearer("wrong");
        req.body("{ not JSON").send().await.status()
    };
    assert_eq!(ask(Client::new(app![auth(), body_parser::json(), change])).await, 401);
    let broken = app![#![allow(authentication_outside_of_body_readers)] body_parser::json(), auth(), change];
    assert_eq!(ask(Client::new(broken)).await, 400);
}

#[cfg(feature = "remember-me")]
#[tokio::test]
async fn a_remembered_browser_is_signed_in_before_a_guard_refuses_it() {
    use connect::Result;
    use connect_middleware::remember_me::{Browser, MemoryRememberStore, RememberMe};
    use connect_middleware::session::{MemoryStore, Principal, Session, Sessions, require_login};

    #[post("/login")]
    async fn login(sessions: &Sessions, browser: &Browser) -> Result<&'static str> {
        sessions.login(Principal::new("ann")).await?;
        browser.remember().await?;
        Ok("welcome")
    }
    #[get("/me")]
    fn me(principal: &Principal) -> String {
        principal.id().to_owned()
    }
    let store = Arc::new(MemoryRememberStore::new());
    let remember_me = || RememberMe::new(Arc::clone(&store), async |id| Ok(Some(Principal::new(id))));
    // Sessions that end with the app.
    let session = || Session::new(MemoryStore::new());
    let cookie = async || {
        let res = Client::new(app![session(), remember_me(), login]).post("/login").send().await;
        let mut cookies = res.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let remembered = cookies.rfind(|cookie| cookie.starts_with("remember")).unwrap();
        remembered.split(';').next().unwrap().to_owned()
    };
    let ask = async |client: Client| client.get("/me").header("cookie", cookie().await).send().await.status();
    assert_eq!(ask(Client::new(app![session(), remember_me(), require_login(), me])).await, 200);
    let broken =
        app![#![allow(remember_me_outside_of_authentication)] session(), require_login(), remember_me(), me];
    assert_eq!(ask(Client::new(broken)).await, 401);
}

#[cfg(feature = "csrf-token")]
#[tokio::test]
async fn what_tokens_are_for_is_refused_by_the_other_protection_beside_them() {
    use connect::Result;
    use connect_middleware::csrf::token::{CsrfToken, CsrfTokens};
    use connect_middleware::session::{MemoryStore, Session};

    #[get("/form")]
    async fn form(token: &CsrfToken) -> Result<String> {
        token.token().await
    }
    // A page of the own site on another origin, whose form has a token.
    let ask = async |client: Client| {
        let token = client.get("/form").send().await.text().to_owned();
        let req = client.post("/free").header("origin", "https://blog.example.com");
        req.header("x-csrf-token", token).send().await.status()
    };
    let session = || Session::new(MemoryStore::new());
    assert_eq!(ask(Client::new(app![session(), CsrfTokens::new(), form, free])).await, 200);
    let broken = app![#![allow(one_csrf_protection)] session(), Csrf::new(), CsrfTokens::new(), form, free];
    assert_eq!(ask(Client::new(broken)).await, 403);
}

#[cfg(feature = "health")]
#[tokio::test]
async fn a_probe_beyond_a_limit_is_answered_outside_of_it() {
    use connect_middleware::health::Health;

    let ask = async |client: Client| {
        client.get("/").send().await.assert_status(200);
        client.get("/livez").send().await.status().as_u16()
    };
    let limit = || RateLimit::new(1, Duration::from_secs(600));
    assert_eq!(ask(Client::new(app![Health::new(), limit(), index])).await, 200);
    let broken = app![#![allow(health_outside_of_refusals)] limit(), Health::new(), index];
    assert_eq!(ask(Client::new(broken)).await, 429);
}

#[cfg(feature = "request-id")]
#[tokio::test]
async fn a_request_that_is_refused_has_an_id_below_the_layer_of_ids() {
    use connect_middleware::request_id::RequestIds;

    let ask = async |client: Client| {
        let res = client.post("/free").header("sec-fetch-site", "cross-site").send().await;
        res.assert_status(403);
        res.headers().contains_key("x-request-id")
    };
    assert!(ask(Client::new(app![RequestIds::new(), Csrf::new(), free])).await);
    let broken = app![#![allow(request_ids_outside_of_refusals)] Csrf::new(), RequestIds::new(), free];
    assert!(!ask(Client::new(broken)).await);
}

#[cfg(feature = "maintenance")]
#[tokio::test]
async fn a_client_learns_of_maintenance_while_its_token_cannot_be_checked() {
    use connect::Error;
    use connect_middleware::maintenance::Maintenance;

    // The database is what is being worked on.
    let auth =
        || BearerAuth::new(|_token: String| async { Err::<Option<User>, _>(Error::msg("no such table")) });
    let ask = async |client: Client| client.post("/").bearer("a").send().await.status();
    assert_eq!(ask(Client::new(app![Maintenance::on(), auth(), change])).await, 503);
    let broken = app![#![allow(maintenance_outside_of_authentication)] auth(), Maintenance::on(), change];
    assert_eq!(ask(Client::new(broken)).await, 500);
}

#[cfg(feature = "method-override")]
#[tokio::test]
async fn a_form_is_not_read_for_its_method_of_a_request_that_authentication_refuses() {
    use connect::body_limit;
    use connect_middleware::method_override::MethodOverride;

    let auth = || BearerAuth::new(|_token: String| async { Ok(None::<User>) });
    let ask = async |client: Client| {
        client.post("/").bearer("wrong").form(&[("text", "longer than the limit")]).send().await.status()
    };
    let kept = app![body_limit(10), auth(), MethodOverride::form("_method"), change];
    assert_eq!(ask(Client::new(kept)).await, 401);
    let broken = app![
        #![allow(authentication_outside_of_body_readers)]
        body_limit(10),
        MethodOverride::form("_method"),
        auth(),
        change,
    ];
    assert_eq!(ask(Client::new(broken)).await, 413);
}
