//! Providing and reading values in layers written by hand.

use std::any::Any;
use std::sync::Arc;

use crate::Request;

impl Request {
    /// Provides a value to the layers below, as [`next.with(value)`](crate::Next::with) does in a middleware with an
    /// attribute. A layer written by hand declares what it provides with [`Declared`](crate::Declared). It costs one
    /// slot and one allocation.
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

    /// The newest value of this type that a layer above has provided, if any. To have the compiler check that there is
    /// one, take `req: &mut With<T>` or, in a route, `value: &T`.
    ///
    /// A value that is provided in a router, in a mounted app, or in a route's own stack is visible there, and neither
    /// after it nor in layers around it, however the request leaves. A list under a path is not such a scope. For
    /// layers outside or above use [`extensions_mut`](Request::extensions_mut): after [`Next::run`](crate::Next::run) a
    /// value of a layer below may or may not be visible.
    #[must_use]
    pub fn provided<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.values.get()
    }
}
