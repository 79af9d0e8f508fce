//! `examples/shop`, from the registration to the sign-out.

use std::path::Path;

use ::shop::config::Config;
use ::shop::db::{Db, ProductDraft, Role};
use ::shop::passwords::{Password, Passwords};
use argon2::Params;
use connect::{Environment, Shutdown, Tls};
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::devtools::{Devtools, Tab};

const PASSWORD: &str = "correct horse battery";

/// A PNG of one pixel.
const PIXEL: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 31,
    21, 196, 137, 0, 0, 0, 13, 73, 68, 65, 84, 120, 218, 99, 252, 207, 192, 80, 15, 0, 4, 133, 1, 128, 132,
    169, 140, 33, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

/// Hashes that cost next to nothing.
fn passwords() -> Passwords {
    Passwords::with(Params::new(8, 1, 1, None).unwrap()).unwrap()
}

/// An administrator and fifteen products.
async fn fill(db: &Db) {
    let ann = "ann@example.com".to_owned();
    let added = ::shop::accounts::add(db, &passwords(), ann, Password::from(PASSWORD), Role::Admin).await;
    assert!(added.unwrap().is_some());
    for number in 1..=15 {
        let (name, description) = (format!("Tea <{number}>"), "hot & wet".to_owned());
        db.add_product(ProductDraft { name, description, price: 1205, stock: 10 }).await.unwrap();
    }
}

/// What was seen, and what was to be seen.
#[derive(Default)]
struct Table(Vec<(&'static str, Value, Value)>);

impl Table {
    fn row(&mut self, shows: &'static str, seen: Value, expected: Value) {
        self.0.push((shows, seen, expected));
    }
}

async fn sign_in(chrome: &mut Devtools, tab: &Tab, email: &str, password: &str) {
    let fields = [("email", email), ("password", password), ("remember", "true")];
    chrome.submit(tab, "/sign-in", &fields).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shop_from_the_registration_to_the_sign_out() {
    let Some(program) = Chromium::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = Config::in_folder(folder.path());
    let app = ::shop::shop(&config, passwords()).unwrap().environment(Environment::Production);
    fill(&Db::open(config.database()).unwrap()).await;
    let certificate = rcgen::generate_simple_self_signed(["shop.test".to_owned()]).unwrap();
    let tls = Tls::pem(certificate.cert.pem(), certificate.signing_key.serialize_pem()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("https://shop.test:{}", listener.local_addr().unwrap().port());
    let shutdown = Shutdown::new();
    let server = app.server().listener(listener).tls(tls).shutdown(&shutdown);
    let running = tokio::spawn(server.run_until(std::future::pending::<()>()));

    let mut browser = Chromium::open(&program, "about:blank");
    let mut chrome = Devtools::connect(&browser).await;
    let mut table = Table::default();
    visit(&mut chrome, &site, folder.path(), &mut table).await;
    table.row(
        "no page broke its content security policy, and no script failed",
        json!(chrome.complaints),
        json!([]),
    );
    let tab = chrome.open(&format!("{site}/")).await;
    let script = "document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = true' })); 0";
    chrome.get(&tab, script).await.unwrap();
    let ran = chrome.get(&tab, "window.ran ?? false").await.unwrap();
    let told = chrome.complaints.iter().any(|text| text.contains("script-src"));
    table.row(
        "a script in a page is blocked, and that would be noticed",
        json!([ran, told]),
        json!([false, true]),
    );
    browser.close().await;
    shutdown.start();
    running.abort();

    println!("| the shop | seen |\n|---|---|");
    let mut wrong = Vec::new();
    for (shows, seen, expected) in table.0 {
        let verdict = if seen == expected { "" } else { "**not as expected** " };
        println!("| {shows} | {verdict}`{seen}` |");
        if !verdict.is_empty() {
            wrong.push(format!("{shows}: {seen}, and not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn visit(chrome: &mut Devtools, site: &str, folder: &Path, table: &mut Table) {
    let url = |path: &str| format!("{site}{path}");
    let bob = chrome.open(&url("/")).await;
    let of_tea = "[...document.querySelectorAll('.products li')].length";
    let first = chrome.get(&bob, of_tea).await.unwrap();
    chrome
        .leave(
            &bob,
            "[...document.querySelectorAll('button')].find((one) => one.textContent == 'More').click()",
        )
        .await;
    table.row(
        "the catalogue has two pages",
        json!([first, chrome.get(&bob, of_tea).await.unwrap()]),
        json!([12, 3]),
    );
    let style = "getComputedStyle(document.querySelector('header')).display";
    let coding = "fetch('/?q=Tea').then((res) => res.headers.get('content-encoding'))";
    let (style, coding) = (chrome.get(&bob, style).await.unwrap(), chrome.get(&bob, coding).await.unwrap());
    table.row(
        "its style is loaded, and its pages are compressed",
        json!([style, coding]),
        json!(["flex", "zstd"]),
    );

    chrome.go(&bob, &url("/register")).await;
    chrome.submit(&bob, "/register", &[("email", "bob@example.com"), ("password", "correct horse")]).await;
    let (message, path) =
        (chrome.text(&bob, ".message").await, chrome.get(&bob, "location.pathname").await.unwrap());
    table.row("a registration signs in", json!([message, path]), json!(["Welcome to the shop.", "/"]));
    chrome.go(&bob, &url("/")).await;
    table.row("its message is shown once", chrome.text(&bob, ".message").await, Value::Null);
    chrome.submit(&bob, "/sign-out", &[]).await;
    chrome.go(&bob, &url("/orders")).await;
    let path = chrome.get(&bob, "location.pathname + location.search").await.unwrap();
    table.row("who has signed out is sent to the sign-in", path, json!("/sign-in?then=/orders"));
    sign_in(chrome, &bob, "bob@example.com", "correct house").await;
    let fault = chrome.text(&bob, ".fault").await;
    let email = chrome
        .get(&bob, "document.querySelector('form[action^=\"/sign-in\"]').elements.email.value")
        .await
        .unwrap();
    table.row(
        "a wrong password is one, and the address stays in the form",
        json!([fault, email]),
        json!(["The address or the password is wrong.", "bob@example.com"]),
    );
    sign_in(chrome, &bob, "bob@example.com", "correct horse").await;
    let path = chrome.get(&bob, "location.pathname").await.unwrap();
    let cookies = chrome.get(&bob, "document.cookie").await.unwrap();
    table.row(
        "the right one leads back, and scripts see no cookie",
        json!([path, cookies]),
        json!(["/orders", ""]),
    );

    let watcher = chrome.open(&url("/products/1")).await;
    // Asked for after the page's own stream, so that one is open, too.
    chrome.get(&watcher, "window.probe = new EventSource('/stock'); 0").await.unwrap();
    chrome.wait(&watcher, "probe.readyState", &json!(1)).await;
    chrome.go(&bob, &url("/products/1")).await;
    chrome.submit(&bob, "/cart", &[("quantity", "3")]).await;
    table.row(
        "a product goes into the cart",
        chrome.text(&bob, ".message").await,
        json!("“Tea <1>” is in your cart."),
    );
    chrome.go(&bob, &url("/cart")).await;
    chrome.submit(&bob, "/checkout", &[("address", "1 Main Street")]).await;
    let stock =
        chrome.wait(&watcher, "document.querySelector('[data-stock]').textContent", &json!("7")).await;
    table.row("another open page sees what is left", stock, json!("7"));
    let status = "document.getElementById('status').textContent";
    let ordered = chrome.get(&bob, status).await.unwrap();

    chrome.go(&watcher, &url("/sign-in?then=/admin")).await;
    sign_in(chrome, &watcher, "ann@example.com", PASSWORD).await;
    chrome.submit(&watcher, "/admin/orders/", &[]).await;
    let shipped = chrome.wait(&bob, status, &json!("shipped")).await;
    table.row(
        "an open order sees that it is shipped",
        json!([ordered, shipped]),
        json!(["placed", "shipped"]),
    );

    let image = folder.join("pixel.png");
    std::fs::write(&image, PIXEL).unwrap();
    chrome.go(&watcher, &url("/admin/products/1")).await;
    chrome.choose(&watcher, "input[type=file]", &image).await;
    chrome.submit(&watcher, "/admin/products/1/image", &[]).await;
    chrome.go(&bob, &url("/products/1")).await;
    let width = chrome.wait(&bob, "document.querySelector('article img')?.naturalWidth", &json!(1)).await;
    table.row("an image is stored, and shown", width, json!(1));

    chrome.go(&bob, &url("/support")).await;
    chrome.wait(&bob, "typeof socket == 'object' && socket.readyState", &json!(1)).await;
    let write = "{ const form = document.getElementById('write'); form.elements.text.value = 'Hello <b>'; form.requestSubmit() } 0";
    chrome.get(&bob, write).await.unwrap();
    let said =
        chrome.wait(&bob, "document.querySelector('#messages li')?.textContent", &json!("Hello <b>")).await;
    chrome.go(&watcher, &url("/admin/support")).await;
    let list = chrome.text(&watcher, "main li").await;
    table.row(
        "a message goes over a WebSocket, and the staff sees it",
        json!([said, list]),
        json!(["Hello <b>", "bob@example.com: 1 messages"]),
    );

    let ended = "fetch('/sign-out', { method: 'POST', redirect: 'manual' }).then((res) => res.type)";
    let ended = chrome.get(&bob, ended).await.unwrap();
    chrome.get(&bob, write).await.unwrap();
    let path = "location.pathname + location.search";
    let led = chrome.wait(&bob, path, &json!("/sign-in?then=/support")).await;
    table.row(
        "a message after the session has ended leads to the sign-in",
        json!([ended, led]),
        json!(["opaqueredirect", "/sign-in?then=/support"]),
    );
    sign_in(chrome, &bob, "bob@example.com", "correct horse").await;

    chrome.go(&bob, &url("/admin")).await;
    table.row("a customer is no administrator", chrome.text(&bob, "h1").await, json!("403"));
    chrome.go(&bob, &url("/")).await;
    chrome.submit(&bob, "/sign-out", &[]).await;
    let refused = chrome
        .get(&bob, "fetch('/account', { redirect: 'manual' }).then((res) => res.status)")
        .await
        .unwrap();
    table.row("after the sign-out the account is closed", refused, json!(401));
}
