//! Values of a request, by hand: what a layer without an attribute provides, and what it finds.

use std::any::Any;
use std::sync::Arc;

use crate::Request;

impl Request {
    /// Provides a value to the layers below, as [`next.with(value)`](crate::Next::with) does for a middleware
    /// with an attribute. A layer written by hand says what it provides with [`Declared`](crate::Declared).
    ///
    /// It takes one slot and one allocation.
    ///
    /// ```
    /// use connect::Request;
    ///
    /// struct User(&'static str);
    ///
    /// let mut req = Request::from(http::Request::new(""));
    /// req.provide(User("ann"));
    /// assert_eq!(req.provided::<User>().unwrap().0, "ann");
    /// # use connect::http;
    /// ```
    pub fn provide<T: Any + Send + Sync>(&mut self, value: T) -> &mut Self {
        self.values.add(Arc::new(value));
        self
    }

    /// The newest value of this type that a layer above provided, if one did. Where the compiler is to see to it,
    /// take `req: &mut With<T>` or, in a route, `value: &T`.
    ///
    /// What was provided in a router, in an app that stands in another, or in a route's own stack, is seen there, and
    /// not behind it or in layers around it, by whatever way the request left. A list under a path is no such scope.
    /// What layers outside or above are to know goes into [`extensions_mut`](Request::extensions_mut): after
    /// [`Next::run`](crate::Next::run) a value from a layer below may be seen, or not.
    #[must_use]
    pub fn provided<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.values.get()
    }
}
