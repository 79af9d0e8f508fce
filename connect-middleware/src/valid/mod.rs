//! Values that are checked before a route gets them, by the rules of [`garde`], which the program depends on as well:
//!
//! ```toml
//! garde = { version = "0.23", features = ["derive"] }
//! ```
//!
//! ```
//! use connect::{app, post, Json};
//! use connect_middleware::valid::Valid;
//! use garde::Validate;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, Validate)]
//! struct SignUp {
//!     #[garde(length(min = 3, max = 32))]
//!     name: String,
//!     #[garde(range(min = 18))]
//!     age: u8,
//! }
//!
//! #[post("/sign-up")]
//! async fn sign_up(Valid(Json(user)): Valid<Json<SignUp>>) -> String {
//!     format!("welcome, {}", user.name)
//! }
//! # #[tokio::main] async fn main() {
//! let client = connect::testing::Client::new(app![sign_up]);
//! let res = client.post("/sign-up").json(&serde_json::json!({"name": "al", "age": 17})).send().await;
//! res.assert_status(422);
//! # }
//! ```
//!
//! `Valid<Json<T>>`, `Valid<Form<T>>` and `Valid<Query<T>>` are extractors. What does not fit the type, or breaks a rule, is an error on the
//! error track: a [`Problem`](crate::problem::Problem) with status 422 and the member `errors`, which
//! [`ErrorPage`](crate::error_page::ErrorPage) prints as
//!
//! ```json
//! {
//!   "title": "Unprocessable Entity",
//!   "status": 422,
//!   "detail": "age: lower than 18; name: length is lower than 3",
//!   "errors": [
//!     {"field": "age", "pointer": "#/age", "message": "lower than 18"},
//!     {"field": "name", "pointer": "#/name", "message": "length is lower than 3"}
//!   ]
//! }
//! ```
//!
//! # Back into the form
//! A route that shows the form again takes a `Result`. [`Rejection::invalid`] gives it the errors and what was sent, and passes on
//! what is no matter of the form, such as a body that is too long:
//!
//! ```
//! use connect::{app, post, Form, Response, Result};
//! use connect_middleware::valid::{Invalid, Rejection, Valid};
//! use garde::Validate;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize, Validate)]
//! struct SignUp {
//!     #[garde(length(min = 3))]
//!     name: String,
//! }
//!
//! async fn is_taken(name: &str) -> bool {
//!     name == "tobi"
//! }
//!
//! fn form(invalid: &Invalid, res: &mut Response) -> Result {
//!     // A template has `values.name` and `errors.name`, a list of texts:
//!     // <input name="name" value="{{ values.name }}">{% for text in errors.name %}<p>{{ text }}</p>{% endfor %}
//!     let text = format!("{} {}", invalid.values(), serde_json::to_string(&invalid.messages())?);
//!     res.status(422).text(text)
//! }
//!
//! #[post("/sign-up")]
//! async fn sign_up(sent: Result<Valid<Form<SignUp>>, Rejection>, res: &mut Response) -> Result {
//!     let user = match sent {
//!         Ok(Valid(Form(user))) => user,
//!         Err(rejection) => return form(&rejection.invalid()?, res),
//!     };
//!     if is_taken(&user.name).await {
//!         return form(&Invalid::of(&user).with("name", "is taken"), res);
//!     }
//!     res.redirect("/welcome")
//! }
//!
//! # #[tokio::main] async fn main() {
//! let client = connect::testing::Client::new(app![sign_up]);
//! let res = client.post("/sign-up").form(&[("name", "al")]).send().await;
//! res.assert_status(422).assert_text(r#"{"name":"al"} {"name":["length is lower than 3"]}"#);
//! let res = client.post("/sign-up").form(&[("name", "tobi")]).send().await;
//! res.assert_status(422).assert_text(r#"{"name":"tobi"} {"name":["is taken"]}"#);
//! # }
//! ```
//!
//! # Rules
//! Those of garde: `length`, `range`, `email`, `url`, `pattern`, `custom(..)` and others, `dive` into values in values, `skip` for fields
//! without a rule. A rule that needs a value from elsewhere has a `Context`, which has to be `Default` here. What needs a database is checked in
//! the route, and added with [`Invalid::with`].
//!
//! # Fields
//! A field is named by its path in the Rust type: `address.city`, `tags[0]`. A form sends these as `address[city]` and `tags[]`. A name that
//! serde renames is the type's in errors of rules, and the sent one in errors of types: give both the same.
//!
//! # What goes wrong
//! | | the client gets |
//! |---|---|
//! | a rule is broken, a field is missing or has another type, or the JSON as a whole has, whose field is `""` | 422, and `errors` |
//! | the body is not JSON, or no form; it is empty | 400 |
//! | the body is too long, or of another `Content-Type` | 413, 415 |
//!
//! # Needs and provides
//! Nothing. Errors of types stop at the first field, since there is no value to check then.
//!
//! # Differences from Express
//! Express has none; `express-validator` checks `req.body` by names, and the route reads the same names from it once more.

mod extract;
mod invalid;

pub use self::extract::{Checked, Rejection, Valid};
pub use self::invalid::{FieldError, Invalid};
