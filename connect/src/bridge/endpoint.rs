//! A tower service that answers.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::{Extensions, HeaderMap, StatusCode};

use super::bounds::{Met, TowerAnswer, TowerCalls, TowerClone, TowerError, TowerSync};
use super::layer::{Shared, Source};
use super::loan::{Back, Home, lend};
use crate::tree::short_type_name;
use crate::{Body, Error, Layer, Next, Request, Response, Rest, Result};

/// A [tower service](tower_service::Service) as a layer that answers: `ServeDir`, a reverse proxy, an axum `Router`.
///
/// ```
/// use connect::{app, get, tower_service};
/// use tower_http::services::ServeDir;
///
/// #[get("/api/users")]
/// fn users() -> &'static str {
///     "[]"
/// }
///
/// let app = app![
///     "/assets" => tower_service(ServeDir::new("assets")),
///     tower_service(ServeDir::new("public")).fallthrough(true),
///     users,
/// ];
/// ```
///
/// It gets the request as it is at this place, in a mount with the path [stripped](crate::Request). What it answers joins
/// what is set already: its headers take the place of those of the same name. Its error goes to the error handlers after it,
/// with its type.
///
/// The service is `Clone + Send + Sync`, and each request has a clone of its own. A redirect to its own path that a service in a mount
/// answers with, as `ServeDir` does for a folder, lacks the mount's part: there, [`serve_static`](crate::serve_static) is
/// better.
pub fn tower_service<S>(service: S) -> TowerService<impl Endpoint + use<S>>
where
    S: TowerCalls + TowerClone<Is: Met> + TowerSync<Is: Met>,
    S::Answer: TowerAnswer<Is: Met>,
    S::Failure: TowerError<Is: Met>,
    S::Future: Send,
{
    let name = format!("tower_service({})", short_type_name::<S>());
    TowerService { endpoint: Called(Shared(service)), name, fallthrough: false }
}

/// What [`tower_service`](tower_service()) makes.
pub struct TowerService<E> {
    endpoint: E,
    name: String,
    fallthrough: bool,
}

impl<E> TowerService<E> {
    /// Whether a request that the service answers with 404 or 405 goes on to the next layer, as it does not by default.
    ///
    /// The headers and extensions are cloned for the service then. A body that it has read from is gone for the layers below.
    #[must_use]
    pub fn fallthrough(mut self, on: bool) -> Self {
        self.fallthrough = on;
        self
    }
}

impl<E> fmt::Debug for TowerService<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerService")
            .field("name", &self.name)
            .field("fallthrough", &self.fallthrough)
            .finish_non_exhaustive()
    }
}

/// A service whose type is hidden.
pub trait Endpoint: Send + Sync + 'static {
    /// Calls it.
    #[doc(hidden)]
    fn call<'a>(
        &'a self,
        request: impl FnOnce() -> http::Request<Body> + Send + 'a,
    ) -> impl Future<Output = Result<http::Response<Body>>> + Send;
}

struct Called<S>(Shared<S>);

impl<S> Endpoint for Called<S>
where
    S: TowerCalls + TowerClone + TowerSync,
    S::Answer: TowerAnswer,
    S::Failure: TowerError,
    S::Future: Send,
{
    fn call<'a>(
        &'a self,
        request: impl FnOnce() -> http::Request<Body> + Send + 'a,
    ) -> impl Future<Output = Result<http::Response<Body>>> + Send {
        async move {
            let failed = |err: S::Failure| Error::from_boxed(err.into_boxed());
            let mut service = self.0.get();
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
            // Taken out of the connect request no sooner than here, where the service takes it.
            let answer = service.call(request()).await.map_err(failed)?;
            Ok(answer.into_response())
        }
    }
}

impl<E: Endpoint> Layer for TowerService<E> {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let kept = self.fallthrough.then(|| Kept::of(req));
        let mut home = None;
        let request = || {
            let body = lend(req, || Arc::downgrade(home.insert(Arc::<Home>::default())));
            req.hand_out(body)
        };
        let answer = self.endpoint.call(request).await;
        let unread = || home.as_ref().and_then(|home| home.take());
        let is_missing = |response: &http::Response<Body>| {
            matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)
        };
        match (answer, kept) {
            (Ok(response), Some(kept)) if is_missing(&response) => {
                // The response may hold what is left of the body.
                drop(response);
                kept.put_back(req, unread().map(Back::into_body));
                next.pass()
            }
            (answer, _) => {
                if let Some(body) = unread() {
                    req.set_body(body.into_rest());
                }
                Ok(res.answer_with(answer?))
            }
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// What a layer below needs of a request, should the service not want it.
struct Kept {
    headers: HeaderMap,
    extensions: Extensions,
    /// If it is there as a whole.
    body: Option<Bytes>,
}

impl Kept {
    fn of(req: &Request) -> Self {
        let body = req.body();
        let body = if body.was_read() { None } else { body.as_bytes().cloned() };
        Kept { headers: req.headers().clone(), extensions: req.extensions().clone(), body }
    }

    fn put_back(self, req: &mut Request, unread: Option<Body>) {
        *req.headers_mut() = self.headers;
        *req.extensions_mut() = self.extensions;
        if let Some(body) = self.body.map(Body::from).or(unread) {
            req.set_body(body);
        }
    }
}
