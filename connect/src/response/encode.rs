//! Functions that put the body into another form when the response is decided: compression.

use sync_wrapper::SyncWrapper;

use super::Response;

impl Response {
    /// Registers the function that encodes the body, as compression does. It is called once, when nothing else of the response changes
    /// any more: the layers, the final handler and the hooks of [`before_head`](Response::before_head) are done, and the
    /// automatic `ETag` is there. So it does not matter where the layer stands that registers it.
    ///
    /// The second argument says whether the body is sent: it is not for a `HEAD`, nor when the client has the response already and
    /// gets a 304. The function should then set the headers all the same, and leave the work. It may set headers and the body, and
    /// has to leave the status; a registration of hooks has no effect in it.
    ///
    /// A function that is registered later replaces the one before. It costs one allocation, and one more for the response.
    ///
    /// ```
    /// use connect::{app, get, middleware, Next, Response, Result};
    ///
    /// /// Everything in upper case.
    /// #[middleware]
    /// fn shout(res: &mut Response, next: Next) -> Result {
    ///     res.encode(|res, is_sent| {
    ///         let text = res.body().as_bytes().and_then(|bytes| str::from_utf8(bytes).ok());
    ///         if let Some(text) = text.filter(|_| is_sent).map(str::to_uppercase) {
    ///             res.set_body(text);
    ///         }
    ///     });
    ///     next.pass()
    /// }
    ///
    /// #[get("/")]
    /// fn hello() -> &'static str {
    ///     "hello"
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let client = connect::testing::Client::new(app![shout, hello]);
    /// client.get("/").send().await.assert_text("HELLO");
    /// # }
    /// ```
    pub fn encode(&mut self, encode: impl FnOnce(&mut Response, bool) + Send + 'static) -> &mut Self {
        self.later.get_or_insert_default().encode = Some(SyncWrapper::new(Box::new(encode)));
        self
    }

    /// Sets whether the function of [`encode`](Response::encode) is called, as by default, or the body is sent as it is.
    ///
    /// A page that contains a secret, such as a token against cross-site requests, beside text that a request has chosen
    /// should not be compressed: the length of the response tells an attacker on the network what of it is equal (the
    /// [BREACH](https://www.breachattack.com) attack).
    pub fn encoded(&mut self, yes: bool) -> &mut Self {
        self.late.no_encoding = !yes;
        self
    }

    /// Calls the function, if there is one.
    #[cold]
    pub(super) fn run_encode(&mut self, is_sent: bool) {
        let encode = self.later.as_mut().and_then(|later| later.encode.take());
        if let Some(encode) = encode.filter(|_| !self.late.no_encoding) {
            (encode.into_inner())(self, is_sent);
        }
    }
}
