//! The route of a request, for code that runs when the request is gone.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use crate::route::info::Info;
use crate::route::pattern::Pattern;

/// The last route that a request has matched: a handle, which can be asked when the request is gone.
///
/// A function given to [`on_finish`](crate::Response::on_finish) learns the route from it, also where the layers were
/// dropped half way because the client has disconnected or a timeout is over. See [`Request::matched_route`](crate::Request::matched_route).
#[derive(Clone)]
pub struct MatchedRoute(Arc<Mutex<Option<RoutePattern>>>);

impl MatchedRoute {
    /// The pattern of the last route that has matched so far; `None` if none has.
    #[must_use]
    pub fn pattern(&self) -> Option<RoutePattern> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A handle of what has matched so far.
    pub(super) fn new(pattern: Option<RoutePattern>) -> Self {
        MatchedRoute(Arc::new(Mutex::new(pattern)))
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
