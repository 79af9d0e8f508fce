//! What the macros write stays quiet in a crate that denies all there is to deny, has no prelude, and has the library
//! under another name: `web = { package = "connect" }`. The attributes look for `::connect`, so such a crate says
//! once what that is.

#![no_implicit_prelude]
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    missing_debug_implementations,
    unused,
    clippy::all,
    clippy::pedantic
)]
#![deny(
    elided_lifetimes_in_paths,
    single_use_lifetimes,
    trivial_casts,
    unused_qualifications,
    unused_lifetimes,
    unused_results,
    clippy::allow_attributes,
    clippy::missing_const_for_fn,
    clippy::shadow_unrelated,
    clippy::unwrap_used,
    clippy::wildcard_imports
)]
#![forbid(unsafe_code)]

extern crate web as connect;

mod layers {
    //! In a module, so that what is reachable matters.

    use ::std::convert::From;
    use ::std::format;
    use ::std::string::String;
    use ::web::{Error, Next, Request, Response, Result, With, error_handler, get, middleware, post};

    pub(crate) struct User(pub(crate) &'static str);

    #[middleware]
    pub(crate) fn authenticate(_req: &mut Request, _res: &mut Response, next: Next<User>) -> Result {
        next.with(User("ann")).pass()
    }

    #[middleware]
    pub(crate) fn values(
        res: &mut Response,
        user: &User,
        other: ::std::option::Option<&u8>,
        next: Next,
    ) -> Result {
        let _ = res.set("x-values", format!("{} {}", user.0, other.is_some()));
        next.pass()
    }

    #[middleware]
    pub(crate) async fn values_later(user: &User, next: Next) -> Result {
        ::std::future::ready(()).await;
        if user.0.is_empty() {
            ::web::bail!(403, "nobody");
        }
        next.pass()
    }

    #[get("/guarded", values, needs = User)]
    pub(crate) fn guarded(user: &User) -> ::web::Response {
        ::web::Responder::into_response(user.0)
    }

    #[middleware]
    pub(crate) async fn greet(req: &mut With<User>, res: &mut Response, next: Next) -> Result {
        let _ = res.set("x-user", req.get::<User>().0);
        let done = next.run(req, res).await;
        Result::Ok(done)
    }

    #[middleware]
    pub(crate) fn header(
        #[config] name: &str,
        #[config] value: u8,
        _req: &mut Request,
        res: &mut Response,
        next: Next,
    ) -> Result {
        let _ = res.append(name, u16::from(value));
        next.pass()
    }

    #[get("/user/:id{/*rest}")]
    pub(crate) async fn show(id: u64, rest: ::std::vec::Vec<&str>, user: &User) -> String {
        ::std::future::ready(()).await;
        format!("{id} {rest:?} {}", user.0)
    }

    #[post("/user", header("x-own", 1), needs = User)]
    pub(crate) fn create(req: &mut Request, user: &User, res: &mut Response) -> Result {
        let text = format!("{} {}", req.path(), user.0);
        res.status(201).send(text)
    }

    #[error_handler]
    pub(crate) async fn tell(
        err: Error,
        _req: &mut Request,
        res: &mut Response,
        _user: ::std::option::Option<&User>,
        _next: Next,
    ) -> Result {
        ::std::future::ready(()).await;
        res.status(err.status()).send(format!("{err}"))
    }
}

/// Routes, as a router that a function returns.
#[must_use]
fn routes() -> impl ::web::Stack<(layers::User,)> {
    ::web::router![::web::guard![layers::values_later => layers::show, layers::guarded], layers::create]
}

/// The app.
#[must_use]
pub fn app() -> ::web::App<impl ::web::Chain> {
    ::web::app![
        layers::authenticate,
        layers::greet,
        layers::header("x-header", 7),
        "/api" => routes(),
        "/:name" => [layers::show],
        layers::tell,
    ]
}

#[cfg(test)]
mod tests {
    //! It works, too.

    use ::std::assert_eq;
    use ::std::prelude::rust_2024::*;

    #[test]
    fn an_app_builds_in_a_strict_crate_that_renames_the_library() {
        let runtime = ::tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut req: ::web::Request =
            ::web::http::Request::get("/api/user/5/a/b").body("").expect("a request").into();
        let mut res = ::web::Response::new();
        let done = runtime.block_on(super::app().run(&mut req, &mut res));
        drop(done);
        assert_eq!(
            res.body().as_bytes().map(|body| body.to_vec()).as_deref(),
            Some(&b"5 [\"a\", \"b\"] ann"[..])
        );
        assert_eq!(res.header("x-user"), Some("ann"));
    }
}
