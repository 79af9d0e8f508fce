//! The extractors.

use connect::{BodyError, BodyErrorKind, Error, Form, FromRequest, Json, Query, Request, Result};
use garde::{Report, Validate};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Invalid;

/// A value that keeps the rules of its type: an extractor around [`Json`], [`Form`] or [`Query`]. See the [module](super).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Valid<E>(pub E);

/// Why a [`Valid`] could not be extracted: the error of a route that takes `Result<Valid<..>, Rejection>`.
#[derive(Debug)]
pub enum Rejection {
    /// What was sent breaks a rule, or does not fit the type.
    Invalid(Invalid),
    /// Anything else: the body is too long, is no JSON, has not arrived.
    Other(Error),
}

impl Rejection {
    /// What is wrong with the fields.
    ///
    /// # Errors
    /// With what is no matter of the fields.
    pub fn invalid(self) -> Result<Invalid> {
        match self {
            Rejection::Invalid(invalid) => Ok(invalid),
            Rejection::Other(err) => Err(err),
        }
    }
}

impl From<Rejection> for Error {
    #[track_caller]
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Invalid(invalid) => invalid.into(),
            Rejection::Other(err) => err,
        }
    }
}

/// An extractor whose value can be checked: [`Json`], [`Form`] and [`Query`].
#[diagnostic::on_unimplemented(
    message = "`Valid<{Self}>` cannot be checked",
    label = "not a `Json<T>`, `Form<T>` or `Query<T>` of a `T` with rules",
    note = "write `#[derive(garde::Validate)]` above the type, and `#[garde(..)]` or `#[garde(skip)]` at each field"
)]
pub trait Checked: FromRequest<Rejection = Error> {
    /// Checks the rules.
    ///
    /// # Errors
    /// With what is wrong.
    fn check(&self) -> Result<(), Report>;

    /// What was sent, by name.
    fn sent(req: &mut Request) -> impl Future<Output = Map<String, Value>> + Send;
}

/// A type with rules.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rules: it does not implement `garde::Validate`",
    label = "write `#[derive(garde::Validate)]` above `{Self}`, and `#[garde(..)]` or `#[garde(skip)]` at each field"
)]
pub trait Rules: Validate<Context: Default> {}

#[diagnostic::do_not_recommend]
impl<T: Validate<Context: Default>> Rules for T {}

macro_rules! checked {
    ($($ty:ident: $req:ident => $sent:expr;)*) => { $(
        impl<T> Checked for $ty<T>
        where
            T: Rules + DeserializeOwned + Send,
        {
            fn check(&self) -> Result<(), Report> {
                self.0.validate()
            }

            async fn sent($req: &mut Request) -> Map<String, Value> {
                $sent
            }
        }
    )* };
}
checked! {
    Json: req => match req.json().await {
        Ok(Value::Object(values)) => values,
        _ => Map::new(),
    };
    // Nested, as the type reads it.
    Form: req => match req.form().await {
        Ok(Value::Object(values)) => values,
        _ => pairs(&req.bytes().await.unwrap_or_default()),
    };
    Query: req => pairs(req.query_string().unwrap_or_default().as_bytes());
}

/// The pairs of a query, or of a form that cannot be read: a text, or a list where a name appears more than once.
fn pairs(text: &[u8]) -> Map<String, Value> {
    let mut values = Map::new();
    for (name, value) in form_urlencoded::parse(text) {
        let value = Value::String(value.into_owned());
        match values.get_mut(&*name) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None => {
                values.insert(name.into_owned(), value);
            }
        }
    }
    values
}

impl<E: Checked> FromRequest for Valid<E> {
    type Reads = E::Reads;
    type Rejection = Rejection;

    async fn from_request(req: &mut Request) -> Result<Self, Rejection> {
        let invalid = match E::from_request(req).await {
            Ok(value) => match value.check() {
                Ok(()) => return Ok(Valid(value)),
                Err(report) => of_report(&report),
            },
            Err(err) => of_type(err).map_err(Rejection::Other)?,
        };
        Err(Rejection::Invalid(invalid.keep(E::sent(req).await)))
    }

    fn is_absent(req: &Request) -> bool {
        E::is_absent(req)
    }
}

fn of_report(report: &Report) -> Invalid {
    report.iter().fold(Invalid::default(), |invalid, (path, error)| {
        invalid.with(path.to_string(), error.message().to_owned())
    })
}

/// A value that does not fit its type, if it is one of a field.
fn of_type(err: Error) -> Result<Invalid> {
    let wrong = err.downcast_ref::<BodyError>().filter(|wrong| wrong.kind() == BodyErrorKind::Data);
    // Without a field it is the value as a whole, such as a list where an object is expected.
    let found = wrong.map(|wrong| (wrong.field().unwrap_or_default().to_owned(), wrong.to_string()));
    let Some((field, text)) = found else {
        return Err(err);
    };
    // "`age` in the body: expected a number", "the body lacks `age`"
    let message = match text.split_once(": ") {
        Some((_, message)) => message.to_owned(),
        None if text.contains(" lacks ") => "is missing".to_owned(),
        None => text,
    };
    Ok(Invalid::default().with(field, message))
}
