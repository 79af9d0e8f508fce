//! What a response calls when it is over.

use super::Response;
use crate::finish::Finish;

impl Response {
    /// Calls a function once when the answer is over: when the last byte of its body was given to the connection, or when the
    /// client has left before. Loggers, metrics and limits need it, since most of an answer is sent after all
    /// layers are done.
    ///
    /// It runs in the connection's task, and must not block. Its errors are its own: a panic in it is caught and
    /// logged. Several are called in their order. It costs a box for each, and one for the answer.
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
}
