//! A client for tests, as supertest is for Express: it sends requests to an app, in process or over a socket, and checks the
//! responses.
//!
//! It needs the feature `testing`, for your `[dev-dependencies]`.
//!
//! ```
//! use connect::testing::Client;
//! use connect::{app, get, post, Json};
//! use serde_json::{json, Value};
//!
//! #[get("/user/:id")]
//! fn show(id: u64) -> String {
//!     format!("user {id}")
//! }
//!
//! #[post("/user")]
//! fn create(Json(user): Json<Value>) -> Json<Value> {
//!     Json(json!({ "created": user["name"] }))
//! }
//!
//! # #[tokio::main] async fn main() {
//! let client = Client::new(app![show, create]);
//!
//! client.get("/user/7").send().await.assert_status(200).assert_text("user 7");
//! client.get("/user/x").send().await.assert_status(400);
//! client
//!     .post("/user")
//!     .json(&json!({ "name": "tobi" }))
//!     .send()
//!     .await
//!     .assert_status(200)
//!     .assert_json(json!({ "created": "tobi" }));
//! # }
//! ```
//!
//! An assertion that fails panics with the request and the response:
//!
//! ```text
//! the status is 404, and not 200
//!
//! > GET /user/7 HTTP/1.1
//! > host: localhost
//!
//! < HTTP/1.1 404 Not Found
//! < content-type: text/html; charset=utf-8
//! <
//! < Cannot GET /user/7
//! ```

mod jar;
mod print;
mod request;
mod response;
mod transport;

pub use self::request::RequestBuilder;
pub use self::response::{Open, Ran, TestResponse};

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::Method;

use self::jar::Jar;
use self::transport::Transport;
use crate::App;
use crate::chain::Chain;

/// Sends requests to an app and keeps its cookies; see the [module](self).
///
/// Clones share their cookies.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    jar: Arc<Mutex<Jar>>,
}

impl Client {
    /// Makes a client that calls the app in process, without a socket: nothing is sent as HTTP, and no port is needed.
    pub fn new<C: Chain, P>(app: App<C, P>) -> Self {
        Client::over(Transport::in_process(app.outermost()))
    }

    /// Makes a client that serves the app on a port of 127.0.0.1, which the kernel chooses, and connects to it for each
    /// request.
    ///
    /// The app is served until the last clone of the client is dropped. It needs a tokio runtime around it.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn serve<C: Chain, P>(app: App<C, P>) -> io::Result<Self> {
        Ok(Client::over(Transport::serve(app.outermost()).await?))
    }

    fn over(transport: Transport) -> Self {
        Client { transport: Arc::new(transport), jar: Arc::default() }
    }

    /// The address that the app is served on; `None` in process.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.transport.address()
    }

    /// Begins a request of any method. The target begins with a slash, and may have a query.
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, target)
    }

    /// The value of a cookie that the app has set.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().value(name)
    }

    /// Deletes all cookies of the client.
    pub fn clear_cookies(&self) {
        *self.jar() = Jar::default();
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

macro_rules! methods {
    ($($function:ident $method:ident;)*) => {
        impl Client { $(
            #[doc = concat!("Begins a `", stringify!($method), "` request.")]
            pub fn $function(&self, target: &str) -> RequestBuilder {
                self.request(Method::$method, target)
            }
        )* }
    };
}
methods! {
    get GET;
    post POST;
    put PUT;
    patch PATCH;
    delete DELETE;
    head HEAD;
    options OPTIONS;
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address()).finish_non_exhaustive()
    }
}
