//! A shop: accounts, a catalogue with images, carts, orders, a JSON API, live updates, administration.
//!
//! `cargo run -p shop` starts it on <http://127.0.0.1:3000>, and `cargo run -p shop -- admin ann@example.com` adds an
//! administrator. `DEPLOYMENT.md` says how to run it in production.
//!
//! | module | |
//! |---|---|
//! | [`config`] | settings from the environment |
//! | [`db`] | the queries |
//! | [`passwords`] | hashes and secrets |
//! | [`accounts`], [`catalog`], [`cart`], [`orders`], [`support`], [`admin`] | pages |
//! | [`api`] | JSON |
//! | [`live`] | events |

pub mod accounts;
pub mod admin;
pub mod api;
pub mod cart;
pub mod catalog;
pub mod config;
pub mod db;
pub mod live;
pub mod orders;
pub mod passwords;
pub mod support;
pub mod views;

use std::time::Duration;

use connect::{
    App, Chain, MiniJinja, Outermost, Result, Views, app, guard, method_not_allowed, provide, router,
    serve_static,
};
use connect_middleware::compression::{self, Compression};
use connect_middleware::csrf::Csrf;
use connect_middleware::error_page::ErrorPage;
use connect_middleware::favicon::Favicon;
use connect_middleware::health::Health;
use connect_middleware::helmet::{Csp, Helmet};
use connect_middleware::ip_filter::IpFilter;
use connect_middleware::logger::Logger;
use connect_middleware::metrics::Metrics;
use connect_middleware::rate_limit::RateLimit;
use connect_middleware::remember_me::{RememberMe, SqliteRememberStore};
use connect_middleware::request_id::RequestIds;
use connect_middleware::response_time::ResponseTime;
use connect_middleware::session::{Principal, Session, SqliteStore, require_login, require_role};
use connect_middleware::timeout::Timeout;
use connect_middleware::trace::Trace;
use connect_middleware::uploads::Uploads;
use serde_json::json;

use crate::config::Config;
use crate::db::Db;
use crate::live::Live;
use crate::passwords::Passwords;

const MINUTE: Duration = Duration::from_secs(60);
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How large an image may be, in bytes.
const IMAGE: u64 = 4 << 20;
const IMAGES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// The application.
///
/// # Errors
/// If the database or a folder cannot be opened.
pub fn shop(config: &Config, passwords: Passwords) -> Result<App<impl Chain + use<>, Outermost>> {
    std::fs::create_dir_all(config.images())?;
    let db = Db::open(config.database())?;
    let accounts = db.clone();
    let remember_me = RememberMe::new(SqliteRememberStore::open(config.database())?, move |id| {
        accounts::find(accounts.clone(), id)
    });
    // Scripts and styles are files; nothing is written into the pages.
    let csp = Csp::new().set("style-src", "'self'").set("font-src", "'self'").set("img-src", "'self'");
    let checked = db.clone();
    let health = Health::new().check("database", move || {
        let db = checked.clone();
        async move { db.ping().await }
    });
    let metrics = Metrics::new();
    let uploads = Uploads::to(config.images()).max_file_size(IMAGE).max_files(1).allow(IMAGES);
    let views = Views::new(MiniJinja::new(config.resources.join("templates")));
    let pages = views.clone();
    let errors = ErrorPage::new().not_found().page(move |status, message| {
        pages.render("error.html", json!({ "status": status.as_u16(), "message": message }))
    });
    let app = app![
        #![deny(unguarded = Principal)]
        RequestIds::new(),
        Trace::new(),
        Logger::combined(),
        metrics.clone(),
        health,
        Compression::new(),
        ResponseTime::server_timing("app"),
        Helmet::new().csp(csp),
        Favicon::file(config.resources.join("assets/favicon.svg"))?,
        provide(views),
        provide(db.clone()),
        provide(Live::default()),
        provide(passwords),
        "/assets" => serve_static(config.resources.join("assets")).max_age(60 * MINUTE).fallthrough(false),
        // Another image has another name.
        "/images" => serve_static(config.images()).max_age(YEAR).immutable(true).fallthrough(false),
        "/api" => api::routes(&db, &config.api_origins),
        // For Prometheus on this machine.
        "/metrics" => [IpFilter::allow(["127.0.0.0/8", "::1"]), metrics.endpoint()],
        // Until the head of the response: event streams and sockets are not ended.
        Timeout::new(MINUTE),
        RateLimit::new(600, MINUTE),
        "/sign-in" => [RateLimit::new(10, MINUTE).name("sign-in")],
        "/register" => [RateLimit::new(10, MINUTE).name("register")],
        Session::new(SqliteStore::open(config.database())?),
        Csrf::new(),
        remember_me,
        catalog::index,
        catalog::show,
        live::stock,
        cart::show,
        cart::add,
        cart::change,
        accounts::registration,
        accounts::register,
        accounts::sign_in_form,
        accounts::sign_in,
        accounts::sign_out,
        guard![
            require_login().sign_in_at("/sign-in") =>
            accounts::account,
            accounts::change_password,
            // It shows a secret, whose compressed length could tell about it.
            guard![compression::off() => accounts::add_token],
            accounts::remove_token,
            cart::checkout,
            orders::list,
            orders::show,
            live::order,
            support::show,
            support::socket,
            "/admin" => router![
                require_role("admin"),
                admin::index,
                admin::new_product,
                admin::add_product,
                admin::product,
                admin::change_product,
                guard![uploads => admin::set_image],
                admin::ship,
                support::conversations,
                support::conversation,
                support::staff_socket,
            ],
        ],
        method_not_allowed(),
        errors,
    ];
    Ok(app.trust_proxy(config.trust_proxy.clone()))
}
