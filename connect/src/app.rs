//! An app: a stack with a final handler.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Version};

use crate::body::Pace;
use crate::chain::caught::Caught;
use crate::chain::done::Detour;
use crate::chain::mount::{AppScope, Prefix};
use crate::chain::{Chain, Rest, sealed};
use crate::erased::debug::Run;
use crate::finalize::FinalHandler;
use crate::provide::proof::StandsNowhere;
use crate::response::head_only;
use crate::route::info::ListedRoute;
use crate::route::pattern::{Options, Pattern};
use crate::route::url::RouteUrl;
use crate::stack::entry::Entry;
use crate::stack::join::{Nested, Single, nested, single};
use crate::stack::kinds::Other;
use crate::stack::list::Stack;
use crate::tree::{Found, Tree};
use crate::{Body, Done, Environment, Request, Response, Startup, TrustProxy, codegen};

/// An app, made by `app!`: a stack with a final handler, which answers the requests that no layer answers.
///
/// It is cheap to clone; clones share the layers. It serves connections ([`listen`](App::listen),
/// [`serve`](App::serve)), is a [`tower_service::Service`] and a [`hyper::service::Service`], and can be an entry of
/// another app's stack, like a router. Settings ([`environment`](App::environment), [`etag`](App::etag),
/// [`trust_proxy`](App::trust_proxy), [`body_timeout`](App::body_timeout)) apply to a whole request, so they belong to the
/// outermost app: an app with a setting is an `App<C, Outermost>`, and does not compile in another app's stack.
///
/// Its `Display` prints the stack:
///
/// ```
/// use connect::{app, error_handler, middleware, router, Error, Next, Request, Response, Result};
///
/// #[middleware]
/// fn logger(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
///     next.pass()
/// }
/// #[middleware]
/// fn list_users(_req: &mut Request, res: &mut Response) -> Result {
///     res.json(["tobi", "loki"])
/// }
/// #[error_handler]
/// fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
///     res.error(&err).text(err.public_message())
/// }
///
/// let app = app![logger, "/users" => router![list_users], on_error];
/// assert_eq!(app.to_string(), "logger\n/users\n  list_users\non_error");
/// ```
pub struct App<C, Place = Mountable> {
    chain: Arc<C>,
    environment: Environment,
    etag: bool,
    trust: Option<Arc<TrustProxy>>,
    pub(crate) body_pace: Pace,
    run: Run<C, FinalHandler>,
    place: PhantomData<fn() -> Place>,
}

/// An app without settings, which can be mounted in another app: the default of [`App`]'s second parameter.
#[derive(Debug)]
pub struct Mountable;

/// An app with settings, which cannot be mounted in another app.
///
/// A function that returns one names it:
///
/// ```
/// use connect::{app, get, App, Chain, Outermost, TrustProxy};
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "hello"
/// }
///
/// fn my_app() -> App<impl Chain, Outermost> {
///     app![index].trust_proxy(TrustProxy::hops(1))
/// }
/// ```
#[derive(Debug)]
pub struct Outermost;

impl<C: Chain> App<C> {
    pub(crate) fn new(chain: C) -> Self {
        App {
            run: Run::new(),
            chain: Arc::new(chain),
            environment: Environment::current(),
            etag: true,
            trust: None,
            body_pace: Pace::default(),
            place: PhantomData,
        }
    }
}

impl<C: Chain, P> App<C, P> {
    /// Sets the environment: by default [`Environment::current`], from the variable `CONNECT_ENV` or the build.
    ///
    /// The environment of the outermost app applies, because its final handler answers, as in Express.
    #[must_use]
    pub fn environment(self, environment: Environment) -> App<C, Outermost> {
        App { environment, ..self.outermost() }
    }

    /// Sets whether responses get an `ETag`: on by default. [`Response::etag`] says which responses get one.
    ///
    /// If off, none is computed; an `ETag` that a layer sets is sent all the same, and compared with the client's.
    /// Files have `ETag`s of their own ([`serve_static`](crate::serve_static), [`Response::send_file`]).
    ///
    /// ```
    /// # use connect::{app, middleware, Request, Response, Result};
    /// #[middleware]
    /// fn hello(_req: &mut Request, res: &mut Response) -> Result {
    ///     res.text("hello")
    /// }
    ///
    /// let app = app![hello].etag(false);
    /// ```
    #[must_use]
    pub fn etag(self, on: bool) -> App<C, Outermost> {
        App { etag: on, ..self.outermost() }
    }

    /// Sets which proxies in front of the app are trusted: none by default (Express's `trust proxy`).
    ///
    /// [`ip`](Request::ip), [`ips`](Request::ips), [`host`](Request::host), [`hostname`](Request::hostname) and
    /// [`scheme`](Request::scheme) then read the `X-Forwarded-` headers that these proxies set.
    ///
    /// ```
    /// # use connect::{app, get, Request, TrustProxy};
    /// #[get("/")]
    /// fn who(req: &Request) -> String {
    ///     req.ip().map_or("nobody knows".to_owned(), |ip| ip.to_string())
    /// }
    ///
    /// let app = app![who].trust_proxy(TrustProxy::hops(1));
    /// ```
    #[must_use]
    pub fn trust_proxy(self, trust: TrustProxy) -> App<C, Outermost> {
        App { trust: Some(Arc::new(trust)), ..self.outermost() }
    }

    /// Sets how long a client may send nothing in the middle of a request body: 30 seconds by default.
    ///
    /// After that, reading the body fails with status 408. It applies to the connections that the app's own server serves.
    ///
    /// ```
    /// # use connect::{app, get};
    /// # use std::time::Duration;
    /// # #[get("/")] fn index() -> &'static str { "" }
    /// let app = app![index].body_timeout(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn body_timeout(self, limit: Duration) -> App<C, Outermost> {
        App { body_pace: self.body_pace.with_timeout(limit), ..self.outermost() }
    }

    /// Sets how many bytes a second a client has to send of a request body, on average over the time that it keeps the
    /// handler waiting: 240 by default, 0 for no limit.
    ///
    /// It applies once the client has kept the handler waiting for [`body_timeout`](App::body_timeout) in all. Below the
    /// rate, reading the body fails with status 408. A route whose clients send little for a long time, such as a live feed,
    /// calls [`req.set_min_body_rate(0)`](Request::set_min_body_rate) before it reads.
    ///
    /// ```
    /// # use connect::{app, get};
    /// # #[get("/")]
    /// # fn index() -> &'static str {
    /// #     "hello"
    /// # }
    /// let app = app![index].min_body_rate(1000);
    /// ```
    #[must_use]
    pub fn min_body_rate(self, bytes_per_second: u32) -> App<C, Outermost> {
        App { body_pace: self.body_pace.with_min_rate(bytes_per_second), ..self.outermost() }
    }

    /// Converts into an app that cannot be mounted: for a host, and for settings.
    pub(crate) fn outermost(self) -> App<C, Outermost> {
        App {
            chain: self.chain,
            environment: self.environment,
            etag: self.etag,
            trust: self.trust,
            body_pace: self.body_pace,
            run: self.run,
            place: PhantomData,
        }
    }

    /// Replaces the stack by one that is made of it.
    pub(crate) fn with_chain<D: Chain>(self, make: impl FnOnce(Arc<C>) -> D) -> App<D, P> {
        App {
            run: Run::new(),
            chain: Arc::new(make(self.chain)),
            environment: self.environment,
            etag: self.etag,
            trust: self.trust,
            body_pace: self.body_pace,
            place: PhantomData,
        }
    }

    /// Lists all routes of the app, in the order of the stack: for an overview, for documentation, for tests.
    ///
    /// ```
    /// # use connect::{app, get, router};
    /// #[get("/:id")]
    /// fn show_user(id: u64) -> String {
    ///     format!("user {id}")
    /// }
    ///
    /// let app = app!["/users" => router![show_user]];
    /// let routes = app.routes();
    /// assert_eq!(routes[0].to_string(), "GET /users/:id show_user");
    /// assert!(routes[0].file().ends_with(".rs"));
    /// ```
    #[must_use]
    pub fn routes(&self) -> Vec<ListedRoute> {
        self.found().iter().map(|found| ListedRoute::new(found.info, &found.mounts)).collect()
    }

    /// Returns the full path of a route in the app, with the paths of the mounts around it.
    ///
    /// ```
    /// # use connect::{app, get, router, url};
    /// #[get("/posts/:id")]
    /// fn show_post(id: u64) -> String {
    ///     format!("post {id}")
    /// }
    ///
    /// let app = app!["/blog/:author" => router![show_post]];
    /// let url = url!(show_post, 7).with("author", "tj");
    /// assert_eq!(app.url(&url).unwrap(), "/blog/tj/posts/7");
    /// ```
    ///
    /// # Errors
    /// If the app does not list the route, lists it more than once, or if a parameter of a mount has no value.
    pub fn url(&self, url: &RouteUrl) -> crate::Result<String> {
        let found = self.found();
        let mut places = found.iter().filter(|found| found.id == url.route);
        let name = url.name;
        match (places.next(), places.next()) {
            (Some(place), None) => url.under(&place.mounts).map_err(|missing| {
                crate::Error::msg(format!("the route `{name}` is under a mount with a parameter `{missing}`: set its value using `with`"))
            }),
            (None, _) => Err(crate::Error::msg(format!("the app does not list the route `{name}`"))),
            (Some(_), Some(_)) => {
                Err(crate::Error::msg(format!("the app lists the route `{name}` more than once, so it has no single path")))
            }
        }
    }

    /// Each host calls this before it does anything else with the app: see [`codegen`].
    #[inline]
    pub(crate) fn named(&self) {
        codegen::named::<C, FinalHandler>();
    }

    pub(crate) fn is_in(&self, environment: Environment) -> bool {
        self.environment == environment
    }

    /// What the layers do beside requests.
    pub(crate) fn startup(&self) -> Startup {
        let mut startup = Startup::of_app(self.trust.clone(), self.environment, self.to_string());
        Tree::startup(&mut startup, |tree| self.chain.describe(tree));
        startup
    }

    fn found(&self) -> Vec<Found> {
        let mut list = Vec::new();
        Tree::routes(&mut list, |tree| self.chain.describe(tree));
        list
    }

    /// Runs a request through the stack: the app as a function.
    ///
    /// `res` then holds the response as the layers left it, and the returned [`Done`] says which layer answered.
    ///
    /// ```
    /// # use connect::{app, middleware, Outcome, Request, Response, Result};
    /// #[middleware]
    /// async fn hello(_req: &mut Request, res: &mut Response) -> Result {
    ///     res.text("Hello")
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let app = app!["/hello" => hello];
    /// let mut req = Request::from(http::Request::get("/hello").body("").unwrap());
    /// let mut res = Response::new();
    /// let done = app.run(&mut req, &mut res).await;
    /// assert_eq!(done.outcome(), Outcome::Layer);
    /// assert_eq!(res.body().as_bytes().unwrap(), "Hello");
    /// # }
    /// ```
    #[inline]
    pub fn run(&self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        self.named();
        self.begin(req);
        self.chain.run(req, res, self.final_handler())
    }

    /// [`run`](App::run) for a host server.
    #[inline]
    pub(crate) fn run_in_host<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Done> + Send + use<'a, C, P> {
        self.begin(req);
        self.run.run(&self.chain, req, res, self.final_handler())
    }

    #[inline]
    fn begin(&self, req: &mut Request) {
        if let Some(trust) = &self.trust {
            req.set_trust(trust);
        }
    }

    fn final_handler(&self) -> FinalHandler {
        FinalHandler { environment: self.environment }
    }

    /// Runs a request through the stack, and returns the response to send.
    ///
    /// The request is borrowed: passing it by value would copy it twice more, from future to future.
    pub(crate) async fn respond(&self, req: &mut Request) -> http::Response<Body> {
        // A middleware may change the method, but not what the client asked for.
        let method = req.method().clone();
        let mut res = Response::new();
        // A panic of a layer is caught at its link. This catches all others, such as one in an error's `Display` in the
        // final handler.
        if let Err(panic) = Caught::new(self.run_in_host(req, &mut res)).await {
            tracing::error!("{panic}");
            res.reset();
            let _ = res.status(500).end("");
        }
        if res.has_callbacks() {
            if res.has_hooks() {
                // In a box, so that no other request carries its size.
                Box::pin(self.final_handler().run_hooks(req, &mut res)).await;
            }
            if let Some(connection) = req.connection() {
                res.goes_by(connection, req.version() < Version::HTTP_2);
            }
        }
        let mut response = res.into_http(&method, req.headers(), self.etag);
        if method == Method::HEAD && req.version() >= Version::HTTP_2 {
            head_only(&mut response);
        }
        response
    }
}

impl<C, P> Clone for App<C, P> {
    fn clone(&self) -> Self {
        App {
            chain: Arc::clone(&self.chain),
            environment: self.environment,
            etag: self.etag,
            trust: self.trust.clone(),
            body_pace: self.body_pace,
            run: self.run,
            place: PhantomData,
        }
    }
}

impl<C: Chain, P> fmt::Display for App<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Tree::print(f, |tree| self.chain.describe(tree))
    }
}

impl<C: Chain, P> fmt::Debug for App<C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("environment", &self.environment)
            .field("stack", &format_args!("{self}"))
            .finish()
    }
}

/// The stack of an app, which its clones share.
impl<C: Chain> Chain for Arc<C> {
    type OnError = C::OnError;

    #[inline]
    fn run<T: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send {
        (**self).run(req, res, tail)
    }

    fn detour<T: Rest>(
        &self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
        tail: T,
    ) -> impl Future<Output = Done> + Send + Unpin {
        (**self).detour(why, req, res, tail)
    }

    fn answers(&self, req: &mut Request) -> bool {
        (**self).answers(req)
    }

    fn describe(&self, tree: &mut Tree<'_>) {
        if tree.enters(Arc::as_ptr(self).addr()) {
            (**self).describe(tree);
        }
    }

    #[inline]
    fn collect<T: Rest>() {
        C::collect::<T>();
    }
}

impl<C> sealed::Sealed for App<C> {}

#[diagnostic::do_not_recommend]
impl<C: Chain> Stack for App<C> {
    type Known = Other;
    type Chain = Arc<C>;
    type Scope = AppScope;
    fn into_chain(self) -> Arc<C> {
        self.chain
    }
}

#[diagnostic::do_not_recommend]
impl<C: Chain> Entry<BySettings> for App<C, Outermost> {
    type Segment = Single<Nested<Arc<C>, AppScope>>;
    type Mounted = Self::Segment;
    type Known = Other;
    type Built = Other;
    type Declares = StandsNowhere;
    fn entry(self) -> Self::Segment {
        single(nested(Prefix::ANY, self.chain))
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        single(nested(Prefix::new(path, options), self.chain))
    }
}

/// An app with settings as an entry, which is a compile error with a message of its own: see `StandsNowhere`.
#[derive(Debug)]
pub struct BySettings;
