//! The route of a request, for code that runs when the request is gone.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use super::Request;
use crate::route::info::Info;
use crate::route::pattern::Pattern;

/// The last route that a request has matched: a handle, which can be asked when the request is gone.
///
/// A function given to [`on_finish`](crate::Response::on_finish) learns the route from it, also where the layers were
/// dropped half way because the client has disconnected or a timeout is over. See [`Request::matched_route`].
#[derive(Clone, Default)]
pub struct MatchedRoute(Arc<Mutex<Option<RoutePattern>>>);

impl MatchedRoute {
    /// The pattern of the last route that has matched so far; `None` if none has.
    #[must_use]
    pub fn pattern(&self) -> Option<RoutePattern> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, pattern: RoutePattern) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pattern);
    }
}

impl fmt::Debug for MatchedRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MatchedRoute").field(&self.pattern()).finish()
    }
}

/// The pattern of a route, after those of the mounts around it: displayed as `/users/:id`.
///
/// Patterns are equal if they are written alike. A clone, a comparison and a hash allocate nothing as long as there are at most
/// two mounts around the route, so it can be the key of a map.
#[derive(Clone)]
pub struct RoutePattern {
    pub(super) info: &'static Info,
    /// The patterns of the mounts, the outermost last.
    pub(super) mounts: SmallVec<[&'static Pattern; 2]>,
}

impl RoutePattern {
    fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.mounts.iter().map(|mount| mount.text).chain([self.info.pattern.text])
    }
}

impl PartialEq for RoutePattern {
    fn eq(&self, other: &Self) -> bool {
        self.texts().eq(other.texts())
    }
}

impl Eq for RoutePattern {}

impl Hash for RoutePattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.texts().for_each(|text| text.hash(state));
    }
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.info.full_path(self.mounts.iter().rev().copied()))
    }
}

impl fmt::Debug for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoutePattern({self})")
    }
}

impl Request {
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
        let begin = || {
            let handle = MatchedRoute::default();
            if let Some(pattern) = route {
                handle.set(pattern.clone());
            }
            handle
        };
        self.watched.get_or_insert_with(begin).clone()
    }
}
