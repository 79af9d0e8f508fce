//! The body of a request.

use super::Request;
use crate::Body;

/// The body.
impl Request {
    /// The body.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The body, to read from it: `while let Some(chunk) = req.body_mut().chunk().await`.
    pub fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    /// Takes the body, to read it elsewhere. The request then has a body that counts as read.
    #[must_use]
    pub fn take_body(&mut self) -> Body {
        std::mem::replace(&mut self.body, Body::read())
    }

    /// Replaces the body, as a layer does that decodes or decrypts it. The headers are left to the caller.
    ///
    /// ```
    /// # use connect::{http, Request};
    /// # #[tokio::main] async fn main() {
    /// let mut req = Request::from(http::Request::new("olleh"));
    /// let text: String = req.text().await.unwrap().chars().rev().collect();
    /// req.set_body(text);
    /// assert_eq!(req.text().await.unwrap(), "hello");
    /// # }
    /// ```
    pub fn set_body(&mut self, body: impl Into<Body>) -> &mut Self {
        self.body = body.into();
        self
    }

    /// How long a body may be for its readers, in bytes after decoding.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Sets how long the body may be for its readers from here on, in bytes after decoding: 102,400 by default. The
    /// layer [`body_limit`](crate::body_limit()) does the same.
    ///
    /// ```
    /// # use connect::{http, Request};
    /// # #[tokio::main] async fn main() {
    /// let mut req = Request::from(http::Request::new("hello"));
    /// let err = req.set_body_limit(4).bytes().await.unwrap_err();
    /// assert_eq!((err.status().as_u16(), err.to_string().as_str()), (413, "the body is longer than 4 bytes"));
    /// # }
    /// ```
    pub fn set_body_limit(&mut self, bytes: usize) -> &mut Self {
        self.body_limit = bytes;
        self
    }

    /// Sets how many bytes a second the client has to send of the body, on average; 0 for no limit. The default is
    /// [`App::min_body_rate`](crate::App::min_body_rate). It has no effect under a host server other than connect's
    /// own.
    ///
    /// ```
    /// use connect::{post, Request, Result};
    ///
    /// /// For a client that sends a line now and then.
    /// #[post("/feed")]
    /// async fn feed(req: &mut Request) -> Result<()> {
    ///     req.set_min_body_rate(0);
    ///     while let Some(piece) = req.body_mut().chunk().await {
    ///         println!("{} bytes", piece?.len());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn set_min_body_rate(&mut self, bytes_per_second: u32) -> &mut Self {
        self.body.set_min_rate(bytes_per_second);
        self
    }
}
