//! tower's layers and services in a stack.
//!
//! Read the files in this order: [`layer`] (the bridge), [`rest`] (its other end, which the tower layers wrap), [`slot`]
//! (where the two meet), [`loan`] (what becomes of a body that no layer has read). [`endpoint`] is a service that
//! answers, and [`bounds`] what the compiler says to what fits neither.

mod bounds;
mod endpoint;
mod layer;
mod loan;
mod rest;
mod slot;

use std::sync::Mutex;

use self::bounds::{Met, TowerAnswer, TowerCalls, TowerClone, TowerError, TowerLayer, TowerSync};
pub use self::endpoint::{TowerService, tower_service};
pub(crate) use self::layer::keep_panic;
use self::layer::{Bridge, Locked, Shared};
pub use self::rest::TowerRest;
use crate::RewritingLayer;
use crate::tree::short_type_name;

/// A [tower layer](tower_layer::Layer) as a layer of a stack.
///
/// ```
/// use connect::{app, get, tower};
/// use tower_http::cors::CorsLayer;
/// use tower_http::trace::TraceLayer;
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "Hello"
/// }
///
/// let app = app![tower(TraceLayer::new_for_http()), tower(CorsLayer::permissive()), index];
/// ```
///
/// It wraps everything below it, as [`next.run`](crate::Next::run) does. A bridge costs two allocations a request, and
/// two more where nothing has set an [extension](crate::Request::extensions) before; so put several layers into one,
/// with tower's `ServiceBuilder`:
///
/// ```
/// use connect::{app, error_handler, get, tower, Next, Request, Response, Result};
/// use std::time::Duration;
/// use tower::ServiceBuilder;
/// use tower::timeout::error::Elapsed;
///
/// # #[get("/")] fn index() -> &'static str { "Hello" }
/// #[error_handler]
/// fn timed_out(_err: Elapsed, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
///     res.status(504).text("too slow")
/// }
///
/// let limits = ServiceBuilder::new().concurrency_limit(100).timeout(Duration::from_secs(5));
/// let app = app![tower(limits), index, timed_out];
/// ```
///
/// # What it sees
/// The request as it is at this place, in a mount with the path [stripped](crate::Request), and the answer with what the
/// layers above have set. What they have [provided](crate::Next::with) stays, and does not pass through the layer. A target
/// that it rewrites is [set](crate::Request::set_url).
///
/// An answer of its own (a preflight's, a 401) joins what is set already: its headers take the place of those of the same
/// name, and those that describe an earlier body go. Its own error, such as `Elapsed`, goes to the error handlers
/// after it, with its type. An error of the layers below has met its handler before, and is an answer here; a panic that
/// no handler took goes through the layer as a panic, so that `CatchPanic` can take it.
///
/// # Conditions
/// - The service that the layer makes is `Clone + Send + Sync`. Where it is not `Sync`, use [`tower_unsync`]. Where it is not `Clone`
///   (`RateLimit`, `SpawnReady`), put a `buffer` outside of it, in the same `ServiceBuilder`.
/// - `LoadShed` sheds what its own inner service is not ready for: it needs its limit in the same `ServiceBuilder`.
/// - A `buffer` starts a task: make it inside of a tokio runtime.
/// - A retry policy clones the request's extensions, since the way back is in there; and a body can be read once only. What the first
///   try has [provided](crate::Next::with) is still there in the second.
/// - Task-locals that a layer sets do not reach the layers below: they run beside its future, and not in it. The current
///   [span](tracing::Span) does.
/// - A layer that answers itself has consumed the request: its headers and extensions are gone for the error handlers after
///   it. What an answer's `http::Extensions` hold is dropped.
/// - In a [route's own stack](macro@crate::get) a route that passes on drops the layer's future, since there is no
///   answer for it.
pub fn tower<L>(layer: L) -> impl RewritingLayer + use<L>
where
    L: TowerLayer,
    L::Service: TowerCalls + TowerClone<Is: Met> + TowerSync<Is: Met>,
    <L::Service as TowerCalls>::Answer: TowerAnswer<Is: Met>,
    <L::Service as TowerCalls>::Failure: TowerError<Is: Met>,
    <L::Service as TowerCalls>::Future: Send,
{
    Bridge { source: Shared(layer.make()), name: name_of::<L>() }
}

/// [`tower`] for a layer whose service is not [`Sync`], such as those of tower's `BoxCloneServiceLayer`: it takes
/// a lock, for no longer than it takes to clone the service.
///
/// ```
/// use connect::{app, get, tower_unsync, TowerRest};
/// use std::convert::Infallible;
/// use tower::util::BoxCloneServiceLayer;
/// use tower_http::trace::TraceLayer;
///
/// # #[get("/")] fn index() -> &'static str { "Hello" }
/// type Request = connect::http::Request<connect::Body>;
/// type Response = connect::http::Response<connect::Body>;
///
/// let boxed: BoxCloneServiceLayer<TowerRest, Request, Response, Infallible> =
///     BoxCloneServiceLayer::new(tower::layer::util::Identity::new());
/// let app = app![tower_unsync(boxed), index];
/// ```
pub fn tower_unsync<L>(layer: L) -> impl RewritingLayer + use<L>
where
    L: TowerLayer,
    L::Service: TowerCalls + TowerClone<Is: Met>,
    <L::Service as TowerCalls>::Answer: TowerAnswer<Is: Met>,
    <L::Service as TowerCalls>::Failure: TowerError<Is: Met>,
    <L::Service as TowerCalls>::Future: Send,
{
    Bridge { source: Locked(Mutex::new(layer.make())), name: name_of::<L>() }
}

/// What the printed stack says.
fn name_of<T>() -> String {
    format!("tower({})", short_type_name::<T>())
}
