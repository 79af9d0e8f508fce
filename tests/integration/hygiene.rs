//! Expansions do not depend on the names in scope.

#![deny(warnings, unused)]

mod shadowed {
    //! Every name of the prelude that an expansion could mean by mistake.
    #![allow(dead_code, non_camel_case_types)]

    use ::connect::{self as framework, app, error_handler, middleware, router};

    pub struct Result;
    pub struct Ok;
    pub struct Err;
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Box;
    pub struct String;
    pub struct Clone_;
    pub trait Future {}
    pub trait Send {}
    pub trait Into {}
    pub trait Clone {}
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod connect {}
    type RawResponse = framework::Result;

    #[middleware]
    pub async fn runs(
        #[config] text: &str,
        req: &mut framework::Request,
        res: &mut framework::Response,
        next: framework::Next,
    ) -> RawResponse {
        res.append("x-text", text);
        let done = next.run(req, res).await;
        ::core::result::Result::Ok(done)
    }

    #[middleware]
    pub fn passes(
        #[config] _n: u8,
        _req: &mut framework::Request,
        _res: &mut framework::Response,
        next: framework::Next,
    ) -> RawResponse {
        next.pass()
    }

    #[error_handler]
    pub async fn handles(
        err: framework::Error,
        _req: &mut framework::Request,
        res: &mut framework::Response,
        _next: framework::Resume,
    ) -> RawResponse {
        res.send(err.to_string())
    }

    pub struct User;

    #[middleware]
    pub async fn provides(
        req: &mut framework::Request,
        res: &mut framework::Response,
        next: framework::Next<(User, u8)>,
    ) -> RawResponse {
        ::core::result::Result::Ok(next.with((User, 1)).run(req, res).await)
    }

    #[middleware]
    pub fn needs(
        req: &mut framework::With<(User, u8)>,
        _res: &mut framework::Response,
        next: framework::Next,
    ) -> RawResponse {
        let _: &User = req.get();
        next.pass()
    }

    #[framework::get("/r/:id{/:more}/*rest", needs, needs = (User, u8))]
    pub async fn route(
        id: u32,
        more: ::core::option::Option<&str>,
        rest: ::std::vec::Vec<::std::string::String>,
        _user: &User,
        req: &mut framework::Request,
    ) -> ::std::string::String {
        ::std::format!("{id} {more:?} {rest:?} {}", req.path())
    }

    pub fn build() -> framework::App<impl framework::Chain> {
        app![runs("a"), passes(1), provides, needs, route, "/x" => [router![passes(2), handles], #[cfg(any())] handles], handles]
    }
}

mod named_like_what_is_generated {
    //! A user's own items and parameters may have the names that the expansions use.
    use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

    struct __Layer(u8);

    #[allow(non_upper_case_globals)]
    const req: u8 = 0;
    #[allow(non_upper_case_globals)]
    const e0: u8 = 0;

    #[middleware]
    fn next(_: &mut Request, _: &mut Response, n: Next) -> Result {
        assert_eq!(req + e0, 0);
        n.pass()
    }

    #[error_handler]
    async fn err(failed: Error, _: &mut Request, _: &mut Response, n: Next) -> Result {
        n.fail(failed)
    }

    #[middleware]
    async fn layer(
        #[config] next: u8,
        #[config] res: &u8,
        q: &mut Request,
        r: &mut Response,
        n: Next,
    ) -> Result {
        let sum = __Layer(next + *res);
        r.set("x-sum", u16::from(sum.0));
        Ok(n.run(q, r).await)
    }

    pub fn build() -> connect::App<impl connect::Chain> {
        let __connect_e1 = layer(1, 2);
        let three = 3;
        app![__connect_e1, layer(three, 4), next, err]
    }
}

mod names {
    //! The attribute leaves a function of that name, and functions can be shadowed.
    #![allow(clippy::let_unit_value)]
    use connect::{Next, Request, Response, Result, app, middleware};

    #[middleware]
    pub fn session(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.pass()
    }

    pub mod session {
        pub const IN_A_MODULE: u8 = 1;
    }

    pub fn build(user: u8) -> connect::App<impl connect::Chain> {
        let app = app![session];
        let session = user;
        for session in 0..session {
            assert!(session < user);
        }
        app
    }
}

mod attributes_survive {
    //! Lints, docs, visibility and other attributes.
    use connect::{Error, Next, Request, Response, Result, app, error_handler, middleware};

    #[middleware]
    #[expect(dead_code, reason = "it is not listed, and the lint has to say so")]
    fn unused_layer(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.pass()
    }

    #[middleware]
    #[expect(unused_variables, reason = "the lint has to see the user's own parameter")]
    fn unused_parameter(req: &mut Request, _res: &mut Response, next: Next) -> Result {
        next.pass()
    }

    #[error_handler]
    #[expect(unreachable_code, reason = "the lint has to look into the body")]
    async fn unreachable(err: Error, _req: &mut Request, _res: &mut Response, next: Next) -> Result {
        return next.fail(err);
        unreachable!()
    }

    #[middleware]
    #[tracing::instrument(skip_all)]
    async fn instrumented(req: &mut Request, res: &mut Response, next: Next) -> Result {
        Ok(next.run(req, res).await)
    }

    pub fn build() -> connect::App<impl connect::Chain> {
        app![unused_parameter, unreachable, instrumented]
    }
}

use crate::support::call;

#[tokio::test]
async fn expansions_do_not_depend_on_names_in_scope() {
    assert_eq!(call(&shadowed::build(), "/").await.header("x-text"), Some("a"));
    assert_eq!(call(&shadowed::build(), "/r/1/a/b").await.body, "1 Some(\"a\") [\"b\"] /r/1/a/b");
    assert_eq!(call(&named_like_what_is_generated::build(), "/").await.header("x-sum"), Some("7"));
    assert_eq!(call(&names::build(names::session::IN_A_MODULE), "/").await.status, 404);
    assert_eq!(call(&attributes_survive::build(), "/").await.status, 404);
}
