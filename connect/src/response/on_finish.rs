//! Functions that are called when a response is finished.

use super::Response;
use crate::finish::{Finish, SentHead};

impl Response {
    /// Calls a function once when the response is finished: when the last byte of its body was given to the connection,
    /// or when the client has disconnected earlier. Use it for loggers, metrics and limits, because most of a response
    /// is sent after all layers have returned.
    ///
    /// The function runs in the connection's task, and must not block. A panic in it is caught and logged. Several
    /// functions are called in the order in which they were added. Each costs a box, and the first one two.
    ///
    /// ```
    /// use connect::{app, get, middleware, Next, Request, Response, Result};
    ///
    /// #[middleware]
    /// fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     let line = format!("{} {}", req.method(), req.original_uri());
    ///     res.on_finish(move |finish| {
    ///         let status = finish.status.map_or(499, |status| status.as_u16());
    ///         println!("{line} {status} {} bytes in {:?}", finish.bytes, finish.duration);
    ///     });
    ///     next.pass()
    /// }
    ///
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "Hello"
    /// }
    ///
    /// let app = app![logger, index];
    /// ```
    pub fn on_finish(&mut self, call: impl FnOnce(Finish) + Send + 'static) -> &mut Self {
        self.waiting_mut().add(call);
        self
    }

    /// Calls a function once with the head of the response as it is sent: with the `ETag`, the 304 and the form of a redirect
    /// that are decided when all layers are done. Use it for loggers; what changes the response is a
    /// [`before_head`](Response::before_head).
    ///
    /// It is not called if the client disconnects before there is a response. The function must not block. A panic in it is
    /// caught and logged. Several functions are called in the order in which they were added. Each costs a box.
    ///
    /// ```
    /// use connect::{app, get, middleware, Next, Request, Response, Result};
    ///
    /// #[middleware]
    /// fn logger(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     res.on_head(|head| println!("{} {:?}", head.status, head.headers.get("etag")));
    ///     next.pass()
    /// }
    ///
    /// #[get("/")]
    /// fn index() -> &'static str {
    ///     "Hello"
    /// }
    ///
    /// let app = app![logger, index];
    /// ```
    pub fn on_head(&mut self, call: impl FnOnce(SentHead<'_>) + Send + 'static) -> &mut Self {
        self.waiting_mut().add_for_head(call);
        self
    }
}
