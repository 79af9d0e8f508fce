//! Tower layers and services in a stack.
//!
//! Read the files in this order: [`layer`] (tower layers as a layer of a stack), [`rest`] (the innermost service, which
//! they wrap), [`slot`] (the state that the two share), [`loan`] (the body that no layer has read). [`endpoint`] is a
//! service that answers, and [`bounds`] has the compiler's messages.

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

/// Makes a layer of a [tower layer](tower_layer::Layer).
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
/// It wraps everything below it, as [`next.run`](crate::Next::run) does. It costs two allocations for each request, and
/// two more if nothing has set an [extension](crate::Request::extensions) before. So combine several layers into one
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
/// The layer sees the request as it is here, in a mount with the path [stripped](crate::Request), and the response with
/// what the layers above have set. Values that layers have [provided](crate::Next::with) stay in the request and do not
/// pass through the layer. If it rewrites the target, the URL of the request is [set](crate::Request::set_url).
///
/// A response of the layer's own (to a preflight, a 401) is added to what is set already: its headers replace those of
/// the same name, and headers of an earlier body are removed. Its own error, such as `Elapsed`, goes to the error
/// handlers after it, with its type. An error of the layers below has already been answered by its handler. A panic
/// that no handler took passes through the layer as a panic, so that `CatchPanic` can take it.
///
/// # Conditions
/// - The service that the layer makes has to be `Clone + Send + Sync`. If it is not `Sync`, use [`tower_unsync`]. If it is
///   not `Clone` (`RateLimit`, `SpawnReady`), put a `buffer` around it, in the same `ServiceBuilder`.
/// - `LoadShed` rejects requests that its own inner service is not ready for: put its limit in the same `ServiceBuilder`.
/// - A `buffer` spawns a task: make it inside a tokio runtime.
/// - A retry policy has to clone the request's extensions, which lead to the rest of the stack. A body can be read only
///   once. Values that the first attempt has [provided](crate::Next::with) are still there in the second.
/// - Task-locals that a layer sets do not reach the layers below, which run beside its future and not inside it. The
///   current [span](tracing::Span) does.
/// - A layer that answers by itself has consumed the request: its headers and extensions are not available to the error
///   handlers after it. The `http::Extensions` of a response are dropped.
/// - In a [route's own stack](macro@crate::get), a route that calls `next` drops the layer's future, since there is no
///   response for it.
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

/// Makes a layer of a [tower layer](tower_layer::Layer) whose service is not [`Sync`], such as those of tower's
/// `BoxCloneServiceLayer`. It locks a mutex while it clones the service; otherwise it is [`tower`].
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

/// The name in the printed stack.
fn name_of<T>() -> String {
    format!("tower({})", short_type_name::<T>())
}
