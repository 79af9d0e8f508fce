//! The attributes and stack macros of `connect`, which re-exports them: depend on that crate and not on this one.
//!
//! Both kinds of macro are pipelines: `parse` reads the tokens, `check` compares them with the rules and collects all
//! errors, `expand` writes the code. If there are errors, the output is the errors and a well-typed stand-in, so that rustc
//! reports no further errors elsewhere in the program.
#![forbid(unsafe_code)]

mod errors;
mod handler;
mod paths;
mod pattern;
mod route;
mod stack;

use proc_macro::TokenStream;

use handler::Role;
use route::Verb;
use stack::Kind;

/// Makes a middleware of a `fn` or an `async fn`.
///
/// ```
/// use connect::{middleware, Next, Request, Response, Result};
///
/// /// Runs the layers below, and then continues here.
/// #[middleware]
/// async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
///     let started = std::time::Instant::now();
///     let done = next.run(req, res).await;
///     println!("{} {} {:?}", req.method(), res.status_code(), started.elapsed());
///     Ok(done)
/// }
///
/// /// Calls `next` without coming back: no `async` needed.
/// #[middleware]
/// fn powered_by(res: &mut Response, next: Next) -> Result {
///     res.set("x-powered-by", "connect");
///     next.pass()
/// }
///
/// /// Always answers: no `next`.
/// #[middleware]
/// fn hello(res: &mut Response) -> Result {
///     res.text("Hello")
/// }
/// ```
///
/// # Parameters and return type
/// A middleware takes the parameters that it uses. `#[config]` comes first, then the request, the response and `next`, in
/// this order; values (`&Db`, `Option<&User>`, `#[mount]`) may stand anywhere after `#[config]`. Of the rows for `req` and
/// of those for `next` it takes one.
///
/// | parameter | what it is |
/// |---|---|
/// | `#[config] role: &str`, `#[config] limit: usize` | an argument of the layer where it is listed, `require_role("admin")`: see [Configuration](#configuration) |
/// | `req: &mut Request` | the request |
/// | `req: &mut With<User>`, `&mut With<(User, Db)>` | the request, with values that layers above provide: `req.get::<User>()` |
/// | `req: &mut Rewrite` | the request, whose URL and method the layer may [set](struct.Rewrite.html) |
/// | `req: &mut Rewrite<User>`, `&mut Rewrite<(User, Db)>` | both: a request to rewrite, with values |
/// | `res: &mut Response` | the response |
/// | `db: &Db` | a value that a layer above provides, such as `provide(db)`; does not compile if none does |
/// | `user: Option<&User>` | a value, if a layer above has provided it |
/// | `#[mount] team: &str`, `#[mount] id: u32` | the parameter of a mount around the layer that has this name, parsed by `FromStr` or [`FromParam`](trait.FromParam.html); does not compile if no mount has it |
/// | `#[mount] id: Option<u32>`, `#[mount] path: Vec<&str>` | the same of an optional part, and of several segments |
/// | `#[mount] id: Result<u32, ParamError>` | the same, with the error of a value that does not parse |
/// | `next: Next` | continues with the layers below, by `next.pass()` or `next.run(req, res).await`; a middleware without it always answers |
/// | `next: Next<User>`, `Next<(User, Db)>` | continues with values for the layers below: `next.with(user).pass()` |
///
/// | return type | what it is |
/// |---|---|
/// | [`Result`](type.Result.html) | what a method of `res` or `next` gives, or an error, by `?`, `Err(..)` or `bail!(404, "no such {thing}")` |
///
/// A plain `fn` cannot run the rest of the stack and come back; it costs less than an `async fn`, because it is called
/// directly. `db: &Db` in an `async fn` costs one clone of an `Arc`.
///
/// An example with most of them:
///
/// ```
/// use connect::{app, bail, get, middleware, provide, Next, Request, Response, Result};
///
/// struct Db;
/// struct Session(&'static str);
/// struct User {
///     name: String,
/// }
///
/// impl Db {
///     async fn user(&self, _token: &str) -> Result<Option<User>> {
///         Ok(Some(User { name: "ann".to_owned() }))
///     }
/// }
///
/// #[middleware]
/// async fn require_user(
///     #[config] realm: &str,
///     req: &mut Request,
///     res: &mut Response,
///     db: &Db,
///     session: Option<&Session>,
///     next: Next<User>,
/// ) -> Result {
///     let token = session.map(|session| session.0).or(req.header("x-token"));
///     let Some(token) = token else {
///         res.set("www-authenticate", format!("Bearer realm=\"{realm}\""));
///         return res.status(401).text("who are you?");
///     };
///     let Some(user) = db.user(token).await? else { bail!(403, "nobody has this token") };
///     let done = next.with(user).run(req, res).await;
///     println!("{} {}", req.url(), res.status_code());
///     Ok(done)
/// }
///
/// #[get("/me")]
/// fn me(user: &User) -> String {
///     user.name.clone()
/// }
///
/// let app = app![provide(Db), require_user("notes"), me];
/// ```
///
/// # The generated function
/// The attribute replaces the function by one of the same name that makes the layer. So it is listed by its name,
/// `app![logger]`, and cannot be called as a handler; to test one alone, put it in an app and use
/// [`App::run`](struct.App.html#method.run). Doc comments, visibility and lint attributes stay on the generated function,
/// other attributes go to the body. In an associated function the body cannot use `Self`.
///
/// # Configuration
/// Parameters marked `#[config]` become the arguments of the generated function.
///
/// | parameter | argument | the body gets |
/// |---|---|---|
/// | `#[config] limit: T` | `T` | a clone for each request |
/// | `#[config] limit: &T` | `T` | a reference |
/// | `#[config] name: &str` | `impl Into<String>` | a reference |
///
/// ```
/// use connect::{app, middleware, Error, Next, Request, Response, Result};
///
/// #[middleware]
/// fn require_header(#[config] name: &str, req: &mut Request, _res: &mut Response, next: Next) -> Result {
///     match req.header(name) {
///         Some(_) => next.pass(),
///         None => next.fail(Error::new(400, format!("the header `{name}` is missing"))),
///     }
/// }
///
/// let app = app![require_header("x-api-key")];
/// ```
/// # Facts
/// `#[middleware(facts = Type)]` says what the layer does and where it therefore has to stand: see
/// [`Stated`](struct.Stated.html).
#[proc_macro_attribute]
pub fn middleware(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Role::Middleware, arguments.into(), item.into()).into()
}

/// Makes an error handler of a `fn` or an `async fn`.
///
/// ```
/// use connect::{app, error_handler, middleware, Error, Next, Request, Response, Result, Resume};
///
/// #[middleware]
/// fn load(_req: &mut Request, _res: &mut Response) -> Result {
///     Err(std::io::Error::from(std::io::ErrorKind::NotFound))?
/// }
///
/// /// Takes errors of one type; all others skip it.
/// #[error_handler]
/// fn on_io(err: std::io::Error, _req: &mut Request, res: &mut Response, next: Next) -> Result {
///     match err.kind() {
///         std::io::ErrorKind::NotFound => res.status(404).text("no such file"),
///         _ => next.fail(err),
///     }
/// }
///
/// /// Takes every error, and goes back to the normal track.
/// #[error_handler]
/// async fn shrug(_err: Error, _req: &mut Request, _res: &mut Response, next: Resume) -> Result {
///     next.resume()
/// }
///
/// let app = app![load, on_io, shrug];
/// ```
///
/// It sees errors of the layers declared before it in the same stack, and never a request without an error.
///
/// # Parameters and return type
/// An error handler takes the error, and of the other parameters those that it uses. `#[config]` comes first, then the
/// error, the request, the response and `next`, in this order; values (`Option<&User>`, `#[mount]`) may stand anywhere after
/// `#[config]`. Of the rows for `err`, `req` and `next` it takes one each.
///
/// | parameter | what it is |
/// |---|---|
/// | `#[config] page: &str` | an argument of the handler where it is listed, as for [`#[middleware]`](macro@middleware#configuration) |
/// | `err: Error` | every error |
/// | `err: MyError` | only errors whose cause is a `MyError`, any type that implements `std::error::Error`; all others skip the handler |
/// | `req: &mut Request` | the request |
/// | `req: &mut Rewrite` | the request, whose URL and method the handler may [set](struct.Rewrite.html) |
/// | `res: &mut Response` | the response |
/// | `user: Option<&User>` | a value, if it was provided before the error. `&User` does not compile: the error may come from above the layer that provides it |
/// | `#[mount] team: &str`, `Option<..>`, `Vec<..>`, `Result<.., ParamError>` | the parameter of a mount around the handler, as for [`#[middleware]`](macro@middleware) |
/// | `next: Next` | continues on the error track: `next.fail(err)` |
/// | `next: Resume` | the same, or returns to the normal track: `next.resume()` |
/// | `next: Resume<User>`, `Resume<(User, Db)>` | the same, with values for the layers below: `next.with(user).resume()` |
///
/// | return type | what it is |
/// |---|---|
/// | [`Result`](type.Result.html) | what a method of `res` or `next` gives, or an error, which goes to the next handler |
///
/// An example with most of them:
///
/// ```
/// use connect::{app, error_handler, get, Error, Request, Response, Result, Resume};
///
/// struct User;
/// struct Fallback;
///
/// #[error_handler]
/// async fn fall_back(
///     #[config] page: &str,
///     err: std::io::Error,
///     req: &mut Request,
///     res: &mut Response,
///     user: Option<&User>,
///     next: Resume<Fallback>,
/// ) -> Result {
///     if req.method() == "GET" && user.is_some() {
///         return res.status(503).html(page.to_owned());
///     }
///     match err.kind() {
///         std::io::ErrorKind::NotFound => next.fail(Error::from(err).with_status(404)),
///         _ => next.fail(err),
///     }
/// }
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "index"
/// }
///
/// # #[connect::middleware] fn first(next: connect::Next<Fallback>) -> Result { next.with(Fallback).pass() }
/// let app = app![first, index, fall_back("<h1>Later</h1>")];
/// ```
#[proc_macro_attribute]
pub fn error_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Role::ErrorHandler, arguments.into(), item.into()).into()
}

/// Makes a route of a `fn` or an `async fn`: it answers `GET`, and `HEAD`, at a path.
///
/// ```
/// use connect::{app, get, middleware, Next, ParamError, Request, Response, Result};
///
/// /// A parameter of the function is the parameter of the pattern with that name, parsed.
/// #[get("/user/:id")]
/// async fn show_user(id: u64, res: &mut Response) -> Result {
///     res.text(format!("user {id}"))
/// }
///
/// /// An optional part is an `Option`, several segments are a `Vec`.
/// #[get("/files{/*path}")]
/// fn files(path: Vec<&str>) -> String {
///     path.join(" > ")
/// }
///
/// #[middleware]
/// fn auth(req: &mut Request, res: &mut Response, next: Next) -> Result {
///     if req.header("authorization").is_some() { next.pass() } else { res.status(401).text("who are you?") }
/// }
///
/// /// A route with a stack of its own, which runs only when the route matches.
/// #[get("/secret", auth)]
/// fn secret() -> &'static str {
///     "42"
/// }
///
/// let app = app![show_user, files, secret];
/// ```
///
/// # Patterns
/// Patterns are Express 5's, matched against the whole path; [mount paths](macro.app.html) have the same syntax.
///
/// | pattern | matches | the function takes |
/// |---|---|---|
/// | `/user/:id` | `/user/5` | `id: &str`, or anything with `FromStr` |
/// | `/user{/:id}` | `/user`, `/user/5` | `id: Option<..>` |
/// | `/files/*path` | `/files/a/b` | `path: Vec<..>` |
/// | `/files{/*path}` | `/files`, `/files/a/b` | `path: Vec<..>` or `Option<Vec<..>>` |
/// | `/:name.:ext`, `/:from-:to` | `/a.txt`, `/LAX-SFO` | both, as `/:id` |
/// | `/:"user-id"` | `/5` | `user_id: &str`, as `/:id` |
/// | `/a\\:b` | `/a:b` | nothing |
///
/// By default a slash at the end of the path and the case of letters do not matter; see the options of
/// [`app!`](macro.app.html). Of two routes that match, the one that is listed first runs.
///
/// # Parameters and return type
/// A route takes the parameters that it uses, in any order; only `#[config]` comes first.
///
/// | parameter | what it is |
/// |---|---|
/// | `#[config] page: &str` | an argument of the route where it is listed, as for [`#[middleware]`](macro@middleware#configuration) |
/// | `id: u64`, `id: &str`, `id: MyId` | the parameter of the pattern that has this name, parsed by `FromStr` or [`FromParam`](trait.FromParam.html) |
/// | `id: Option<u64>`, `path: Vec<&str>`, `path: Option<Vec<&str>>` | the parameter of an optional part, several segments, several or none |
/// | `id: Result<u64, ParamError>`, `Result<Option<u64>, ParamError>`, `Result<Vec<u64>, ParamError>` | each of these, with the error of a value that does not parse |
/// | `#[mount] team: &str`, `Option<..>`, `Vec<..>`, `Result<.., ParamError>` | the parameter of a mount around the route, as for [`#[middleware]`](macro@middleware) |
/// | `req: &Request`, `req: &mut Request` | the request |
/// | `req: &mut Rewrite` | the request, whose URL and method the route may [set](struct.Rewrite.html) |
/// | `res: &mut Response` | the response |
/// | `db: &Db` | a value that a layer above provides, such as `provide(db)`; does not compile if none does |
/// | `user: Option<&User>` | a value, if a layer above has provided it |
/// | `Query<T>`, `HeaderMap`, `Method`, `Uri`, `Version`, `CookieJar`, `Peer`, `Shutdown`, `TypedHeader<H>`, `WebSocketUpgrade` | an extractor of the request head or the connection |
/// | `Json<T>`, `Form<T>`, `String`, `Bytes`, `Vec<u8>`, `Body`, `Multipart` | an extractor of the body, at most one |
/// | a type of yours | an extractor, if it implements [`FromRequest`](trait.FromRequest.html) |
/// | `Option<Json<T>>`, `Result<Json<T>, Error>` | an extractor that is `None` if the request has nothing to make it of; one with its [error](trait.FromRequest.html#associatedtype.Rejection) |
/// | `next: Next` | continues with the next route or layer that matches: `next.pass()`, `next.route()` |
///
/// A value that does not parse is a `ParamError`, with status 400, on the error track, and no other route is tried;
/// `id: Result<u64, ParamError>` leaves it to the function. `&str` beside `&mut Request` costs a copy.
///
/// | return type | what it is |
/// |---|---|
/// | `Result` | what a method of `res` or `next` gives |
/// | `&'static str`, `String`, `Cow<'static, str>`, `Box<str>` | a response of plain text |
/// | `Html<T>`, `Json<T>` | a response of HTML, of JSON |
/// | `Bytes`, `Vec<u8>`, `&'static [u8]`, `Body` | a response of bytes |
/// | `StatusCode`, `()` | a response with a status and an empty body |
/// | `Redirect`, `Events<S>`, `SwitchingProtocols` | a redirect, server-sent events, the opening of a WebSocket |
/// | `(StatusCode, T)`, `(headers, T)`, `(StatusCode, headers, T)` | a response with a status, with headers: `HeaderMap` or `[("name", "value"); N]` |
/// | `Response` | one of several responses, each made with `.into_response()` |
/// | `Option<T>` | a response, or 404 |
/// | `Result<T>`, `Result<T, E>` | a response, or an error for the error handlers |
/// | a type of yours | a response, if it implements [`Responder`](trait.Responder.html) |
///
/// An example with most of them:
///
/// ```
/// use connect::{app, bail, post, provide, Json, Next, Query, Request, Responder, Response, Result};
/// use serde::Deserialize;
///
/// struct Db;
/// struct User;
///
/// #[derive(Deserialize)]
/// struct Page {
///     size: Option<u32>,
/// }
///
/// #[derive(Deserialize)]
/// struct Note {
///     text: String,
/// }
///
/// #[post("/team/:team/notes{/:id}")]
/// async fn save(
///     #[config] limit: usize,
///     team: &str,
///     id: Option<u64>,
///     req: &Request,
///     res: &mut Response,
///     _db: &Db,
///     user: Option<&User>,
///     Query(page): Query<Page>,
///     Json(note): Json<Note>,
///     _next: Next,
/// ) -> Result<Response> {
///     if note.text.len() > limit {
///         bail!(422, "at most {limit} bytes");
///     }
///     res.set("x-known", user.is_some().to_string());
///     Ok(match req.accepts(&["json", "text"]) {
///         Some("json") => Json(note.text).into_response(),
///         _ => format!("{team} {id:?} {:?}", page.size).into_response(),
///     })
/// }
///
/// let app = app![provide(Db), save(1_000)];
/// ```
///
/// # Arguments after the path
/// | argument | what it does |
/// |---|---|
/// | `auth`, `require_role("admin")` | adds a layer to the route's own stack, which runs when the route matches and may read its parameters |
/// | `needs = User`, `needs = (User, Db)` | declares the values that these layers and the function take from the list around the route; it is for a route with layers of its own. [`guard!`](macro.guard.html) puts layers before routes without such a declaration |
/// | `public` | allows all requests to reach the route, in a list with `#![deny(unguarded = ..)]`: see [`app!`](macro.app.html) |
/// | `guarded = User` | declares that the route's own stack provides a `User`, in such a list |
///
/// A layer that is called `public` is written with its path: `self::public`.
#[proc_macro_attribute]
pub fn get(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[get]", "GET"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `POST` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn post(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[post]", "POST"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `PUT` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn put(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[put]", "PUT"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `DELETE` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn delete(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[delete]", "DELETE"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `PATCH` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn patch(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[patch]", "PATCH"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `HEAD` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn head(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[head]", "HEAD"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `OPTIONS` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn options(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[options]", "OPTIONS"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `TRACE` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn trace(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[trace]", "TRACE"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `CONNECT` at a path. See [`#[get]`](macro@get).
///
/// `CONNECT` asks for a tunnel (RFC 9110, section 9.3.6). Its target is a host and a port without a path, so the pattern is
/// `"/"`, and `req.uri().authority()` has the target. `#[all]` does not answer it. If another layer than such a route
/// answers it with a 2xx, the server sends a 501 instead. List it above an `#[all("/{*rest}")]`.
#[proc_macro_attribute]
pub fn connect(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::One("#[connect]", "CONNECT"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers every method but `CONNECT` at a path. See [`#[get]`](macro@get) and, for
/// `CONNECT`, [`#[connect]`](macro@connect).
#[proc_macro_attribute]
pub fn all(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::All, arguments.into(), item.into()).into()
}

/// Makes a route of a function for several methods: `#[route(GET, POST, "/form")]`. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn route(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(Verb::Listed, arguments.into(), item.into()).into()
}

/// Makes an app of a stack: `app![logger, "/admin" => [auth, admin], on_error]`.
///
/// A request goes through the layers in the order in which they are written. An entry is one of
///
/// | entry | what it is |
/// |---|---|
/// | `logger` | a function with an attribute |
/// | `require_role("admin")` | a function with an attribute and `#[config]` parameters |
/// | `"/path" => entry` | an entry under a path |
/// | `"/path" => [a, b]` | several entries under a path, as if each stood there alone |
/// | `[a, b]` | the same as `a, b` |
/// | `stack![..]`, `router![..]`, `guard![auth => a, b]`, an app, a function that returns one | a stack in the stack |
/// | any value that implements `Layer` | a hand-written layer |
/// | an `Option` of any of these | a layer that is there or not |
///
/// and `#[cfg(..)]` works on each. The list takes any brackets, `app![..]`, `app!(..)` or `app!{..}`, and one pair of angle
/// brackets inside: `app!(< logger, hello >)`.
///
/// A mount path is a pattern as in [`#[get]`](macro@get), which matches up to a `/` or the end of the path. The layers under
/// it take its parameters as `#[mount] name: &str`, which the compiler checks against the paths around them, or read them
/// with `req.param("name")`.
///
/// Options come first: `app![#![strict, case_sensitive] ..]`.
///
/// | option | default | what it does |
/// |---|---|---|
/// | `strict` | off | a slash at the end of a path matters, for the routes of this list |
/// | `case_sensitive` | off | the case of letters matters, for the routes and mounts of this list |
/// | `deny(unguarded = User)` | off | a route that no layer guards with a `User` does not compile |
///
/// With `#![deny(unguarded = User)]` each route in the list, also in a list, mount, router or stack in it, has to
///
/// * stand below a layer that provides a `User`,
/// * be marked as open to all requests, `#[get("/login", public)]`, or
/// * be marked as one whose own stack provides the value, `#[get("/me", authenticate, guarded = User)]`.
///
/// A stack from a function has to stand below such a layer, or be an `impl Stack<(), (), Guarded<User>>`. All other routes
/// are compile errors, each at its entry. Middleware that answers and hand-written layers are not routes.
///
/// ```
/// use connect::{app, get, middleware, Next, Request, Response, Result};
///
/// struct User(String);
///
/// #[middleware]
/// fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
///     match req.header("x-user").map(str::to_owned) {
///         Some(name) => next.with(User(name)).pass(),
///         None => res.status(401).text("Who are you?"),
///     }
/// }
///
/// #[get("/login", public)]
/// fn login() -> &'static str {
///     "Log in"
/// }
///
/// #[get("/stats")]
/// fn stats() -> &'static str {
///     "42"
/// }
///
/// // With `stats` above `authenticate` this does not compile.
/// let app = app![#![deny(unguarded = User)] login, authenticate, stats];
/// ```
#[proc_macro]
pub fn app(list: TokenStream) -> TokenStream {
    stack::expand(Kind::App, list.into()).into()
}

/// Makes a router of a list of layers; the list is written as in `app!`.
///
/// A router is a scope of its own: its error handlers see only the errors of its own layers, and `next.router()` leaves it.
/// A request that no layer in it answers continues below it.
///
/// Its options are those of [`app!`](macro.app.html), and `#![merge_params]`, off by default: with it the layers inside see
/// the parameters of the mounts around the router (Express, row 157).
#[proc_macro]
pub fn router(list: TokenStream) -> TokenStream {
    stack::expand(Kind::Router, list.into()).into()
}

/// Makes a list of routes with a guard, which runs only when one of them matches: `guard![require_user => new, create]`.
///
/// ```
/// use connect::{app, get, guard, middleware, post, Next, Request, Response, Result};
///
/// struct User(String);
///
/// #[middleware]
/// fn require_user(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
///     match req.header("x-user").map(str::to_owned) {
///         Some(name) => next.with(User(name)).pass(),
///         None => res.status(401).text("Who are you?"),
///     }
/// }
///
/// #[get("/posts")]
/// fn list() -> &'static str {
///     "for everybody"
/// }
///
/// #[post("/posts")]
/// fn create(user: &User) -> String {
///     format!("by {}", user.0)
/// }
///
/// #[get("/about")]
/// fn about() -> &'static str {
///     "for everybody, too"
/// }
///
/// let app = app![guard![require_user => create], list, about];
/// ```
///
/// With `router![require_user, create]` in its place, or with `require_user` alone, requests for `list` and `about` would
/// need a user too. Express has nothing like it; axum calls it `route_layer`.
///
/// | in `guard![guards => routes]` | what it is |
/// |---|---|
/// | `guards` | one layer or several |
/// | `routes` | routes, lists of routes under a path or in brackets, and stacks from functions |
///
/// * The guard runs once for a request, when one of its routes has the path and the method, before the route's own stack and
///   its extractors. It does not run for a 404, a 405 or an automatic response to `OPTIONS`.
/// * The values that it provides are there for its routes, and not for the layers below it in the list.
/// * A layer among the routes gets every request at its place, so the guard runs for each of these. An error handler with
///   `next: Resume` does the same.
/// * Error handlers among the routes see the errors of these routes. Errors from above do not enter, and errors of the
///   guard's own layers skip the routes.
/// * `#![strict]` and `#![case_sensitive]` come first, `guard![#![strict] require_user => new]`; those of the list around do
///   not apply to it.
///
/// It is an entry of any list, under a path as well, `"/admin" => guard![require_admin => users, settings]`, and a function
/// can return it as an `impl Stack`. The printed stack shows it as `guard`, with its layers and routes.
///
/// The paths are matched twice, once before the guard: that is its cost in addition to that of a list.
#[proc_macro]
pub fn guard(list: TokenStream) -> TokenStream {
    stack::guard(list.into()).into()
}

/// Makes a stack of a list of layers, for use in other lists; the list is written as in `app!`.
///
/// Unlike a router it is transparent: its layers count as those of the list around it.
#[proc_macro]
pub fn stack(list: TokenStream) -> TokenStream {
    stack::expand(Kind::Stack, list.into()).into()
}
