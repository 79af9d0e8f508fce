//! Paths made from routes: `url!(show_user, 42)`.

use std::any::TypeId;
use std::fmt::{self, Display, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::pattern::{Part, Pattern};
use crate::chain::route::Route;
use crate::chain::routes::{Leaf, Stacked};
use crate::provide::declared::Declared;

/// Makes the path of a route.
///
/// The first argument is the route's function, the others are the parameters of its pattern, in their order: anything
/// with `Display`, an `Option` for one in an optional part, a list for a `*wildcard`. They are percent-encoded. The
/// result is a [`RouteUrl`].
///
/// ```
/// use connect::{get, url};
///
/// #[get("/user/:id{/:tab}")]
/// fn show_user(id: u64, tab: Option<&str>) -> String {
///     format!("user {id}, {tab:?}")
/// }
///
/// #[get("/files/*path")]
/// fn file(path: Vec<&str>) -> String {
///     path.join("/")
/// }
///
/// assert_eq!(url!(show_user, 42, None::<&str>).as_str(), "/user/42");
/// assert_eq!(url!(show_user, 42, Some("a b")).as_str(), "/user/42/a%20b");
/// assert_eq!(url!(file, ["a", "b"]).to_string(), "/files/a/b");
/// ```
///
/// The compiler checks the number and the types of the arguments:
///
/// ```compile_fail
/// use connect::{get, url};
///
/// #[get("/user/:id")]
/// fn show_user(id: u64) -> String {
///     format!("user {id}")
/// }
///
/// let nobody = url!(show_user);
/// ```
///
/// A route with `#[config]` parameters has no function without arguments, so it has no `url!`.
#[macro_export]
macro_rules! url {
    ($route:expr $(, $argument:expr)* $(,)?) => {
        $crate::__private::url($route, ($($argument,)*))
    };
}

/// The path of a route, from [`url!`](crate::url!). [`App::url`](crate::App::url) adds the paths of the mounts around
/// it.
#[derive(Debug, Clone)]
pub struct RouteUrl {
    path: String,
    pub(crate) route: TypeId,
    pub(crate) name: &'static str,
    outer: Vec<(String, String)>,
}

impl RouteUrl {
    /// The path that the route's own pattern matches.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// Sets the value of a parameter of a mount around the route, for [`App::url`](crate::App::url).
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.outer.push((name.into(), value.to_string()));
        self
    }

    /// The path under these mounts, the outermost first; or the parameter that is missing.
    pub(crate) fn under(&self, mounts: &[&'static Pattern]) -> Result<String, String> {
        let mut full = String::new();
        for mount in mounts {
            let values: Vec<Option<Vec<String>>> = mount
                .names
                .iter()
                .map(|name| {
                    self.outer.iter().find(|(given, _)| given == name).map(|(_, value)| vec![value.clone()])
                })
                .collect();
            full.push_str(build(mount, &values)?.trim_end_matches('/'));
        }
        full.push_str(&self.path);
        Ok(full)
    }
}

impl Display for RouteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

impl AsRef<str> for RouteUrl {
    fn as_ref(&self) -> &str {
        &self.path
    }
}

impl From<RouteUrl> for String {
    fn from(url: RouteUrl) -> String {
        url.path
    }
}

/// The characters that JavaScript's `encodeURIComponent` does not encode.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The text of the variant that has exactly the given parameters, or else the first that needs no others.
fn build(pattern: &Pattern, values: &[Option<Vec<String>>]) -> Result<String, String> {
    let given = |index: usize| values.get(index).is_some_and(Option::is_some);
    let indexes = |parts: &[Part]| -> Vec<usize> {
        parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Param(index, ..) | Part::Splat(index, ..) => Some(*index),
            })
            .collect()
    };
    let count = values.iter().filter(|value| value.is_some()).count();
    let fits = |parts: &&&[Part]| indexes(parts).into_iter().all(given);
    let variant = pattern
        .variants
        .iter()
        .filter(fits)
        .find(|parts| indexes(parts).len() == count)
        .or_else(|| pattern.variants.iter().find(fits));
    let Some(parts) = variant else {
        let missing =
            (0..pattern.names.len()).find(|index| !given(*index)).map_or("", |index| pattern.names[index]);
        return Err(missing.to_owned());
    };
    let mut out = String::new();
    for part in *parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Param(index, ..) | Part::Splat(index, ..) => {
                for (i, value) in values[*index].iter().flatten().enumerate() {
                    let slash = if i > 0 { "/" } else { "" };
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{slash}{}", utf8_percent_encode(value, COMPONENT));
                }
            }
        }
    }
    Ok(out)
}

/// An entry that is a route.
#[diagnostic::on_unimplemented(
    message = "this function is not a route",
    label = "`url!` takes a function with `#[get(\"/path\")]`, or another attribute of a route"
)]
pub trait Routed {
    type Route: Route;
}

impl<R: Route> Routed for Leaf<R> {
    type Route = R;
}

impl<R: Route, S> Routed for Stacked<R, S> {
    type Route = R;
}

#[diagnostic::do_not_recommend]
impl<L: Routed, D> Routed for Declared<L, D> {
    type Route = L::Route;
}

/// The kind of `:name`.
#[derive(Debug)]
pub struct MustBe;
/// The kind of `{/:name}`.
#[derive(Debug)]
pub struct MayBe;
/// The kind of `*name`.
#[derive(Debug)]
pub struct Several;
/// The kind of `{/*name}`.
#[derive(Debug)]
pub struct AnyNumber;

/// One argument of `url!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what the route's path takes here",
    note = "`:name` takes anything with `Display`, `{{/:name}}` an `Option` of it, `*name` a list"
)]
pub trait UrlArgument<Kind> {
    fn value(self) -> Option<Vec<String>>;
}

impl<T: Display> UrlArgument<MustBe> for T {
    fn value(self) -> Option<Vec<String>> {
        Some(vec![self.to_string()])
    }
}

impl<T: Display> UrlArgument<MayBe> for Option<T> {
    fn value(self) -> Option<Vec<String>> {
        self.map(|value| vec![value.to_string()])
    }
}

impl<T: Display, I: IntoIterator<Item = T>> UrlArgument<Several> for I {
    fn value(self) -> Option<Vec<String>> {
        Some(self.into_iter().map(|value| value.to_string()).collect())
    }
}

impl<T: Display, I: IntoIterator<Item = T>> UrlArgument<AnyNumber> for I {
    fn value(self) -> Option<Vec<String>> {
        let all: Vec<String> = self.into_iter().map(|value| value.to_string()).collect();
        (!all.is_empty()).then_some(all)
    }
}

/// The arguments of `url!`.
#[diagnostic::on_unimplemented(
    message = "these are not the arguments of the route's path",
    label = "not what the path's parameters take",
    note = "`url!` takes one for each parameter of the pattern, in its order"
)]
pub trait UrlArguments<Kinds> {
    fn values(self) -> Vec<Option<Vec<String>>>;
}

macro_rules! arguments {
    ($(($($kind:ident $argument:ident),*))*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($kind, $argument: UrlArgument<$kind>),*> UrlArguments<($($kind,)*)> for ($($argument,)*) {
            #[allow(non_snake_case, reason = "one name for the type and its value")]
            fn values(self) -> Vec<Option<Vec<String>>> {
                let ($($argument,)*) = self;
                vec![$($argument.value()),*]
            }
        }
    )* };
}
arguments! {
    ()
    (A A1)
    (A A1, B B1)
    (A A1, B B1, C C1)
    (A A1, B B1, C C1, D D1)
    (A A1, B B1, C C1, D D1, E E1)
    (A A1, B B1, C C1, D D1, E E1, F F1)
    (A A1, B B1, C C1, D D1, E E1, F F1, G G1)
    (A A1, B B1, C C1, D D1, E E1, F F1, G G1, H H1)
}

/// The function that `url!` calls.
pub fn url<L: Routed, A: UrlArguments<<L::Route as Route>::Params>>(
    _: impl FnOnce() -> L,
    arguments: A,
) -> RouteUrl {
    let pattern = L::Route::INFO.pattern;
    // The types guarantee that no value is missing.
    let path = build(pattern, &arguments.values()).unwrap_or_default();
    RouteUrl { path, route: TypeId::of::<L::Route>(), name: L::Route::INFO.name, outer: Vec::new() }
}
