//! The request, as the layers see it.

mod accepts;
mod body;
mod content;
#[cfg(feature = "websocket")]
mod extended_connect;
#[cfg(feature = "tower")]
mod handed;
mod host;
mod may_rewrite;
mod moved;
mod normal;
mod number;
mod origin;
mod params;
mod query;
mod range;
mod rewrite;
mod target;
mod trust;
mod url;
#[cfg(test)]
mod whatever;

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

/// How long a body may be, in bytes, where nothing else is said: Express's 100 kB.
const BODY_LIMIT: usize = 100 * 1024;

/// A request on its way through a stack.
///
/// It is lent to one layer after the other as `&mut Request`; nothing of it is copied on the way.
///
/// # The target
/// Inside of a mount the path is *stripped*: the mount's own part is taken off [`path`](Request::path) and
/// [`url`](Request::url), and is found in [`mount_path`](Request::mount_path). It is put back after the mount,
/// also when a future is dropped half way. [`original_uri`](Request::original_uri) never changes.
///
/// | for `/blog/post?x=1`, inside `"/blog" => ..` | |
/// |---|---|
/// | `req.url()` | `/post?x=1` |
/// | `req.path()` | `/post` |
/// | `req.mount_path()` | `/blog` |
/// | `req.uri()`, `req.original_uri()` | `/blog/post?x=1` |
///
/// The path is *normalized* (RFC 3986, section 6.2.2.2): letters, digits and `-._~` are never percent-encoded in it, so
/// that `/%70rivate` meets whatever is mounted at `/private`. Nothing else is decoded: `%2F` does not separate segments,
/// and dot segments and empty segments stay. Mounts, routes, parameters and everything in the table see the normalized
/// path, and so do tower services; `original_uri()` alone has the target as the client sent it. A URL that a layer
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
    /// The one that it came by, if it came by a socket that the app serves itself.
    connection: Option<Arc<Connection>>,
    /// Which proxies are believed, where some are.
    trust: Option<Arc<TrustProxy>>,
    /// In bytes, of what the readers of the body take.
    body_limit: usize,
    params: Params,
    /// The last route that matched, and the patterns of the mounts around it, the outermost last.
    route: Option<(&'static Info, SmallVec<[&'static Pattern; 2]>)>,
    /// What the routes of each router around have for the path; the last one that `scope` points to counts.
    allowed: SmallVec<[Allowed; 3]>,
    scope: u16,
    number: Number,
    /// Whether the connection is encrypted.
    encrypted: bool,
    /// What the layers so far have provided.
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

    /// Only a [`Rewrite`] has it; here it tells the compiler what to say.
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

    /// A header as text: the first one of that name, if there is one and it is text.
    ///
    /// The name is looked up without regard to case. `referer` and `referrer` are one name, as in Express: HTTP spells it
    /// with one `r` (RFC 9110, section 10.1.3), everyone else with two.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).or_else(|| self.other_referrer(name))?.to_str().ok()
    }

    /// The header of this name in the other spelling, if it has one.
    fn other_referrer(&self, name: &str) -> Option<&HeaderValue> {
        match name.len() {
            7 if name.eq_ignore_ascii_case("referer") => self.headers.get("referrer"),
            8 if name.eq_ignore_ascii_case("referrer") => self.headers.get(header::REFERER),
            _ => None,
        }
    }

    /// Typed values that layers attach to the request. They are the request's, wherever they were attached: so a logger
    /// around a router learns from a layer in the router who the user is. What layers provide ends with the router.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Typed values, to attach one.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// The address at the other end of the connection, if the request came over one.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Says where the request came from, when the app is called as a service.
    pub fn set_peer(&mut self, peer: SocketAddr) -> &mut Self {
        self.peer = Some(peer);
        self
    }

    /// The end of the server: whether it has started, and a way to wait for it. Of a request that came by no server, for
    /// example in a test, one that nobody starts.
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

    /// Says what connection it came by.
    #[inline]
    pub(crate) fn set_connection(&mut self, connection: &Arc<Connection>) {
        self.peer = connection.info.peer;
        self.encrypted = connection.encrypted;
        self.connection = Some(Arc::clone(connection));
    }

    /// The request's number; it gets one when it is asked for it.
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
        // To routes it is what it would be by HTTP/1.1; whoever opens the WebSocket looks at the protocol.
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
            allowed: SmallVec::from_elem(Allowed::default(), 1),
            scope: 0,
            number: Number::NONE,
            values: Values::default(),
        }
    }
}

/// The route and its parameters.
impl Request {
    /// A parameter of the route or mount that this layer stands in, parsed.
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
    /// A [`ParamError`]: it is a 400 if the value does not parse, or its optional part was left out, and a 500 if no pattern around
    /// the layer has a parameter of that name.
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

    /// The parameters of the route or mount that this layer stands in, decoded.
    ///
    /// Those of a mount are seen in the layers under it, and in a router mounted there only if it says
    /// `router![#![merge_params] ..]` (Express, row 157). The innermost wins.
    #[must_use]
    pub fn params(&self) -> ParamsView<'_> {
        ParamsView { req: self }
    }

    /// The pattern of the last route that matched, with those of the mounts around it in front: for logs and
    /// metrics, where a path as it came would make too many names.
    ///
    /// It stays when the route has passed on, and outside of its router (Express, row 136).
    #[must_use]
    pub fn route(&self) -> Option<String> {
        let (info, mounts) = self.route.as_ref()?;
        Some(info.full_path(mounts.iter().rev().copied()))
    }

    /// Whether the last route that matched is one for `CONNECT`.
    pub(crate) fn is_in_connect_route(&self) -> bool {
        let wanted = Wanted::new(&Method::CONNECT);
        self.route.as_ref().is_some_and(|(info, _)| info.methods.contains(wanted))
    }

    fn visible(&self) -> impl Iterator<Item = Param<'_>> {
        self.params.visible(self.target.uri().path())
    }

    /// The methods that routes of this router have for the path and that did not answer.
    pub(crate) fn allowed(&self) -> &Allowed {
        &self.allowed[usize::from(self.scope)]
    }

    /// The next route of a run, entered: its parameters are there.
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

    /// Whether there is a route for it in a run.
    pub(crate) fn has_route(&self, table: &Table) -> bool {
        table.finds(self.target.path(), Wanted::new(&self.method))
    }

    /// The same where a parameter may be malformed: that is an error whatever the method (row 166).
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
        // hyper takes no path longer than 65,534 bytes.
        let offset = u32::try_from(self.target.stripped()).unwrap_or(u32::MAX);
        self.params.push_spans(pattern, self.target.path(), offset, spans)
    }

    /// Adds the parameters of a mount, before its path is stripped.
    pub(crate) fn add_mount(&mut self, pattern: &'static Pattern, matched: &Match) -> Result<(), ParamError> {
        self.params.push_mount(pattern);
        self.push_spans(pattern, &matched.spans)
    }

    pub(crate) fn set_route(&mut self, info: &'static Info) {
        self.route = Some((info, self.params.mounts().collect()));
    }

    /// The parameter with this index of the innermost pattern.
    #[inline]
    pub(crate) fn mount_param(&self, name: &'static str) -> crate::Result<OwnedParam> {
        let param = self.visible().find(|param| param.name == name);
        param.map(OwnedParam::new).ok_or_else(|| {
            crate::Error::msg(format!(
                "there is no parameter `{name}` of a mount here: was the request replaced?"
            ))
        })
    }

    pub(crate) fn nth_param(&self, index: usize) -> Result<Param<'_>, ParamError> {
        let param = self.params.nth(self.target.uri().path(), index);
        param.ok_or_else(|| ParamError::missing(None, "(of a route whose request was replaced)"))
    }
}

/// The parameters that a layer sees; see [`Request::params`].
#[derive(Clone, Copy)]
pub struct ParamsView<'a> {
    req: &'a Request,
}

impl<'a> ParamsView<'a> {
    /// One as text; a splat with its slashes.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.req.visible().find(|param| param.name == name).and_then(|param| text_of(param.value))
    }

    /// All that have a value, the innermost first. One name may come twice; the first counts.
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
    /// Of `:name`.
    Text(&'a str),
    /// Of `*name`.
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
