//! Layers that parse a body once, for all layers below them: what `express.json()` and its like are.
//!
//! Most code is better off without: [`req.json()`](crate::Request::json) and the other readers take the body where it
//! is needed, into a type. These layers are for code that comes from Express, for what looks at bodies
//! without knowing their form, and for checks of the bytes as they came, as of a signature. What they make is in
//! [`req.parsed_body()`](crate::Request::parsed_body).
//!
//! A layer leaves alone what is of another type, and what a layer above it parsed already.
//!
//! ```
//! use connect::{app, body_parser, post, Error, ParsedBody, Request, Result};
//!
//! #[post("/hook")]
//! fn hook(req: &Request) -> Result<String> {
//!     match req.parsed_body() {
//!         Some(ParsedBody::Json(event)) => Ok(format!("thanks for {}", event["name"])),
//!         _ => Err(Error::new(415, "send JSON")),
//!     }
//! }
//!
//! let signed = |_req: &Request, bytes: &[u8]| match bytes.len() {
//!     0 => Err(Error::msg("nothing is signed")),
//!     _ => Ok(()),
//! };
//! let app = app![body_parser::json().limit(1 << 20).verify(signed), hook];
//! ```

mod form;

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use serde_json::{Map, Value};

pub use self::form::{Form, FormValue};
use super::charset;
use super::collect::{How, collect, refuse_second};
use super::error::{BodyError, BodyErrorKind};
use super::{FIELDS, ParsedBody, fields, form_charset, json as read_json};
use crate::{
    Body, Error, Fact, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated, StatesFacts,
};

/// Parses JSON: `application/json`, with an object or a list; an empty body is an empty object.
///
/// ```
/// use connect::{app, body_parser};
///
/// let app = app![body_parser::json().strict(false).content_type("json").content_type("+json")];
/// ```
#[must_use]
pub fn json() -> BodyParser<Json> {
    BodyParser::new("json", Json { strict: true })
}

/// Parses forms: `application/x-www-form-urlencoded`, up to 1000 fields.
///
/// ```
/// use connect::{app, body_parser};
///
/// let app = app![body_parser::urlencoded().extended(true).parameter_limit(50)];
/// ```
#[must_use]
pub fn urlencoded() -> BodyParser<Urlencoded> {
    BodyParser::new("urlencoded", Urlencoded { fields: FIELDS, extended: false })
}

/// Takes text: `text/plain`.
///
/// ```
/// use connect::{app, body_parser};
///
/// let app = app![body_parser::text().content_type("text/*").limit(1 << 20)];
/// ```
#[must_use]
pub fn text() -> BodyParser<Text> {
    BodyParser::new("text/plain", Text { charset: UTF_8 })
}

/// Takes bytes: `application/octet-stream`.
///
/// ```
/// use connect::{app, body_parser};
///
/// let app = app![body_parser::raw().content_type("*/*").inflate(false)];
/// ```
#[must_use]
pub fn raw() -> BodyParser<Raw> {
    BodyParser::new("application/octet-stream", Raw)
}

/// What the layers of this module state: that the whole body is read there, for the layers below. A layer that is to stand
/// above them says so with a [`Law`](crate::Law).
pub const READS_BODY: Fact = Fact::new("connect::reads_body");

/// A check of the bytes of a body, decoded, before they are parsed.
pub type Check = fn(&Request, &[u8]) -> Result<()>;

/// A layer that parses bodies of some type.
#[derive(Clone)]
pub struct BodyParser<P, V = Check> {
    parse: P,
    types: Vec<Cow<'static, str>>,
    limit: Option<usize>,
    inflate: bool,
    verify: V,
}

impl<P> BodyParser<P> {
    fn new(kind: &'static str, parse: P) -> Self {
        let any: Check = |_, _| Ok(());
        BodyParser { parse, types: vec![Cow::Borrowed(kind)], limit: None, inflate: true, verify: any }
    }

    /// Checks the bytes of the body, decoded, before they are parsed. What it refuses is a 403, unless its error has
    /// a status of its own.
    pub fn verify<V>(self, verify: V) -> BodyParser<P, V>
    where
        V: Fn(&Request, &[u8]) -> Result<()> + Send + Sync + 'static,
    {
        let BodyParser { parse, types, limit, inflate, verify: _ } = self;
        BodyParser { parse, types, limit, inflate, verify }
    }
}

impl<P, V> BodyParser<P, V> {
    /// How long a body may be, in bytes, decoded; otherwise the limit of the request counts
    /// ([`body_limit`](crate::body_limit)).
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Which types are parsed, in place of the usual one: as in [`Request::is`]. Called again, it adds one.
    #[must_use]
    pub fn content_type(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.types.push(kind.into());
        self
    }

    /// Whether bodies with a `Content-Encoding` are decoded, as they are otherwise, or refused with status 415.
    #[must_use]
    pub fn inflate(mut self, inflate: bool) -> Self {
        self.inflate = inflate;
        self
    }

    fn takes(&self, req: &Request) -> bool {
        // The first is the usual one, which counts as long as it is alone.
        let types = if self.types.len() > 1 { &self.types[1..] } else { &self.types };
        types.iter().any(|kind| req.is(kind))
    }
}

impl<V> BodyParser<Json, V> {
    /// Whether only objects and lists are taken, as they are otherwise.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.parse.strict = strict;
        self
    }
}

impl<V> BodyParser<Urlencoded, V> {
    /// How many fields a form may have; more are a 413.
    #[must_use]
    pub fn parameter_limit(mut self, fields: usize) -> Self {
        self.parse.fields = fields;
        self
    }

    /// Whether `user[name]` is a field in a field, and `a[]` a list: by default they are keys like any other. Fields may be
    /// nested 32 deep, and lists have numbers up to 100, or up to that of the form's fields; others are names.
    #[must_use]
    pub fn extended(mut self, extended: bool) -> Self {
        self.parse.extended = extended;
        self
    }
}

impl<V> BodyParser<Text, V> {
    /// The charset of text that does not say it; UTF-8 otherwise.
    ///
    /// # Errors
    /// If there is no charset of that name.
    pub fn default_charset(mut self, name: &str) -> Result<Self> {
        self.parse.charset =
            charset::by_label(name).map_err(|_| Error::msg(format!("there is no charset `{name}`")))?;
        Ok(self)
    }
}

impl<P: Parse, V> IntoLayer for BodyParser<P, V>
where
    V: Fn(&Request, &[u8]) -> Result<()> + Send + Sync + 'static,
{
    type Layer = Stated<Parser<P, V>, ParserFacts>;

    fn into_layer(self) -> Self::Layer {
        Stated::new(Parser(self))
    }
}

/// What states the facts of a [`BodyParser`].
#[derive(Debug)]
pub struct ParserFacts;

impl StatesFacts for ParserFacts {
    const FACTS: Facts = Facts::of("body_parser").states(&[READS_BODY]);
}

/// What a [`BodyParser`] becomes in a list.
#[derive(Debug)]
pub struct Parser<P, V>(BodyParser<P, V>);

impl<P: Parse, V> Layer for Parser<P, V>
where
    V: Fn(&Request, &[u8]) -> Result<()> + Send + Sync + 'static,
{
    async fn run<R: Rest>(&self, req: &mut Request, _res: &mut Response, next: Next<(), R>) -> Result {
        let parser = &self.0;
        if req.body().parsed().is_some() || !parser.takes(req) {
            return next.pass();
        }
        refuse_second(req)?;
        let encoding = parser.parse.charset(req)?;
        let how = How { limit: parser.limit.unwrap_or(req.body_limit()), inflate: parser.inflate };
        let bytes = collect(req, how).await?;
        (parser.verify)(req, &bytes).map_err(refused)?;
        *req.body_mut() = Body::with_parsed(parser.parse.parse(bytes.clone(), encoding)?, bytes);
        next.pass()
    }

    fn name(&self) -> &str {
        P::NAME
    }
}

fn refused(err: Error) -> Error {
    if err.own_status().is_some() {
        return err;
    }
    BodyError::new(BodyErrorKind::Refused, err.to_string()).into()
}

impl<P: fmt::Debug, V> fmt::Debug for BodyParser<P, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BodyParser { parse, types, limit, inflate, verify: _ } = self;
        let mut out = f.debug_struct("BodyParser");
        out.field("parse", parse).field("types", types).field("limit", limit).field("inflate", inflate);
        out.finish_non_exhaustive()
    }
}

/// What is made of the bytes.
pub trait Parse: private::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const NAME: &'static str;

    /// The charset of the body, if it is one that this takes.
    #[doc(hidden)]
    fn charset(&self, req: &Request) -> Result<&'static Encoding, BodyError>;

    #[doc(hidden)]
    fn parse(&self, bytes: Bytes, encoding: &'static Encoding) -> Result<ParsedBody>;
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::Json {}
    impl Sealed for super::Urlencoded {}
    impl Sealed for super::Text {}
    impl Sealed for super::Raw {}
}

/// See [`json`].
#[derive(Debug, Clone, Copy)]
pub struct Json {
    strict: bool,
}

impl Parse for Json {
    const NAME: &'static str = "json";

    fn charset(&self, req: &Request) -> Result<&'static Encoding, BodyError> {
        charset::of_json(req)
    }

    fn parse(&self, bytes: Bytes, encoding: &'static Encoding) -> Result<ParsedBody> {
        if bytes.is_empty() {
            return Ok(ParsedBody::Json(Value::Object(Map::new())));
        }
        let value: Value = read_json::read(bytes, encoding)?;
        if self.strict && !value.is_object() && !value.is_array() {
            let what = "the body is neither a JSON object nor a list";
            return Err(BodyError::malformed(what).into());
        }
        Ok(ParsedBody::Json(value))
    }
}

/// See [`urlencoded`].
#[derive(Debug, Clone, Copy)]
pub struct Urlencoded {
    fields: usize,
    extended: bool,
}

impl Parse for Urlencoded {
    const NAME: &'static str = "urlencoded";

    fn charset(&self, req: &Request) -> Result<&'static Encoding, BodyError> {
        form_charset(req).map(|()| UTF_8)
    }

    fn parse(&self, bytes: Bytes, _: &'static Encoding) -> Result<ParsedBody> {
        fields::refuse_many(&bytes, self.fields)?;
        let text = fields::text(&bytes)?;
        let form = if self.extended { Form::nested(text)? } else { Form::flat(text) };
        Ok(ParsedBody::Form(form))
    }
}

/// See [`text()`].
#[derive(Debug, Clone, Copy)]
pub struct Text {
    charset: &'static Encoding,
}

impl Parse for Text {
    const NAME: &'static str = "text";

    fn charset(&self, req: &Request) -> Result<&'static Encoding, BodyError> {
        charset::of(req, self.charset)
    }

    fn parse(&self, bytes: Bytes, encoding: &'static Encoding) -> Result<ParsedBody> {
        charset::decode(bytes, encoding).map(ParsedBody::Text).map_err(Error::from)
    }
}

/// See [`raw`].
#[derive(Debug, Clone, Copy)]
pub struct Raw;

impl Parse for Raw {
    const NAME: &'static str = "raw";

    fn charset(&self, _: &Request) -> Result<&'static Encoding, BodyError> {
        Ok(UTF_8)
    }

    fn parse(&self, bytes: Bytes, _: &'static Encoding) -> Result<ParsedBody> {
        Ok(ParsedBody::Raw(bytes))
    }
}

impl Request {
    /// What a layer of [`body_parser`](crate::body_parser) above made of the body: Express's `req.body`. `None` if
    /// no such layer stood above, or the body was not of its type.
    ///
    /// ```
    /// use connect::{app, body_parser, post, ParsedBody, Request};
    ///
    /// #[post("/")]
    /// fn order(req: &Request) -> String {
    ///     match req.parsed_body() {
    ///         Some(ParsedBody::Form(form)) => form.text("dish").unwrap_or("nothing").to_owned(),
    ///         _ => "no form".to_owned(),
    ///     }
    /// }
    ///
    /// let app = app![body_parser::urlencoded(), order];
    /// ```
    #[must_use]
    pub fn parsed_body(&self) -> Option<&ParsedBody> {
        self.body().parsed()
    }
}
