//! Layers that parse a body once, for all layers below them, as `express.json()` and Express's other body parsers do.
//!
//! Most code does not need them: [`req.json()`](crate::Request::json) and the other readers read the body where it is
//! needed, into a type. These layers are for code that is ported from Express, for layers that look at bodies without
//! knowing their type, and for checks of the bytes as they were sent, such as a signature.
//! [`req.parsed_body()`](crate::Request::parsed_body) returns the parsed body.
//!
//! A layer skips bodies of other types, and bodies that a layer above it has parsed.
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
use super::collect::{ReadOptions, collect, refuse_second};
use super::error::{BodyError, BodyErrorKind};
use super::{FIELDS, ParsedBody, fields, form_charset, json as read_json};
use crate::{
    Body, Error, Fact, Facts, IntoLayer, Layer, Next, Request, Response, Rest, Result, Stated, StatesFacts,
};

/// Parses bodies of the type `application/json`, with an object or a list. An empty body is an empty object.
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

/// Parses bodies of the type `application/x-www-form-urlencoded`, with up to 1000 fields.
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

/// Decodes bodies of the type `text/plain`.
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

/// Reads bodies of the type `application/octet-stream` as bytes.
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

/// A layer that parses bodies of one or more media types.
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

    /// Sets a check of the decoded bytes of the body before they are parsed: none by default. Its error is a 403,
    /// unless it has a status of its own.
    pub fn verify<V>(self, verify: V) -> BodyParser<P, V>
    where
        V: Fn(&Request, &[u8]) -> Result<()> + Send + Sync + 'static,
    {
        let BodyParser { parse, types, limit, inflate, verify: _ } = self;
        BodyParser { parse, types, limit, inflate, verify }
    }
}

impl<P, V> BodyParser<P, V> {
    /// Sets how long a body may be, in bytes after decoding: by default the limit of the request,
    /// [`body_limit`](crate::body_limit).
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Sets the media type to parse, as in [`Request::is`], instead of the default. Further calls add one each.
    #[must_use]
    pub fn content_type(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.types.push(kind.into());
        self
    }

    /// Sets whether bodies with a `Content-Encoding` are decoded, as by default, or refused with status 415.
    #[must_use]
    pub fn inflate(mut self, inflate: bool) -> Self {
        self.inflate = inflate;
        self
    }

    fn takes(&self, req: &Request) -> bool {
        // The first is the default, which applies if there is no other.
        let types = if self.types.len() > 1 { &self.types[1..] } else { &self.types };
        types.iter().any(|kind| req.is(kind))
    }
}

impl<V> BodyParser<Json, V> {
    /// Sets whether only objects and lists are accepted: `true` by default.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.parse.strict = strict;
        self
    }
}

impl<V> BodyParser<Urlencoded, V> {
    /// Sets how many fields a form may have: 1000 by default. More are an error with status 413.
    #[must_use]
    pub fn parameter_limit(mut self, fields: usize) -> Self {
        self.parse.fields = fields;
        self
    }

    /// Sets whether `user[name]` is a field in a field and `a[]` a list: by default they are plain names. Fields may be
    /// nested 32 deep. A number above 100, or above the number of the form's fields, is a name and not an index.
    #[must_use]
    pub fn extended(mut self, extended: bool) -> Self {
        self.parse.extended = extended;
        self
    }
}

impl<V> BodyParser<Text, V> {
    /// Sets the charset of text whose `Content-Type` names none: UTF-8 by default.
    ///
    /// # Errors
    /// If the charset is not known.
    pub fn default_charset(mut self, name: &str) -> Result<Self> {
        self.parse.charset = charset::by_label(name).map_err(|_| {
            Error::msg(format!(
                "unknown charset `{name}`: use a label of the Encoding Standard, such as `utf-8`"
            ))
        })?;
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
        let options =
            ReadOptions { limit: parser.limit.unwrap_or(req.body_limit()), inflate: parser.inflate };
        let bytes = collect(req, options).await?;
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

/// How a [`BodyParser`] parses a body.
pub trait Parse: private::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const NAME: &'static str;

    /// The charset of the body, if the parser supports it.
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

/// The parser of [`json`].
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

/// The parser of [`urlencoded`].
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

/// The parser of [`text()`].
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

/// The parser of [`raw`].
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
    /// The body that a layer of [`body_parser`](crate::body_parser) above has parsed: Express's `req.body`. `None` if
    /// there is no such layer, or the body is not of its type.
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
