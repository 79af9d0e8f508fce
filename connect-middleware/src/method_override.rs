//! The method of a `POST`, from a header, the query or a field of a form: for clients that can send `GET` and `POST` alone, such as HTML
//! forms.
//!
//! ```
//! use connect::{app, delete};
//! use connect_middleware::method_override::MethodOverride;
//!
//! // <form method="post" action="/notes/7"><input type="hidden" name="_method" value="DELETE"> ..
//! #[delete("/notes/:id")]
//! fn remove(id: u64) -> String {
//!     format!("removed {id}")
//! }
//!
//! let app = app![MethodOverride::form("_method"), remove];
//! ```
//!
//! List it above the routes: those above it see the method that the client sent.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`MethodOverride::new`] | | | takes the method from the header `X-HTTP-Method-Override` |
//! | [`MethodOverride::header`] | header name | | takes it from another header |
//! | [`MethodOverride::query`] | name | | takes it from the query: `/notes/7?_method=DELETE` |
//! | [`MethodOverride::form`] | name | | takes it from a field of a form |
//! | [`to`](MethodOverride::to) | methods | `PUT`, `PATCH`, `DELETE` | the methods that a request may become |
//! | [`from`](MethodOverride::from) | methods | `POST` | the methods that a request may have had |
//!
//! To take it from several places, list several layers; the first one that finds a method counts, since the request is a `POST` no longer.
//!
//! The method is written in any case. What is given twice, or is not one of the methods, leaves the request as it is.
//!
//! `form` reads the body of requests of the type `application/x-www-form-urlencoded`, within the [limit](connect::body_limit()) of the
//! request; readers and body parsers below find it again. Forms with files, `multipart/form-data`, are not read: use the query.
//!
//! # Other sites
//! A page of another site can send a form, but no `DELETE` or `PUT` without a preflight of CORS. With `query` or `form` it can, so routes
//! with these methods need a protection such as [`Csrf`](crate::csrf::Csrf) as much as those with `POST` do. That may stand above the layer
//! or below, since it checks the old method there and the new one here, and neither only reads. For the same reason a `GET` never becomes
//! another method: a link or a picture on any page could delete then. A header needs a preflight.
//!
//! # Needs and provides
//! [`OriginalMethod`] is there for requests whose method was changed, by [`req.provided()`](connect::Request::provided). The layer of `form`
//! states [`READS_BODY`], so authentication has to stand above it: law `authentication_outside_of_body_readers`.
//!
//! # What goes wrong
//! With `form` a body that is too long is a 413 on the error track, one that does not arrive a 400 or 408. With a header all responses to
//! `from` methods have `Vary`.
//!
//! # Differences from Express
//! The package takes a function in place of `form`, which reads `req.body` of a parser above. It lets any method be overridden, `GET` too,
//! and become any that Node knows, `CONNECT` and `TRACE` too. `req.originalMethod` is [`OriginalMethod`].

use std::borrow::Cow;

use connect::{
    Facts, IntoLayer, Next, Request, Response, Rest, Result, Rewrite, RewritingLayer, Stated, StatesFacts,
};
use http::{HeaderName, Method};

use crate::facts::READS_BODY;

/// Changes the method of requests. The parameter is where the method is taken from: [`Head`] or [`Form`].
#[derive(Debug, Clone)]
pub struct MethodOverride<S> {
    source: S,
    from: Vec<Method>,
    to: Vec<Method>,
}

/// A method in the request's head.
#[derive(Debug, Clone)]
pub struct Head(In);

#[derive(Debug, Clone)]
enum In {
    Header(HeaderName),
    Query(Cow<'static, str>),
}

/// A method in a field of a form.
#[derive(Debug, Clone)]
pub struct Form(Cow<'static, str>);

/// The method that the client sent, of a request whose method was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalMethod(pub Method);

impl MethodOverride<Head> {
    /// Takes the method from the header `X-HTTP-Method-Override`.
    #[must_use]
    pub fn new() -> Self {
        Self::header(HeaderName::from_static("x-http-method-override"))
    }

    /// Takes the method from another header, such as `X-HTTP-Method`.
    #[must_use]
    pub fn header(name: HeaderName) -> Self {
        Self::of(Head(In::Header(name)))
    }

    /// Takes the method from a field of the query, such as `_method`.
    #[must_use]
    pub fn query(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Head(In::Query(name.into())))
    }
}

impl Default for MethodOverride<Head> {
    fn default() -> Self {
        Self::new()
    }
}

impl MethodOverride<Form> {
    /// Takes the method from a field of a form, such as `_method`.
    #[must_use]
    pub fn form(name: impl Into<Cow<'static, str>>) -> Self {
        Self::of(Form(name.into()))
    }
}

impl<S> MethodOverride<S> {
    fn of(source: S) -> Self {
        MethodOverride {
            source,
            from: vec![Method::POST],
            to: vec![Method::PUT, Method::PATCH, Method::DELETE],
        }
    }

    /// Sets the methods that a request may become: by default `PUT`, `PATCH` and `DELETE`.
    ///
    /// # Panics
    /// If `CONNECT` or `TRACE` is among them, which are no requests for a resource.
    #[must_use]
    #[track_caller]
    pub fn to(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.to = methods.into_iter().collect();
        let refused = self.to.iter().find(|method| matches!(**method, Method::CONNECT | Method::TRACE));
        assert!(refused.is_none(), "a request cannot become a `{}`", refused.map_or("", Method::as_str));
        self
    }

    /// Sets the methods that a request may have had: by default `POST`.
    ///
    /// # Panics
    /// If one of them only reads (`GET`, `HEAD`, `OPTIONS`, `TRACE`), since a link on any page could change something then, or is `CONNECT`.
    #[must_use]
    #[track_caller]
    pub fn from(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.from = methods.into_iter().collect();
        let refused = self.from.iter().find(|method| method.is_safe() || **method == Method::CONNECT);
        assert!(refused.is_none(), "a `{}` cannot become another method", refused.map_or("", Method::as_str));
        self
    }

    fn takes(&self, req: &Request) -> bool {
        self.from.contains(req.method())
    }

    fn method(&self, text: &str) -> Option<Method> {
        self.to.iter().find(|method| method.as_str().eq_ignore_ascii_case(text)).cloned()
    }
}

impl In {
    fn read<'a>(&self, req: &'a Request) -> Option<Cow<'a, str>> {
        match self {
            In::Header(name) => {
                let mut values = req.headers().get_all(name).iter();
                let (Some(value), None) = (values.next(), values.next()) else { return None };
                Some(Cow::Borrowed(value.to_str().ok()?.trim()))
            }
            In::Query(name) => field(req.query_string()?.as_bytes(), name),
        }
    }
}

/// The value of a field, if there is one of the name.
fn field<'a>(form: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let mut fields = form_urlencoded::parse(form).filter(|(key, _)| key == name);
    match (fields.next(), fields.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

fn change(req: &mut Rewrite, method: Method) {
    let original = OriginalMethod(req.method().clone());
    req.set_method(method);
    req.provide(original);
}

/// The facts of a [`MethodOverride`] that reads no body.
#[derive(Debug)]
pub struct HeadFacts;

impl StatesFacts for HeadFacts {
    const FACTS: Facts = Facts::of("MethodOverride");
}

/// The facts of a [`MethodOverride`] that reads forms.
#[derive(Debug)]
pub struct FormFacts;

impl StatesFacts for FormFacts {
    const FACTS: Facts = Facts::of("MethodOverride").states(&[READS_BODY]);
}

impl IntoLayer for MethodOverride<Head> {
    type Layer = Stated<MethodOverrideLayer<Head>, HeadFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(MethodOverrideLayer(self))
    }
}

impl IntoLayer for MethodOverride<Form> {
    type Layer = Stated<MethodOverrideLayer<Form>, FormFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(MethodOverrideLayer(self))
    }
}

/// What [`MethodOverride`] becomes in a list.
#[derive(Debug)]
pub struct MethodOverrideLayer<S>(MethodOverride<S>);

impl RewritingLayer for MethodOverrideLayer<Head> {
    async fn run<R: Rest>(&self, req: &mut Rewrite, res: &mut Response, next: Next<(), R>) -> Result {
        if !self.0.takes(req) {
            return next.pass();
        }
        let source = &self.0.source.0;
        if let In::Header(name) = source {
            res.vary(name.as_str());
        }
        if let Some(method) = source.read(req).and_then(|text| self.0.method(&text)) {
            change(req, method);
        }
        next.pass()
    }

    fn name(&self) -> &str {
        "MethodOverride"
    }
}

impl RewritingLayer for MethodOverrideLayer<Form> {
    async fn run<R: Rest>(&self, req: &mut Rewrite, _res: &mut Response, next: Next<(), R>) -> Result {
        if !self.0.takes(req) || !req.is("application/x-www-form-urlencoded") {
            return next.pass();
        }
        let body = req.bytes().await?;
        if let Some(method) = field(&body, &self.0.source.0).and_then(|text| self.0.method(&text)) {
            change(req, method);
        }
        next.pass()
    }

    fn name(&self) -> &str {
        "MethodOverride"
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, MethodOverride};

    #[test]
    #[should_panic(expected = "a `GET` cannot become another method")]
    fn a_method_that_only_reads_is_never_changed() {
        let _ = MethodOverride::query("_method").from([Method::POST, Method::GET]);
    }

    #[test]
    #[should_panic(expected = "a request cannot become a `TRACE`")]
    fn no_request_becomes_a_trace() {
        let _ = MethodOverride::new().to([Method::PUT, Method::TRACE]);
    }
}
