//! Converting parameters into a function's types.

use std::any::type_name;
use std::fmt;
use std::str::FromStr;

use crate::error::BoxError;

/// The error of a parameter that cannot be converted into the type of the function. On the error track it has status
/// 400, or 500 if no pattern around the layer has a parameter of that name.
///
/// ```
/// use connect::{app, error_handler, get, Next, ParamError, Request, Response, Result};
///
/// #[get("/user/:id")]
/// fn show(id: u64) -> String {
///     format!("user {id}")
/// }
///
/// /// There is no user with a number that is none.
/// #[error_handler]
/// fn not_found(_err: ParamError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
///     res.status(404).text("no such user")
/// }
///
/// let app = app![show, not_found];
/// ```
#[derive(Debug)]
pub struct ParamError {
    name: Option<&'static str>,
    value: String,
    expected: Option<&'static str>,
    source: Option<BoxError>,
    /// Whether the source is the error of a [`FromParam`], and not one such as `ParseIntError`.
    is_own: bool,
    /// Whether no pattern has a parameter of this name, which is a mistake in the program.
    is_unknown: bool,
}

impl ParamError {
    pub(crate) fn malformed(name: &'static str, raw: &str) -> Self {
        ParamError {
            name: Some(name),
            value: raw.to_owned(),
            expected: None,
            source: None,
            is_own: false,
            is_unknown: false,
        }
    }

    pub(crate) fn missing(name: Option<&'static str>, asked: &str) -> Self {
        ParamError {
            name,
            value: asked.to_owned(),
            expected: Some(""),
            source: None,
            is_own: false,
            is_unknown: false,
        }
    }

    /// The error for a parameter that no pattern around the layer has.
    pub(crate) fn unknown(asked: &str) -> Self {
        ParamError { is_unknown: true, ..Self::missing(None, asked) }
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    fn refused<T>(name: &'static str, value: &str, source: BoxError, is_own: bool) -> Self {
        ParamError {
            name: Some(name),
            value: value.to_owned(),
            expected: Some(type_name::<T>()),
            source: Some(source),
            is_own,
            is_unknown: false,
        }
    }

    /// The parameter's name.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// The value, decoded; as it was sent if it cannot be decoded.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The error of the parameter's type: of its [`FromStr`] or [`FromParam`].
    #[must_use]
    pub fn reason(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// The error of a [`FromParam`], for error handlers of its type.
    pub(crate) fn own_reason(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.reason().filter(|_| self.is_own)
    }

    /// Takes it out, if it is an `E`.
    pub(crate) fn take_reason<E: std::error::Error + 'static>(&mut self) -> Option<Box<E>> {
        match self.source.take()?.downcast() {
            Ok(reason) => Some(reason),
            Err(other) => {
                self.source = Some(other);
                None
            }
        }
    }

    /// The name of the expected type; `None` if the value could not be decoded.
    #[must_use]
    pub fn expected(&self) -> Option<&'static str> {
        self.expected
    }
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, self.expected) {
            // Express's message.
            (_, None) => write!(f, "Failed to decode param '{}'", self.value),
            (_, Some("")) if self.is_unknown => {
                write!(
                    f,
                    "no pattern that this layer sees has a parameter `{}`; a router sees those outside of it with `merge_params`",
                    self.value
                )
            }
            (_, Some("")) => write!(f, "there is no parameter `{}`", self.value),
            (name, Some(ty)) => {
                // The type's path is of no use to a client.
                let short = ty.split('<').next().and_then(|ty| ty.rsplit("::").next()).unwrap_or(ty);
                write!(f, "parameter `{}`: expected {short}, got `{}`", name.unwrap_or(""), self.value)?;
                self.source.as_ref().map_or(Ok(()), |source| write!(f, " ({source})"))
            }
        }
    }
}

impl std::error::Error for ParamError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The message contains it already.
        None
    }
}

/// A parameter of a request, in the form that the traits below read.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Param<'a> {
    pub(crate) name: &'static str,
    pub(crate) value: Given<'a>,
}

/// The value of a parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given<'a> {
    /// The optional part is absent.
    Absent,
    One(&'a str),
    /// A wildcard without anything to decode: segments with slashes between.
    Path(&'a str),
    /// A wildcard with decoded segments.
    List(&'a [String]),
}

impl<'a> Param<'a> {
    /// The segments of a splat.
    fn each(self, mut with: impl FnMut(&'a str) -> Result<(), ParamError>) -> Result<(), ParamError> {
        match self.value {
            Given::Absent => Ok(()),
            Given::One(text) => with(text),
            Given::Path(path) => path.split('/').try_for_each(with),
            Given::List(list) => list.iter().try_for_each(|text| with(text)),
        }
    }

    fn with(self, text: &'a str) -> Self {
        Param { name: self.name, value: Given::One(text) }
    }

    pub(crate) fn missing(self) -> ParamError {
        ParamError::missing(Some(self.name), self.name)
    }

    /// A parsed value.
    pub(crate) fn parse<T>(self) -> Result<T, ParamError>
    where
        T: FromStr,
        T::Err: Into<BoxError>,
    {
        let joined;
        let text = match self.value {
            Given::Absent => return Err(self.missing()),
            Given::One(text) | Given::Path(text) => text,
            Given::List(list) => {
                joined = list.join("/");
                &joined
            }
        };
        text.parse().map_err(|err: T::Err| ParamError::refused::<T>(self.name, text, err.into(), false))
    }
}

/// A type of your own as a route's parameter. A type with [`FromStr`] needs no implementation.
///
/// ```
/// use connect::{app, get, FromParam};
///
/// /// Borrows from the path.
/// struct Slug<'a>(&'a str);
///
/// impl<'a> FromParam<'a> for Slug<'a> {
///     type Error = &'static str;
///     fn from_param(text: &'a str) -> Result<Self, Self::Error> {
///         if text.contains(' ') { Err("a slug has no spaces") } else { Ok(Slug(text)) }
///     }
/// }
///
/// #[get("/posts/:slug")]
/// async fn post(slug: Slug<'_>) -> String {
///     format!("post {}", slug.0)
/// }
///
/// let app = app![post];
/// ```
///
/// An error is a 400 with a [`ParamError`], whose [`reason`](ParamError::reason) is the error of the type: error
/// handlers of either type take it. (For a type with `FromStr`, only those for a `ParamError` do.) To choose the
/// status, fail with an [`Error`](crate::Error), which goes on the error track as it is:
///
/// ```
/// use connect::{app, get, Error, FromParam};
///
/// struct UserId(u32);
///
/// impl FromParam<'_> for UserId {
///     type Error = Error;
///     fn from_param(text: &str) -> Result<Self, Error> {
///         text.parse().map(UserId).map_err(|_| Error::new(404, format!("there is no user {text}")))
///     }
/// }
///
/// #[get("/user/:id")]
/// fn user(id: UserId) -> String {
///     id.0.to_string()
/// }
///
/// let app = app![user];
/// ```
pub trait FromParam<'a>: Sized {
    /// The error if the text is not a valid value.
    type Error: Into<Box<dyn std::error::Error + Send + Sync>>;

    /// Converts the decoded text into a value.
    ///
    /// # Errors
    /// If the text is not a valid value. The client sees the message, unless it is an [`Error`](crate::Error) with a
    /// status of 500 or more.
    fn from_param(text: &'a str) -> Result<Self, Self::Error>;
}

impl<'a> FromParam<'a> for &'a str {
    type Error = std::convert::Infallible;
    #[inline]
    fn from_param(text: &'a str) -> Result<Self, Self::Error> {
        Ok(text)
    }
}

/// By [`FromStr`].
#[doc(hidden)]
#[derive(Debug)]
pub struct ByFromStr;
/// By [`FromParam`].
#[doc(hidden)]
#[derive(Debug)]
pub struct ByFromParam;
/// A `Result` around another.
#[doc(hidden)]
#[derive(Debug)]
pub struct ByResult<K>(std::marker::PhantomData<K>);
/// An `Option` or a `Vec` around another.
#[doc(hidden)]
#[derive(Debug)]
pub struct Around<K>(std::marker::PhantomData<K>);

/// What `:name` can be. The second parameter is inferred; it keeps the implementations apart.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a route's parameter cannot be `{Self}`",
    label = "cannot be made from text",
    note = "it can be `&str`, anything with `FromStr`, a `Result` of one with `ParamError`, or a type with `FromParam`"
)]
pub trait Required<'a, Kind>: Sized {
    fn take(param: Param<'a>) -> Result<Self, ParamError>;
}

#[diagnostic::do_not_recommend]
impl<'a, T> Required<'a, ByFromStr> for T
where
    T: FromStr,
    T::Err: Into<BoxError>,
{
    #[inline]
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        param.parse()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: FromParam<'a>> Required<'a, ByFromParam> for T {
    #[inline]
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        match param.value {
            Given::One(text) | Given::Path(text) => T::from_param(text)
                .map_err(|err| ParamError::refused::<T>(param.name, text, err.into(), true)),
            Given::Absent | Given::List(_) => Err(param.missing()),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Required<'a, K>, K> Required<'a, ByResult<K>> for Result<T, ParamError> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        Ok(T::take(param))
    }
}

/// What `{/:name}` can be.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a parameter in an optional part may be missing: `{Self}` cannot say so",
    label = "write `Option<..>` around it",
    note = "inside of the `Option` it can be `&str`, anything with `FromStr`, or a type with `FromParam`"
)]
pub trait Optional<'a, Kind>: Sized {
    fn take(param: Param<'a>) -> Result<Self, ParamError>;
}

#[diagnostic::do_not_recommend]
impl<'a, T: Required<'a, K>, K> Optional<'a, Around<K>> for Option<T> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        match param.value {
            Given::Absent => Ok(None),
            _ => T::take(param).map(Some),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Optional<'a, K>, K> Optional<'a, ByResult<K>> for Result<T, ParamError> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        Ok(T::take(param))
    }
}

/// What `*name` can be.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`*name` takes several segments: `{Self}` cannot hold them",
    label = "write `Vec<..>`",
    note = "inside of the `Vec` it can be `&str`, anything with `FromStr`, or a type with `FromParam`"
)]
pub trait Splat<'a, Kind>: Sized {
    fn take(param: Param<'a>) -> Result<Self, ParamError>;
}

#[diagnostic::do_not_recommend]
impl<'a, T: Required<'a, K>, K> Splat<'a, Around<K>> for Vec<T> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        let mut all = Vec::new();
        param.each(|text| {
            all.push(T::take(param.with(text))?);
            Ok(())
        })?;
        Ok(all)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Splat<'a, K>, K> Splat<'a, ByResult<K>> for Result<T, ParamError> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        Ok(T::take(param))
    }
}

/// What `{/*name}` can be: an `Option` of a `Vec`, or a `Vec` that is empty where the part was left out.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{{/*name}}` takes any number of segments: `{Self}` cannot hold them",
    label = "write `Vec<..>` or `Option<Vec<..>>`"
)]
pub trait OptionalSplat<'a, Kind>: Sized {
    fn take(param: Param<'a>) -> Result<Self, ParamError>;
}

#[diagnostic::do_not_recommend]
impl<'a, T: Required<'a, K>, K> OptionalSplat<'a, Around<K>> for Vec<T> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        <Self as Splat<'a, Around<K>>>::take(param)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: Splat<'a, K>, K> OptionalSplat<'a, Around<K>> for Option<T> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        match param.value {
            Given::Absent => Ok(None),
            _ => T::take(param).map(Some),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: OptionalSplat<'a, K>, K> OptionalSplat<'a, ByResult<K>> for Result<T, ParamError> {
    fn take(param: Param<'a>) -> Result<Self, ParamError> {
        Ok(T::take(param))
    }
}
