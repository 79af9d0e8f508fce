//! A test client, like Express's supertest: it sends requests to an app, in process or over a socket, and checks the
//! responses.
//!
//! It needs the feature `testing`: enable it in `[dev-dependencies]`.
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

mod client;
mod jar;
mod print;
mod request;
mod response;
mod transport;

pub use self::client::Client;
pub use self::request::RequestBuilder;
pub use self::response::{Open, Ran, TestResponse};
