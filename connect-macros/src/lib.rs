//! The attributes and stack macros of `connect`, which re-exports them: depend on that crate and not on this one.
//!
//! Both kinds of macro are pipelines: `parse` reads the tokens, `check` compares them with the rules and collects all
//! errors, `expand` writes the code. If there are errors, the output is the errors and a well-typed stand-in, so that rustc
//! reports no further errors elsewhere in the program.
#![forbid(unsafe_code)]

mod errors;
mod function;
mod handler;
mod paths;
mod pattern;
mod route;
mod stack;

use proc_macro::TokenStream;

use function::role::Role;
use route::RouteAttribute;
use stack::ListMacro;

/// Makes a middleware of a `fn` or an `async fn`.
///
#[doc = include_str!("docs/middleware.md")]
#[proc_macro_attribute]
pub fn middleware(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Role::Middleware, arguments.into(), item.into()).into()
}

/// Makes an error handler of a `fn` or an `async fn`.
///
#[doc = include_str!("docs/error_handler.md")]
#[proc_macro_attribute]
pub fn error_handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handler::attribute(Role::ErrorHandler, arguments.into(), item.into()).into()
}

/// Makes a route of a `fn` or an `async fn`: it answers `GET`, and `HEAD`, at a path.
///
#[doc = include_str!("docs/get.md")]
#[proc_macro_attribute]
pub fn get(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[get]", "GET"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `POST` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn post(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[post]", "POST"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `PUT` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn put(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[put]", "PUT"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `DELETE` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn delete(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[delete]", "DELETE"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `PATCH` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn patch(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[patch]", "PATCH"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `HEAD` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn head(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[head]", "HEAD"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `OPTIONS` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn options(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[options]", "OPTIONS"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `TRACE` at a path. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn trace(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[trace]", "TRACE"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers `CONNECT` at a path. See [`#[get]`](macro@get).
///
/// `CONNECT` asks for a tunnel (RFC 9110, section 9.3.6). Its target is a host and a port without a path, so the pattern is
/// `"/"`, and `req.uri().authority()` has the target. `#[all]` does not answer it. If another layer than such a route
/// answers it with a 2xx, the server sends a 501 instead. List it above an `#[all("/{*rest}")]`.
#[proc_macro_attribute]
pub fn connect(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Method("#[connect]", "CONNECT"), arguments.into(), item.into()).into()
}

/// Makes a route of a function: it answers every method but `CONNECT` at a path. See [`#[get]`](macro@get) and, for
/// `CONNECT`, [`#[connect]`](macro@connect).
#[proc_macro_attribute]
pub fn all(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::All, arguments.into(), item.into()).into()
}

/// Makes a route of a function for several methods: `#[route(GET, POST, "/form")]`. See [`#[get]`](macro@get).
#[proc_macro_attribute]
pub fn route(arguments: TokenStream, item: TokenStream) -> TokenStream {
    route::attribute(RouteAttribute::Route, arguments.into(), item.into()).into()
}

/// Makes an app of a stack: `app![logger, "/admin" => [auth, admin], on_error]`.
///
#[doc = include_str!("docs/app.md")]
#[proc_macro]
pub fn app(list: TokenStream) -> TokenStream {
    stack::expand(ListMacro::App, list.into()).into()
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
    stack::expand(ListMacro::Router, list.into()).into()
}

/// Makes a list of routes with a guard, which runs only when one of them matches: `guard![require_user => new, create]`.
///
#[doc = include_str!("docs/guard.md")]
#[proc_macro]
pub fn guard(list: TokenStream) -> TokenStream {
    stack::guard(list.into()).into()
}

/// Makes a stack of a list of layers, for use in other lists; the list is written as in `app!`.
///
/// Unlike a router it is transparent: its layers count as those of the list around it.
#[proc_macro]
pub fn stack(list: TokenStream) -> TokenStream {
    stack::expand(ListMacro::Stack, list.into()).into()
}
