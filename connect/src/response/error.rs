//! The status and the headers of an error, for error handlers and the final handler.

use http::StatusCode;
use http::header::{self, HeaderName};

use super::Response;
use crate::Error;

/// What said how an earlier body was encoded (row 74).
const ENCODING: [HeaderName; 3] = [header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_RANGE];

/// The answer to an error.
impl Response {
    /// Sets the status and the headers of an error, as the final handler does, for an error handler to answer with.
    ///
    /// `res.status(err.status())` sets the status alone, and loses the `Allow` of a 405, the `Retry-After` of a 429 or the
    /// `WWW-Authenticate` of a 401 ([`Error::with_header`]).
    ///
    /// - The status is the error's own; without one it is the status that was set before if that is from 400 to 599, and 500
    ///   otherwise.
    /// - The headers are set if the error has a status of its own, in place of those of the same names.
    /// - `Content-Encoding`, `Content-Language` and `Content-Range` of an earlier body are removed.
    ///
    /// ```
    /// use connect::testing::Client;
    /// use connect::{app, error_handler, get, method_not_allowed, Error, Response, Result};
    ///
    /// #[get("/users")]
    /// fn users() -> &'static str {
    ///     "[]"
    /// }
    ///
    /// #[error_handler]
    /// fn on_error(err: Error, res: &mut Response) -> Result {
    ///     res.error(&err).json([err.public_message()])
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// let client = Client::new(app![users, method_not_allowed(), on_error]);
    /// let response = client.delete("/users").send().await;
    /// response.assert_status(405).assert_header("allow", "GET, HEAD");
    /// # }
    /// ```
    pub fn error(&mut self, err: &Error) -> &mut Self {
        self.status = match err.own_status() {
            Some(own) => own,
            // Row 68.
            None if self.status.is_client_error() || self.status.is_server_error() => self.status,
            None => StatusCode::INTERNAL_SERVER_ERROR,
        };
        self.forget_encoding();
        // Row 71: headers only with a status of the error's own.
        if err.own_status().is_some() {
            for name in err.headers().keys() {
                self.headers.remove(name.as_str());
            }
            for (name, value) in err.headers() {
                self.headers.append(name.clone(), value.clone());
            }
        }
        self
    }

    /// Removes what said how an earlier body was encoded.
    pub(crate) fn forget_encoding(&mut self) {
        for name in ENCODING {
            self.headers.remove(name.as_str());
        }
    }
}
