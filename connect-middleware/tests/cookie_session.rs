//! Sessions in a cookie, as browsers use them.
#![cfg(feature = "cookie-session")]

#[path = "support/log.rs"]
mod log;

use connect::cookie::{Cookie, SameSite};
use connect::testing::Client;
use connect::{
    App, Chain, CookieKeys, Error, Next, Outermost, Redirect, Request, Response, Result, TrustProxy, app,
    error_handler, get, middleware, post,
};
use connect_middleware::cookie_session::{CookieSession, CookieSessionError, CookieValue};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};

const OLD: &str = "a secret of the tests, long enough";
const NEW: &str = "the next secret of the tests, long enough";

#[derive(Serialize, Deserialize, Default)]
struct Cart {
    items: Vec<String>,
}

/// The cart of another version of the application.
#[derive(Serialize, Deserialize, Default)]
struct OtherCart {
    items: u32,
}

/// Cannot be read as it is written.
#[derive(Serialize, Deserialize, Default)]
struct OneWay {
    #[serde(skip_deserializing)]
    skipped: u32,
    #[serde(serialize_with = "as_text")]
    number: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn as_text<S: serde::Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(number)
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/cart")]
fn cart(cart: &CookieValue<Cart>) -> String {
    cart.get().items.join(",")
}

#[post("/cart/:item")]
fn add(cart: &CookieValue<Cart>, item: String) -> Result<Redirect> {
    cart.change(|cart| cart.items.push(item))?;
    Ok(Redirect::see_other("/cart"))
}

#[post("/twice")]
fn twice(cart: &CookieValue<Cart>) -> Result<String> {
    cart.change(|cart| cart.items.push("one".to_owned()))?;
    Ok(cart.change(|cart| cart.items.push("two".to_owned()))?.items.join(","))
}

#[post("/leave")]
fn leave_as_it_is(cart: &CookieValue<Cart>) -> Result<String> {
    Ok(cart.change(|_| {})?.items.len().to_string())
}

#[post("/take")]
fn take(cart: &CookieValue<Cart>) -> Result<String> {
    cart.try_change(|cart| cart.items.pop().ok_or(Error::new(422, "the cart is empty")))
}

#[post("/fill/:bytes")]
fn fill(cart: &CookieValue<Cart>, bytes: usize) -> Result<&'static str> {
    cart.change(|cart| cart.items.push("x".repeat(bytes)))?;
    Ok("filled")
}

/// Tries what is too much, and goes on with what was there.
#[post("/try/:bytes")]
fn try_to_fill(cart: &CookieValue<Cart>, bytes: usize) -> String {
    let is_too_much = cart.change(|cart| cart.items.push("x".repeat(bytes))).is_err();
    format!("{is_too_much} {}", cart.get().items.len())
}

#[post("/logout")]
fn logout(cart: &CookieValue<Cart>) -> Result<&'static str> {
    cart.clear()?;
    Ok("bye")
}

#[post("/replace")]
fn replace(cart: &CookieValue<Cart>) -> Result<&'static str> {
    cart.clear()?;
    cart.change(|cart| cart.items.push("first".to_owned()))?;
    Ok("replaced")
}

#[post("/change-and-clear")]
fn change_and_clear(cart: &CookieValue<Cart>) -> Result<&'static str> {
    cart.change(|cart| cart.items.push("anvil".to_owned()))?;
    cart.clear()?;
    Ok("cleared")
}

#[post("/fails")]
fn fails(cart: &CookieValue<Cart>) -> Result<&'static str> {
    cart.change(|cart| cart.items.push("failed".to_owned()))?;
    Err(Error::new(418, "after the change"))
}

#[post("/panics")]
fn panics(cart: &CookieValue<Cart>) -> Result<&'static str> {
    cart.change(|cart| cart.items.push("panicked".to_owned()))?;
    panic!("after the change")
}

/// A stream that changes the value before and after the head was sent, and says how that went.
#[post("/stream")]
fn stream(cart: &CookieValue<Cart>, res: &mut Response) -> Result {
    cart.change(|cart| cart.items.push("early".to_owned()))?;
    let cart = cart.clone();
    let late = async move {
        let changed = cart.change(|cart| cart.items.push("late".to_owned())).err();
        let cleared = cart.clear().err();
        let status = |err: Option<Error>| err.map_or(0, |err| err.status().as_u16());
        Ok::<_, io::Error>(format!("{} {} {}", status(changed), status(cleared), cart.get().items.join(",")))
    };
    res.stream(futures_util::stream::once(late))
}

#[get("/public")]
fn public(_cart: &CookieValue<Cart>, res: &mut Response) -> Result {
    res.set("cache-control", "public, max-age=60").text("the same for all")
}

#[error_handler]
fn on_error(err: CookieSessionError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    let text = format!("sorry: {err}");
    res.status(err.status()).text(text)
}

fn new() -> CookieSession<Cart> {
    CookieSession::new(CookieKeys::new(OLD).unwrap())
}

fn routes(session: CookieSession<Cart>) -> App<impl Chain, Outermost> {
    app![
        session,
        index,
        cart,
        add,
        twice,
        leave_as_it_is,
        take,
        fill,
        try_to_fill,
        logout,
        replace,
        change_and_clear,
        fails,
        panics,
        stream,
        public,
        on_error,
    ]
    .trust_proxy(TrustProxy::none())
}

fn browser(session: CookieSession<Cart>) -> Client {
    Client::new(routes(session))
}

async fn page(client: &Client, target: &str) -> String {
    let res = client.get(target).send().await;
    res.assert_status(200);
    res.text().to_owned()
}

/// The cart of somebody who has a certain cookie.
async fn cart_with(session: CookieSession<Cart>, cookie: &str) -> String {
    let res = browser(session).get("/cart").cookie("session", cookie).send().await;
    res.assert_status(200).assert_no_header("set-cookie");
    res.text().to_owned()
}

#[tokio::test]
async fn a_value_stays_from_one_request_to_the_next_and_a_redirect_sets_it() {
    let client = browser(new());
    assert_eq!(page(&client, "/cart").await, "");
    for item in ["anvil", "rope"] {
        client
            .post(&format!("/cart/{item}"))
            .send()
            .await
            .assert_status(303)
            .assert_header("vary", "Accept, Cookie");
    }
    assert_eq!(page(&client, "/cart").await, "anvil,rope");
    client.post("/take").send().await.assert_text("rope");
    assert_eq!(page(&client, "/cart").await, "anvil");
    // The second change of a request sees the first one, and there is one cookie.
    let res = client.post("/twice").send().await;
    res.assert_text("anvil,one,two");
    assert_eq!(res.headers().get_all("set-cookie").iter().count(), 1);
    assert_eq!(page(&client, "/cart").await, "anvil,one,two");
}

#[tokio::test]
async fn a_cookie_is_set_only_when_the_value_was_changed() {
    let client = browser(new());
    for with_value in [false, true] {
        client.get("/").send().await.assert_no_header("set-cookie").assert_no_header("vary");
        let res = client.get("/cart").send().await;
        res.assert_no_header("set-cookie").assert_no_header("cache-control").assert_header("vary", "Cookie");
        client.post("/leave").send().await.assert_status(200).assert_no_header("set-cookie");
        if !with_value {
            client.post("/take").send().await.assert_status(422).assert_no_header("set-cookie");
            client.post("/logout").send().await.assert_status(200).assert_no_header("set-cookie");
            client.post("/change-and-clear").send().await.assert_no_header("set-cookie");
        }
        client.post("/cart/anvil").send().await.assert_header("cache-control", "private");
    }
    client.get("/public").send().await.assert_header("cache-control", "public, max-age=60");
}

#[tokio::test]
async fn errors_panics_and_streams_set_the_cookie() {
    let client = browser(new());
    client.post("/fails").send().await.assert_status(418);
    client.post("/panics").send().await.assert_status(500);
    assert_eq!(page(&client, "/cart").await, "failed,panicked");
    client.post("/stream").send().await.assert_text("500 500 failed,panicked,early");
    assert_eq!(page(&client, "/cart").await, "failed,panicked,early");
}

#[tokio::test]
async fn a_browser_on_a_real_connection_gets_the_cookie_too() -> io::Result<()> {
    let client = Client::serve(routes(new())).await?;
    client.post("/stream").send().await.assert_text("500 500 early");
    client.post("/cart/anvil").send().await.assert_status(303);
    assert_eq!(page(&client, "/cart").await, "early,anvil");
    client.post("/logout").send().await.assert_status(200);
    assert_eq!((page(&client, "/cart").await.as_str(), client.cookie("session")), ("", None));
    client.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn a_logout_removes_the_cookie_from_this_browser_only() {
    let client = browser(new());
    client.post("/cart/anvil").send().await;
    let copy = client.cookie("session").unwrap();
    let res = client.post("/logout").send().await;
    res.assert_header("cache-control", "private");
    let set = res.header("set-cookie").unwrap();
    assert!(set.starts_with("session=; ") && set.contains("Expires=Thu, 01 Jan 1970"), "{set}");
    assert_eq!((page(&client, "/cart").await.as_str(), client.cookie("session")), ("", None));
    assert_eq!(cart_with(new(), &copy).await, "anvil");
    // What is put in after it is kept.
    client.post("/cart/anvil").send().await;
    client.post("/replace").send().await.assert_text("replaced");
    assert_eq!(page(&client, "/cart").await, "first");
}

#[tokio::test]
async fn a_copy_of_an_old_cookie_ends_with_its_lifetime() {
    let now = Arc::new(AtomicU64::new(1_000_000));
    let at = |now: &Arc<AtomicU64>| {
        let now = Arc::clone(now);
        new()
            .max_age(Duration::from_secs(60))
            .clock(move || UNIX_EPOCH + Duration::from_secs(now.load(SeqCst)))
    };
    let client = browser(at(&now));
    client.post("/cart/anvil").send().await;
    let copy = client.cookie("session").unwrap();
    now.fetch_add(59, SeqCst);
    assert_eq!(cart_with(at(&now), &copy).await, "anvil");
    client.post("/cart/rope").send().await;
    let later = client.cookie("session").unwrap();
    now.fetch_add(1, SeqCst);
    assert_eq!(cart_with(at(&now), &copy).await, "", "60 seconds after it was set");
    assert_eq!(cart_with(at(&now), &later).await, "anvil,rope", "a change begins the lifetime anew");
    now.fetch_add(59, SeqCst);
    assert_eq!(cart_with(at(&now), &later).await, "");
}

#[tokio::test]
async fn a_cookie_that_is_made_up_or_changed_counts_as_none() {
    let client = browser(new());
    client.post("/cart/anvil").send().await;
    let good = client.cookie("session").unwrap();
    assert!(!good.contains("anvil") && !good.contains('%'), "{good}");
    let changed = format!("{}{}", if good.starts_with('A') { 'B' } else { 'A' }, &good[1..]);
    let cut = &good[..good.len() - 4];
    for bad in ["", "x", "%00", "null", "1 {}", &changed, cut] {
        assert_eq!(cart_with(new(), bad).await, "", "{bad}");
    }
    assert_eq!(cart_with(new(), &good).await, "anvil");
    // The value of one cookie is of no other one.
    let other = browser(new().name("other"));
    other.get("/cart").cookie("other", &good).send().await.assert_text("");
    // One that somebody planted in front of it does not hide it.
    let both = format!("session=planted; session={good}");
    browser(new()).get("/cart").header("cookie", both).send().await.assert_text("anvil");
    // It can be written over.
    let res = browser(new()).post("/cart/rope").cookie("session", "x").send().await;
    let set = Cookie::parse(res.header("set-cookie").unwrap()).unwrap();
    assert_eq!(cart_with(new(), set.value()).await, "rope");
}

#[tokio::test]
async fn a_value_of_another_shape_counts_as_none_and_is_logged() {
    #[post("/count")]
    fn count(cart: &CookieValue<OtherCart>) -> Result<String> {
        let before = cart.get().items;
        cart.change(|cart| cart.items += 1)?;
        Ok(before.to_string())
    }
    let client = browser(new());
    client.post("/cart/anvil").send().await;
    let old = client.cookie("session").unwrap();
    let (log, _guard) = log::log();
    let deployed = CookieSession::<OtherCart>::new(CookieKeys::new(OLD).unwrap());
    let client = Client::new(app![deployed, count]);
    let res = client.post("/count").cookie("session", &old).send().await;
    res.assert_text("0");
    let lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("the value of the cookie `session` is not of the type"), "{lines:?}");
    assert!(!lines[0].contains("anvil"), "{lines:?}");
    // It is written over.
    client.post("/count").send().await.assert_text("1");
    assert!(log.take().is_empty());
}

#[tokio::test]
async fn keys_are_rotated_without_a_loss() {
    let client = browser(new());
    client.post("/cart/anvil").send().await;
    let old = client.cookie("session").unwrap();
    let both = || CookieKeys::new(NEW).unwrap().with_former(OLD).unwrap();
    assert_eq!(cart_with(CookieSession::new(both()), &old).await, "anvil");
    assert_eq!(cart_with(CookieSession::new(CookieKeys::new(NEW).unwrap()), &old).await, "");
    // A change is written with the new key.
    let res = browser(CookieSession::new(both())).post("/cart/rope").cookie("session", &old).send().await;
    let set = Cookie::parse(res.header("set-cookie").unwrap()).unwrap();
    assert_eq!(cart_with(CookieSession::new(CookieKeys::new(NEW).unwrap()), set.value()).await, "anvil,rope");
}

#[tokio::test]
async fn a_cookie_that_browsers_would_drop_is_an_error_with_its_size() {
    let fits = async |bytes: usize| {
        let res = browser(new()).post(&format!("/fill/{bytes}")).send().await;
        let length = res.header("set-cookie").map(str::len);
        assert_eq!(length.is_some(), res.status() == 200);
        (length, res)
    };
    let (mut least, mut most) = (0, 4096);
    while most - least > 1 {
        let middle = usize::midpoint(least, most);
        match fits(middle).await.0 {
            Some(_) => least = middle,
            None => most = middle,
        }
    }
    // Base64 grows in steps of four characters.
    let (length, _) = fits(least).await;
    assert!((4093..=4096).contains(&length.unwrap()), "{length:?}");
    assert!((2850..3050).contains(&least), "{least} bytes fit");
    let (_, res) = fits(most).await;
    res.assert_status(413);
    let bytes: usize = res
        .text()
        .strip_prefix("sorry: the cookie `session` would have ")
        .and_then(|rest| rest.strip_suffix(" bytes with its attributes, and browsers keep 4096"))
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or_else(|| panic!("{}", res.text()));
    assert!((4097..=4100).contains(&bytes), "{bytes}");
    // The same value always has the same size, whatever the random bytes are.
    for _ in 0..20 {
        assert_eq!(fits(least).await.0, length);
    }
}

#[tokio::test]
async fn a_change_that_is_too_large_leaves_the_value_as_it_was() {
    let client = browser(new());
    client.post("/cart/anvil").send().await;
    client.post("/try/5000").send().await.assert_text("true 1").assert_no_header("set-cookie");
    assert_eq!(page(&client, "/cart").await, "anvil");
}

#[tokio::test]
async fn a_value_that_could_not_be_read_again_is_not_sent() {
    #[post("/")]
    fn change(value: &CookieValue<OneWay>) -> Result<String> {
        let value = value.change(|value| value.number += 1)?;
        Ok(format!("{} {}", value.number, value.skipped))
    }
    let client = Client::new(app![CookieSession::<OneWay>::new(CookieKeys::generate()), change]);
    client.post("/").send().await.assert_status(500).assert_no_header("set-cookie");
}

#[tokio::test]
async fn the_attributes_are_those_that_were_set() {
    let line = async |session: CookieSession<Cart>, scheme: &str| {
        let app = routes(session).trust_proxy(TrustProxy::all());
        let res = Client::new(app).post("/cart/anvil").header("x-forwarded-proto", scheme).send().await;
        let line = res.header("set-cookie").unwrap().to_owned();
        let (name, rest) = line.split_once('=').unwrap();
        let attributes = rest.split_once("; ").unwrap().1;
        format!("{name}; {}", attributes.split("; Expires=").next().unwrap())
    };
    let age = "Max-Age=1209600";
    for (session, scheme, wanted) in [
        (new(), "http", format!("session; HttpOnly; SameSite=Lax; Path=/; {age}")),
        (new(), "https", format!("__Host-session; HttpOnly; SameSite=Lax; Secure; Path=/; {age}")),
        (
            new().path("/shop"),
            "https",
            format!("__Secure-session; HttpOnly; SameSite=Lax; Secure; Path=/shop; {age}"),
        ),
        (
            new().secure(true).persistent(false).same_site(SameSite::Strict),
            "http",
            "__Host-session; HttpOnly; SameSite=Strict; Secure; Path=/".to_owned(),
        ),
        (
            new().secure(false).name("cart").max_age(Duration::from_secs(60)),
            "https",
            "cart; HttpOnly; SameSite=Lax; Path=/; Max-Age=60".to_owned(),
        ),
        (
            new().name("__Host-cart"),
            "http",
            format!("__Host-cart; HttpOnly; SameSite=Lax; Secure; Path=/; {age}"),
        ),
    ] {
        assert_eq!(line(session, scheme).await, wanted);
    }
}

#[test]
fn options_that_browsers_refuse_do_not_start() {
    let refused =
        |session: fn() -> CookieSession<Cart>| std::panic::catch_unwind(|| drop(routes(session()))).is_err();
    assert!(refused(|| new().name("__Host-a").secure(false)));
    assert!(refused(|| new().name("__secure-a").secure(false)));
    assert!(refused(|| new().same_site(SameSite::None).secure(false)));
    assert!(refused(|| new().name("__Host-a").path("/cart")));
    assert!(refused(|| new().name("a b")) && refused(|| new().name("")));
    assert!(refused(|| new().path("/; Domain=example.com")));
    assert!(!refused(|| new().name("__Secure-a").path("/cart")));
}

#[tokio::test]
async fn a_cookie_that_cannot_arrive_is_one_warning() {
    for (session, scheme, warning) in [
        (new(), "http", None),
        (new().secure(true), "http", Some("the cookie `__Host-session` is `Secure`, and this request came")),
        (new().same_site(SameSite::None), "http", Some("the cookie `session` is `SameSite=None`, and this")),
        (new(), "https", Some("the cookie `session` is sent without `Secure`, although a proxy says")),
    ] {
        let (log, _guard) = log::log();
        let client = browser(session);
        for _ in 0..3 {
            client.get("/").header("x-forwarded-proto", scheme).send().await.assert_status(200);
        }
        let lines = log.take();
        assert_eq!(lines.len(), usize::from(warning.is_some()), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with(warning.unwrap())), "{lines:?}");
    }
}

#[tokio::test]
async fn a_change_in_a_hook_of_a_layer_below_is_kept() {
    #[middleware]
    fn late(req: &mut Request, res: &mut Response, next: Next) -> Result {
        let cart = req.provided::<CookieValue<Cart>>().unwrap().clone();
        res.before_head(async move |_res| cart.change(|cart| cart.items.push("hook".to_owned())).map(drop));
        next.pass()
    }
    let client = Client::new(app![new(), cart, late, index]);
    client.get("/").send().await.assert_status(200);
    assert_eq!(page(&client, "/cart").await, "hook");
}

#[tokio::test]
async fn two_of_them_with_two_names_stand_beside_each_other() {
    #[post("/both")]
    fn both(cart: &CookieValue<Cart>, other: &CookieValue<OtherCart>) -> Result<String> {
        let cart = cart.change(|cart| cart.items.push("x".to_owned()))?;
        let other = other.change(|other| other.items += 10)?;
        Ok(format!("{} {}", cart.items.len(), other.items))
    }
    let other = CookieSession::<OtherCart>::new(CookieKeys::new(OLD).unwrap()).name("other");
    let client = Client::new(app![new(), other, both]);
    client.post("/both").send().await.assert_text("1 10");
    client.post("/both").send().await.assert_text("2 20");
}
