//! The request that the layers read.

mod accepts;
mod body;
mod content;
#[cfg(feature = "websocket")]
mod extended_connect;
#[cfg(feature = "tower")]
mod handed;
mod host;
mod matched;
mod may_rewrite;
mod moved;
mod normal;
mod number;
mod origin;
mod params;
mod query;
#[cfg(test)]
mod random_headers;
mod range;
mod rewrite;
mod target;
mod trust;
mod url;

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use smallvec::SmallVec;

use http::{Extensions, HeaderMap, HeaderValue, Method, Version, header};

pub(crate) use self::accepts::media_types;
pub(crate) use self::content::parameter;
#[cfg(feature = "websocket")]
pub(crate) use self::extended_connect::is_extended_connect;
pub(crate) use self::host::is_host;
pub use self::matched::{MatchedRoute, RoutePattern};
use self::may_rewrite::MayRewrite;
pub(crate) use self::moved::{Mark, Moved};
pub(crate) use self::number::Number;
pub use self::params::OwnedParam;
use self::params::Params;
pub use self::rewrite::Rewrite;
use self::target::Target;
pub use self::trust::{InvalidNetwork, TrustProxy};
use crate::Body;
use crate::connection::{Connection, ConnectionInfo, Shutdown};
use crate::error::BoxError;
use crate::provide::values::Values;
use crate::route::decode::is_malformed;
use crate::route::info::Info;
use crate::route::matcher::{Match, Spans};
use crate::route::methods::{Allowed, Wanted};
use crate::route::param::{Given, Param, ParamError};
use crate::route::pattern::Pattern;
use crate::route::table::{Found, Table};

/// The default limit of a body, in bytes: Express's 100 kB.
const BODY_LIMIT: usize = 100 * 1024;

/// A request on its way through a stack.
///
/// Each layer borrows it as `&mut Request`; it is neither moved nor copied on its way.
///
/// # The target
/// Inside a mount the path is *stripped*: the mount's own part is removed from [`path`](Request::path) and
/// [`url`](Request::url), and returned by [`mount_path`](Request::mount_path). It is restored after the mount, also
/// when a future is dropped half way. [`original_uri`](Request::original_uri) never changes.
///
/// | for `/blog/post?x=1`, inside `"/blog" => ..` | |
/// |---|---|
/// | `req.url()` | `/post?x=1` |
/// | `req.path()` | `/post` |
/// | `req.mount_path()` | `/blog` |
/// | `req.uri()`, `req.original_uri()` | `/blog/post?x=1` |
///
/// The path is *normalized* (RFC 3986, section 6.2.2.2): percent-encoded letters, digits and `-._~` are decoded, so
/// that `/%70rivate` matches what is mounted at `/private`. Nothing else is decoded: `%2F` does not separate segments,
/// and dot segments and empty segments stay. Mounts, routes, parameters, the methods in the table and tower services
/// see the normalized path. Only `original_uri()` has the target as the client sent it. A URL that a layer
/// [sets](crate::Rewrite) is normalized too.
///
/// | for `/%62log/a%2Fb`, inside `"/blog" => ..` | |
/// |---|---|
/// | `req.path()` | `/a%2Fb` |
/// | `req.uri()` | `/blog/a%2Fb` |
/// | `req.original_uri()` | `/%62log/a%2Fb` |
#[derive(Debug)]
pub struct Request {
    method: Method,
    version: Version,
    headers: HeaderMap,
    extensions: Extensions,
    target: Target,
    body: Body,
    peer: Option<SocketAddr>,
    /// The connection, if one of the app's own sockets accepted it.
    connection: Option<Arc<Connection>>,
    /// The trusted proxies, if there are any.
    trust: Option<Arc<TrustProxy>>,
    /// How long the body may be for its readers, in bytes.
    body_limit: usize,
    params: Params,
    /// The last route that matched, and the patterns of the mounts around it, the outermost last.
    route: Option<RoutePattern>,
    /// What code that runs when the request is gone asks for the route, if there is such code.
    watched: Option<MatchedRoute>,
    /// The methods that the routes of each enclosing router have for the path; `scope` points to the innermost router.
    allowed: SmallVec<[Allowed; 3]>,
    scope: u16,
    number: Number,
    /// Whether the connection is encrypted.
    encrypted: bool,
    /// The values that layers have provided so far.
    pub(crate) values: Values,
}

impl Request {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn method_to_set(&mut self) -> &mut Method {
        &mut self.method
    }

    /// Only [`Rewrite`] has this method; here it produces the compiler's message.
    #[doc(hidden)]
    pub fn set_method<M: MayRewrite>(&mut self, method: M) -> &mut Self {
        method.never()
    }

    /// The version of HTTP that the client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers, to change them for the layers after this one.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// The value of the first header of a name, if it is text.
    ///
    /// The name is compared without case. `referer` and `referrer` are one name, as in Express: HTTP spells it with one
    /// `r` (RFC 9110, section 10.1.3).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).or_else(|| self.other_referrer(name))?.to_str().ok()
    }

    /// The header in the other spelling of `referrer`.
    fn other_referrer(&self, name: &str) -> Option<&HeaderValue> {
        match name.len() {
            7 if name.eq_ignore_ascii_case("referer") => self.headers.get("referrer"),
            8 if name.eq_ignore_ascii_case("referrer") => self.headers.get(header::REFERER),
            _ => None,
        }
    }

    /// Typed values that layers attach to the request. They stay with the request: a logger around a router can read
    /// the user that a layer in the router has attached. Values that layers *provide* end with the router.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The typed values, to attach one.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// The address of the other end of the connection, if there is a connection: the client, or a proxy.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Sets the address of the client, when a host server calls the app as a service.
    pub fn set_peer(&mut self, peer: SocketAddr) -> &mut Self {
        self.peer = Some(peer);
        self
    }

    /// The server's graceful shutdown: whether it has started, and a way to wait for it. A request without a server,
    /// for example in a test, has one that never starts.
    ///
    /// ```
    /// use connect::{middleware, Next, Request, Response, Result};
    ///
    /// #[middleware]
    /// fn no_new_work(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     if req.shutdown().is_started() {
    ///         return res.status(503).set("retry-after", "5").text("going down");
    ///     }
    ///     next.pass()
    /// }
    /// ```
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        self.connection.as_ref().map_or_else(Shutdown::new, |connection| connection.shutdown.clone())
    }

    /// The connection that the request came by: its addresses, and what the TLS handshake agreed on.
    ///
    /// `None` if the app's own server did not accept it: under another server, which may set the [peer](Request::set_peer), and in
    /// a test in process. All requests of a connection share it: nothing is allocated.
    ///
    /// ```
    /// use connect::{app, get, Request};
    ///
    /// #[get("/")]
    /// fn index(req: &Request) -> String {
    ///     let local = req.connection_info().and_then(|connection| connection.local());
    ///     local.map_or("unknown".to_owned(), |address| address.to_string())
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// # use connect::testing::Client;
    /// let client = Client::serve(app![index]).await.unwrap();
    /// let address = client.address().unwrap().to_string();
    /// client.get("/").send().await.assert_text(&address);
    /// # }
    /// ```
    ///
    /// With the feature `tls`:
    ///
    #[cfg_attr(feature = "tls", doc = "```")]
    #[cfg_attr(not(feature = "tls"), doc = "```ignore")]
    /// use connect::{get, Request};
    ///
    /// #[get("/tls")]
    /// fn tls(req: &Request) -> String {
    ///     let tls = req.connection_info().and_then(|connection| connection.tls());
    ///     tls.map_or("not encrypted".to_owned(), |tls| format!("{} {}", tls.version(), tls.cipher_suite()))
    /// }
    /// ```
    #[must_use]
    pub fn connection_info(&self) -> Option<&ConnectionInfo> {
        self.connection.as_ref().map(|connection| &connection.info)
    }

    pub(crate) fn connection(&self) -> Option<&Arc<Connection>> {
        self.connection.as_ref()
    }

    /// Sets the connection that the request arrived on.
    #[inline]
    pub(crate) fn set_connection(&mut self, connection: &Arc<Connection>) {
        self.peer = connection.info.peer;
        self.encrypted = connection.encrypted;
        self.connection = Some(Arc::clone(connection));
    }

    /// The request's number, which is assigned at the first call.
    #[inline]
    pub(crate) fn number(&mut self) -> Number {
        if self.number == Number::NONE {
            self.number = Number::next();
        }
        self.number
    }

    #[inline]
    pub(crate) fn from_http<B>(req: http::Request<B>, body: impl FnOnce(B) -> Body) -> Self {
        #[allow(unused_mut, reason = "one feature changes it")]
        let (mut head, raw) = req.into_parts();
        // Routes see the same request as over HTTP/1.1; the WebSocket handshake checks the protocol.
        #[cfg(feature = "websocket")]
        if head.method == Method::CONNECT && is_extended_connect(&head.extensions) {
            head.method = Method::GET;
        }
        Request {
            method: head.method,
            version: head.version,
            headers: head.headers,
            extensions: head.extensions,
            target: Target::new(head.uri),
            body: body(raw),
            peer: None,
            connection: None,
            trust: None,
            body_limit: BODY_LIMIT,
            encrypted: false,
            params: Params::default(),
            route: None,
            watched: None,
            allowed: SmallVec::from_elem(Allowed::default(), 1),
            scope: 0,
            number: Number::NONE,
            values: Values::default(),
        }
    }
}

/// The route and its parameters.
impl Request {
    /// Parses a parameter of the route or mount around this layer.
    ///
    /// ```
    /// use connect::{app, get, Request, Result};
    ///
    /// #[get("/user/:id")]
    /// async fn show(req: &Request) -> Result<String> {
    ///     let id: u64 = req.param("id")?;
    ///     Ok(format!("user {id}"))
    /// }
    ///
    /// let app = app![show];
    /// ```
    ///
    /// # Errors
    /// A [`ParamError`]: with status 400 if the value does not parse or its optional part is absent, and 500 if no
    /// pattern around the layer has a parameter of that name.
    pub fn param<T>(&self, name: &str) -> Result<T, ParamError>
    where
        T: FromStr,
        T::Err: Into<BoxError>,
    {
        match self.visible().find(|param| param.name == name) {
            Some(param) => param.parse(),
            None => Err(ParamError::unknown(name)),
        }
    }

    /// The decoded parameters of the route or mount around this layer.
    ///
    /// A layer under a mount sees the mount's parameters. A router that is mounted there sees them only with
    /// `router![#![merge_params] ..]`, as with Express's `mergeParams`. The innermost parameter of a name wins.
    #[must_use]
    pub fn params(&self) -> ParamsView<'_> {
        ParamsView { req: self }
    }

    /// The pattern of the last route that matched, after those of the mounts around it: for logs and metrics, where
    /// full paths would make too many names.
    ///
    /// It stays after the route has called `next`, and outside its router, as Express's `req.route` does.
    #[must_use]
    pub fn route(&self) -> Option<String> {
        self.route.as_ref().map(RoutePattern::to_string)
    }

    /// A handle of the last route that the request has matched, which knows it when the request is gone.
    ///
    /// Use it in place of [`route`](Request::route) for metrics and logs of requests that end early. It costs one
    /// allocation for the request, however many layers ask for it.
    ///
    /// ```
    /// use connect::{app, get, middleware, Next, Request, Response, Result};
    ///
    /// #[middleware]
    /// fn log(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     let route = req.matched_route();
    ///     res.on_finish(move |finish| match route.pattern() {
    ///         Some(pattern) => println!("{pattern}: {:?}", finish.ended),
    ///         None => println!("no route: {:?}", finish.ended),
    ///     });
    ///     next.pass()
    /// }
    ///
    /// #[get("/users/:id")]
    /// fn user(id: u64) -> String {
    ///     format!("user {id}")
    /// }
    ///
    /// let app = app![log, user];
    /// ```
    #[must_use]
    pub fn matched_route(&mut self) -> MatchedRoute {
        let route = &self.route;
        self.watched.get_or_insert_with(|| MatchedRoute::new(route.clone())).clone()
    }

    /// Whether the last route that matched is one for `CONNECT`.
    pub(crate) fn is_in_connect_route(&self) -> bool {
        let wanted = Wanted::new(&Method::CONNECT);
        self.route.as_ref().is_some_and(|route| route.info.methods.contains(wanted))
    }

    fn visible(&self) -> impl Iterator<Item = Param<'_>> {
        self.params.visible(self.target.uri().path())
    }

    /// The methods of this router's routes that match the path and did not answer.
    pub(crate) fn allowed(&self) -> &Allowed {
        &self.allowed[usize::from(self.scope)]
    }

    /// Finds the next matching route of a run, and adds its parameters.
    #[inline]
    pub(crate) fn find_route(&mut self, table: &Table, from: usize) -> Result<Option<Found>, ParamError> {
        let path = self.target.path();
        if self.target.is_encoded() && is_malformed(path) {
            return self.find_malformed(table, from);
        }
        let allowed = &mut self.allowed[usize::from(self.scope)];
        let Some(found) = table.find(path, Wanted::new(&self.method), from, allowed) else {
            return Ok(None);
        };
        allowed.found(table.routes()[found.route].is_for_all);
        self.add_params(table, found)?;
        Ok(Some(found))
    }

    /// Whether a route of a run matches.
    pub(crate) fn has_route(&self, table: &Table) -> bool {
        table.finds(self.target.path(), Wanted::new(&self.method))
    }

    /// The same for a path with a malformed parameter, which is an error whatever the route's method, as in Express.
    #[cold]
    fn find_malformed(&mut self, table: &Table, mut from: usize) -> Result<Option<Found>, ParamError> {
        loop {
            let path = self.target.path();
            let Some(any) = table.find_any(path, from) else { return Ok(None) };
            let before = self.params.mark();
            self.add_params(table, any)?;
            let path = self.target.path();
            let allowed = &mut self.allowed[usize::from(self.scope)];
            match table.find(path, Wanted::new(&self.method), any.route, allowed) {
                Some(found) if found.route == any.route => {
                    allowed.found(table.routes()[found.route].is_for_all);
                    return Ok(Some(found));
                }
                _ => self.params.back_to(before),
            }
            from = any.route + 1;
        }
    }

    fn add_params(&mut self, table: &Table, found: Found) -> Result<(), ParamError> {
        let pattern = table.routes()[found.route].pattern;
        if pattern.names.is_empty() {
            return Ok(());
        }
        let spans = table.captures(found, self.target.path());
        self.push_spans(pattern, &spans)
    }

    fn push_spans(&mut self, pattern: &'static Pattern, spans: &Spans) -> Result<(), ParamError> {
        // hyper accepts no path longer than 65,534 bytes.
        let offset = u32::try_from(self.target.stripped()).unwrap_or(u32::MAX);
        self.params.push_spans(pattern, self.target.path(), offset, spans)
    }

    /// Adds the parameters of a mount, before its path is stripped.
    pub(crate) fn add_mount(&mut self, pattern: &'static Pattern, matched: &Match) -> Result<(), ParamError> {
        self.params.push_mount(pattern);
        self.push_spans(pattern, &matched.spans)
    }

    /// The last route that matched.
    pub(crate) fn route_info(&self) -> Option<&'static Info> {
        self.route.as_ref().map(|route| route.info)
    }

    pub(crate) fn set_route(&mut self, info: &'static Info) {
        let pattern = RoutePattern { info, mounts: self.params.mounts().collect() };
        if let Some(watched) = &self.watched {
            watched.set(pattern.clone());
        }
        self.route = Some(pattern);
    }

    /// The parameter with this index of the innermost pattern.
    #[inline]
    pub(crate) fn mount_param(&self, name: &'static str) -> crate::Result<OwnedParam> {
        let param = self.visible().find(|param| param.name == name);
        param.map(OwnedParam::new).ok_or_else(|| {
            crate::Error::msg(format!(
                "the mount's parameter `{name}` is missing: a layer has replaced the request"
            ))
        })
    }

    pub(crate) fn nth_param(&self, index: usize) -> Result<Param<'_>, ParamError> {
        let param = self.params.nth(self.target.uri().path(), index);
        param.ok_or_else(|| ParamError::missing(None, "(of a route whose request a layer has replaced)"))
    }
}

/// The parameters that a layer sees; see [`Request::params`].
#[derive(Clone, Copy)]
pub struct ParamsView<'a> {
    req: &'a Request,
}

impl<'a> ParamsView<'a> {
    /// The parameter of a name, as text; a wildcard with its slashes.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.req.visible().find(|param| param.name == name).and_then(|param| text_of(param.value))
    }

    /// All parameters that have a value, the innermost first. If a name is there twice, the first one applies.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, ParamValue<'a>)> {
        self.req.visible().filter_map(|param| {
            let value = match param.value {
                Given::Absent => return None,
                Given::One(text) => ParamValue::Text(text),
                Given::Path(path) => ParamValue::Segments(path.split('/').collect()),
                Given::List(list) => ParamValue::Segments(list.iter().map(String::as_str).collect()),
            };
            Some((param.name, value))
        })
    }
}

impl fmt::Debug for ParamsView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The value of a parameter, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamValue<'a> {
    /// The value of `:name`.
    Text(&'a str),
    /// The segments of `*name`.
    Segments(Vec<&'a str>),
}

fn text_of(value: Given<'_>) -> Option<Cow<'_, str>> {
    match value {
        Given::Absent => None,
        Given::One(text) | Given::Path(text) => Some(Cow::Borrowed(text)),
        Given::List(list) => Some(Cow::Owned(list.join("/"))),
    }
}

impl<B: Into<Body>> From<http::Request<B>> for Request {
    fn from(req: http::Request<B>) -> Self {
        Request::from_http(req, Into::into)
    }
}
