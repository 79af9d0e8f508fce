//! The rows of the table, in one place: the report prints them, and whatever watches over the figures can go
//! through them.

#[cfg(feature = "more-peers")]
use super::salvo;
use super::{Case, ours, work};
#[cfg(feature = "peers")]
use super::{actix, axum, poem, tower};
use crate::measure::instructions;

/// The numbers of layers that every row is measured with.
pub(crate) const LAYERS: [usize; 4] = [0, 5, 10, 20];

/// The row that says what the header work costs without a framework.
pub(crate) const WORK: &str = "work";

/// A way to put layers in front of a handler.
pub(crate) struct Row {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// The name in the report.
    pub(crate) label: &'static str,
    /// The case with so many layers, if it is one of [`LAYERS`].
    pub(crate) case: fn(usize) -> Option<Case>,
}

const fn row(name: &'static str, label: &'static str, case: fn(usize) -> Option<Case>) -> Row {
    Row { name, label, case }
}

pub(crate) const ROWS: &[Row] = &[
    row(WORK, "the header work itself", work::alone),
    row("run-plain", "connect, `fn`, by `App::run`", ours::run_plain),
    row("run-passing", "connect, `async fn` passing, by `App::run`", ours::run_passing),
    row("run-running", "connect, `async fn` running, by `App::run`", ours::run_running),
    row("call-plain", "connect, `fn`, as a service", ours::call_plain),
    row("call-passing", "connect, `async fn` passing, as a service", ours::call_passing),
    row("call-running", "connect, `async fn` running, as a service", ours::call_running),
    #[cfg(feature = "peers")]
    row("axum", "axum, `from_fn` in a `ServiceBuilder`", axum::by_service_builder),
    #[cfg(feature = "peers")]
    row("axum-layer", "axum, `from_fn` by `Router::layer` each", axum::by_router_layer),
    #[cfg(feature = "peers")]
    row("actix", "actix-web, `from_fn`", actix::by_from_fn),
    #[cfg(feature = "peers")]
    row("poem", "poem, `around`, `boxed` after five", poem::by_around),
    #[cfg(feature = "more-peers")]
    row("salvo", "salvo, `hoop`", salvo::by_hoop),
    #[cfg(feature = "peers")]
    row("tower", "tower, services by hand in a `ServiceBuilder`, no router", tower::by_service_builder),
];

/// The case of a row.
pub(crate) fn find(name: &str, layers: usize) -> Result<Case, String> {
    let row = ROWS.iter().find(|row| row.name == name).ok_or_else(|| format!("there is no row `{name}`"))?;
    (row.case)(layers).ok_or_else(|| format!("there is no row `{name}` with {layers} layers"))
}

/// The instructions of one request of a row.
pub(crate) fn instructions(name: &str, layers: usize) -> Result<f64, String> {
    instructions::per_request(&["row", name, &layers.to_string()], [100, 300])
}
