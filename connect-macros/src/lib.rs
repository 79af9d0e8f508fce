//! The attributes and stack macros of `connect`. They are re-exported by that crate, which says what they mean;
//! depend on it and not on this one.
//!
//! Both kinds of macro are pipelines: `parse` reads what was written, `check` holds it against the rules and
//! gathers every fault, `expand` writes the code. When there are faults, what comes out is the faults and a
//! well-typed stand-in, so that nothing else in the program lights up.
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

/// Makes a middleware of a function.
///
/// ```
/// use connect::{middleware, Next, Request, Response, Result};
///
/// /// Comes back after everything below.
/// #[middleware]
/// async fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
///     let started = std::time::Instant::now();
///     let done = next.run(req, res).await;
///     println!("{} {} {:?}", req.method(), res.status_code(), started.elapsed());
///     Ok(done)
/// }
///
/// /// Passes on, and does not wait: no `async` needed.
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
/// # Parameters
/// A middleware takes those that it uses, in the order of the table; values may stand anywhere behind the configuration.
///
/// | parameter | |
/// |---|---|
/// | `#[config] role: &str` | an argument of the layer where it is listed, `require_role("admin")`: see below |
/// | `req: &mut Request` | the request |
/// | `req: &mut Rewrite` | the request, with the URL and the method to be [set](struct.Rewrite.html) |
/// | `req: &mut With<User>`, `With<(User, Db)>` | the request, and values that layers above provide: `req.get::<User>()` |
/// | `res: &mut Response` | the response |
/// | `db: &Db` | a value that a layer above provides, or `provide(..)`; without one it does not compile |
/// | `user: Option<&User>` | the same, if there is one |
/// | `#[mount] team: &str`, `#[mount] id: u32` | the parameter of a mount around the layer that has its name, parsed; without one it does not compile |
/// | `next: Next` | the way on; a middleware without it always answers |
/// | `next: Next<User>`, `Next<(User, Db)>` | the way on, with values for the layers below: `next.with(user).pass()` |
///
/// It returns [`Result`](type.Result.html): what `res.send(..)` and its kin give, or `next`, or an error, by `?` or
/// `bail!(404, "no such {thing}")`.
///
/// A plain `fn` cannot run the rest of the stack and come back; it costs less than an `async fn`, because it is
/// called directly. `db: &Db` in an `async fn` costs one clone of an `Arc`.
///
/// With all of it:
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
/// # What becomes of the function
/// A function of the same name that makes the layer. So it is listed by its name, `app![logger]`, and cannot be
/// called as a handler; to test one alone, put it in an app and use [`App::run`](struct.App.html#method.run).
/// Doc comments, visibility and lint attributes stay on it, other attributes go to the body. In an associated
/// function the body cannot say `Self`.
///
/// # Configuration
/// Parameters marked `#[config]` become the arguments of that function. One that is written by value is cloned
/// for each request; for one that is written `&T`, the function takes a `T` and the body borrows it. (`&str`
/// takes anything that is `Into<String>`.)
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
#[proc_macro_attribute]
pub fn middleware(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Role::Middleware, arguments.into(), item.into()).into()
}

/// Makes an error handler of a function.
///
/// ```
/// use connect::{app, error_handler, middleware, Error, Next, Request, Response, Result, Resume};
///
/// #[middleware]
/// fn load(_req: &mut Request, _res: &mut Response) -> Result {
///     Err(std::io::Error::from(std::io::ErrorKind::NotFound))?
/// }
///
/// /// Takes errors of one type, and lets the rest go by.
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
/// # Parameters
/// The error comes first, behind the configuration; of the others a handler takes those that it uses, in the order of the table.
///
/// | parameter | |
/// |---|---|
/// | `#[config] page: &str` | an argument of the handler where it is listed, as for [`#[middleware]`](macro@middleware) |
/// | `err: Error` | every error |
/// | `err: MyError` | those errors alone that a `MyError` caused, any type that implements `std::error::Error`; the rest goes by |
/// | `req: &mut Request` | the request |
/// | `req: &mut Rewrite` | the request, with the URL and the method to be [set](struct.Rewrite.html) |
/// | `res: &mut Response` | the response |
/// | `user: Option<&User>` | a value, if it was provided before the error: it may come from above the layer that provides it |
/// | `next: Next` | the way on, on the error track: `next.fail(err)` |
/// | `next: Resume` | the same, and back to the normal track: `next.resume()` |
/// | `next: Resume<User>`, `Resume<(User, Db)>` | the same, with values for the layers below: `next.with(user).resume()` |
///
/// It returns [`Result`](type.Result.html): what `res.send(..)` and its kin give, `next`, or an error, which goes to the next
/// handler.
///
/// With all of it:
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
///
/// It sees errors of the layers declared before it in the same stack, and never a request without one.
#[proc_macro_attribute]
pub fn error_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Role::ErrorHandler, arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `GET`, and `HEAD`, at a path.
///
/// ```
/// use connect::{app, get, middleware, Next, ParamError, Request, Response, Result};
///
/// /// A parameter of the function is the pattern's of that name, parsed.
/// #[get("/user/:id")]
/// async fn show_user(id: u64, res: &mut Response) -> Result {
///     res.text(format!("user {id}"))
/// }
///
/// /// What may be missing is an `Option`, what is several segments a `Vec`.
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
/// /// With a stack of its own, which runs only when the route matches.
/// #[get("/secret", auth)]
/// fn secret() -> &'static str {
///     "42"
/// }
///
/// let app = app![show_user, files, secret];
/// ```
///
/// # The pattern
/// It is Express 5's, matched against the whole path; [mount paths](macro.app.html) have the same.
///
/// | pattern | matches | the function takes |
/// |---|---|---|
/// | `/user/:id` | `/user/5` | `id: &str`, or anything with `FromStr` |
/// | `/user{/:id}` | `/user`, `/user/5` | `id: Option<..>` |
/// | `/files/*path` | `/files/a/b` | `path: Vec<..>` |
/// | `/files{/*path}` | `/files`, `/files/a/b` | `path: Vec<..>` or `Option<Vec<..>>` |
/// | `/:name.:ext`, `/:from-:to` | `/a.txt`, `/LAX-SFO` | both |
/// | `/:"user-id"` | `/5` | `user_id` |
/// | `/a\\:b` | `/a:b` | |
///
/// By default a slash at the end of the path is of no importance, nor is the case of letters; see the options of
/// [`router!`](macro.router.html). Of two routes that match, the one that is listed first wins.
///
/// # Parameters
/// The function is `async` or not. It takes what it uses, in any order; only the configuration comes first.
///
/// | parameter | |
/// |---|---|
/// | `#[config] page: &str` | an argument of the route where it is listed, as for [`#[middleware]`](macro@middleware) |
/// | `id: u64`, `id: &str`, .. | the parameter of the pattern that has its name: `FromStr` or [`FromParam`](trait.FromParam.html) |
/// | `id: Option<u64>`, `path: Vec<&str>` | one that may be missing, one of several segments |
/// | `id: Result<u64, ParamError>` | one that may not parse |
/// | `#[mount] team: &str` | the parameter of a mount around the route that has its name; without one it does not compile |
/// | `req: &Request`, `req: &mut Request`, `req: &mut Rewrite` | the request |
/// | `res: &mut Response` | the response |
/// | `db: &Db` | a value that a layer above provides, or `provide(..)`; without one it does not compile |
/// | `user: Option<&User>` | the same, if there is one |
/// | `Json(user): Json<User>`, `Query<T>`, `Form<T>`, `Bytes`, .. | an extractor, [`FromRequest`](trait.FromRequest.html); one of the body at most |
/// | `Option<Json<T>>`, `Result<Json<T>, Error>` | the same, if it is there, or why it cannot be had |
/// | `next: Next` | the way on to the next route or layer that matches: `next.pass()` |
///
/// | return type | |
/// |---|---|
/// | `Result` | what was done with `res` or `next` |
/// | `&'static str`, `String`, `Html<T>`, `Json<T>`, `StatusCode`, `Redirect`, `(StatusCode, T)`, .. | an answer, [`Responder`](trait.Responder.html) |
/// | `Response` | one of several answers, each made with `.into_response()` |
/// | `Option<T>` | an answer, or 404 |
/// | `Result<T>`, `Result<T, E>` | an answer, or an error for the error handlers |
///
/// With all of it:
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
/// A value that does not parse is a `ParamError`, with status 400, on the error track, and no other route is tried;
/// `id: Result<u64, ParamError>` leaves that to the function. `&str` beside `&mut Request` costs a copy.
///
/// With `next` it may hand on: `next.pass()` to the next route or layer that matches.
///
/// # After the path
/// | | |
/// |---|---|
/// | `auth`, `require_role("admin")` | a layer of the route's own stack, which runs when the route matches and may read its parameters |
/// | `needs = User`, `needs = (User, Db)` | what these and the function take from the list around the route; without layers of its own a route says nothing. [`guard!`](macro.guard.html) puts layers before routes without such a list of types |
/// | `public` | everybody may use the route, in a list with `#![deny(unguarded = ..)]`, see [`app!`](macro.app.html) |
/// | `guarded = User` | nobody gets to the route without a `User`, which the route's own stack provides |
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
/// `"/"`, and `req.uri().authority()` has the target. `#[all]` does not answer it, and the server sends no 2xx to it that
/// comes from elsewhere than such a route, but a 501. List it above an `#[all("/{*rest}")]`.
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
/// The layers are tried in the order in which they are written. An entry is one of
///
/// | entry | |
/// |---|---|
/// | `logger` | a function with an attribute |
/// | `require_role("admin")` | one with `#[config]` parameters |
/// | `"/path" => entry` | the entry under a path |
/// | `"/path" => [a, b]` | several under a path, as if each stood there alone |
/// | `[a, b]` | the same as `a, b` |
/// | `stack![..]`, `router![..]`, `guard![auth => a, b]`, an app, a function that returns one | a stack in the stack |
/// | any value that implements `Layer` | a hand-written layer |
/// | an `Option` of any of these | a layer that is there or not |
///
/// and `#[cfg(..)]` works on each. Parentheses and braces do as well as brackets, and one pair of angle brackets
/// may stand inside: `app!(< logger, hello >)`.
///
/// A mount path is a pattern as in [`#[get]`](macro@get), compared up to a `/` or the end. The layers under it take
/// its parameters as `#[mount] name: &str`, which the compiler holds against the paths around them, or with `req.param("name")`.
///
/// Options stand in front: `app![#![strict, case_sensitive] ..]`. With `strict` a slash at the end of a path counts
/// for the routes of this list, with `case_sensitive` the case of letters does, for mounts too.
///
/// With `#![deny(unguarded = User)]` every route in the list has to stand below a layer that provides a `User`, in whatever
/// list, mount, router or stack it is, or to say that everybody may use it: `#[get("/login", public)]`. A route whose own stack
/// provides the value says so, `#[get("/me", authenticate, guarded = User)]`, and a stack from a function stands below such
/// a layer, or is an `impl Stack<(), (), Guarded<User>>`. All other routes are compile errors, each at its entry. Middleware
/// that answers and hand-written layers are no routes.
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
/// A router is a scope of its own: its error handlers see only the errors of its own layers, and
/// `next.router()` leaves it. What nobody in it answers goes on after it.
///
/// Its options are those of `app!`, and `#![merge_params]`: without it the parameters of the mounts around are not
/// seen inside (Express, row 157).
#[proc_macro]
pub fn router(list: TokenStream) -> TokenStream {
    stack::expand(Kind::Router, list.into()).into()
}

/// Makes a list of routes behind a guard, which runs only when one of them matches: `guard![require_user => new, create]`.
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
/// With `router![require_user, create]` in its place, or with `require_user` alone, nobody would get to `list` and `about`
/// without a user. Express has nothing like it; axum calls it `route_layer`.
///
/// In front of `=>` stands one layer or several, behind it routes, lists of them under a path or in brackets, and stacks from
/// functions. The guard runs once for a request, when a route behind it has the path and the method, before the route's own
/// stack and its extractors; not for a 404, a 405 or an automatic answer to `OPTIONS`. What it provides is there for the
/// routes behind it, and not for what is listed below. A layer that stands among the routes gets every request at its place,
/// so that the guard runs for each of these; so does an error handler with `next: Resume`. Error handlers among the routes see the errors
/// of these routes: those from above do not come in, and those of the guard's own layers go past the routes.
///
/// `#![strict]` and `#![case_sensitive]` stand in front, `guard![#![strict] require_user => new]`, since those of the list around do not
/// count for it.
///
/// It is an entry of any list, under a path as well, `"/admin" => guard![require_admin => users, settings]`, and a function can
/// return it as an `impl Stack`. The printed stack shows it as `guard`, with the layers and the routes below.
///
/// The paths are looked up twice, once before the guard; that is its cost beside the one of a list.
#[proc_macro]
pub fn guard(list: TokenStream) -> TokenStream {
    stack::guard(list.into()).into()
}

/// Makes a stack of a list of layers, to be used in others; the list is written as in `app!`.
///
/// Unlike a router it is transparent: its layers count as the parent's.
#[proc_macro]
pub fn stack(list: TokenStream) -> TokenStream {
    stack::expand(Kind::Stack, list.into()).into()
}
