//! Answering with files.

use http::header;

use super::Response;
use super::attachment::disposition;
use crate::files::{SendFile, send};
use crate::{Request, Result};

impl Response {
    /// Answers with a file, given by its path or as a [`SendFile`] with options.
    ///
    /// The `Content-Type` is that of the extension unless one was set. `Last-Modified`, an `ETag` of size and time,
    /// `Accept-Ranges` and `Cache-Control: public, max-age=0` are set, conditional requests answered with 304 or 412
    /// and byte ranges with 206 or 416 (Express, rows 206 and 207; RFC 9110, sections 13 and 14). Ranges that overlap or
    /// follow each other are sent as one, up to 16 others as `multipart/byteranges`; for more ranges the whole file is sent
    /// (Express sends the whole file for any two). The `ETag` is strong, for `If-Range`, unless the file changed in the last two seconds. All this is for the status 200: with another one,
    /// as in `res.status(404).send_file(req, "404.html")`, the file is just the body.
    ///
    /// A file of more than 64 kB is read while the client reads it, and never held in memory as a whole. If it becomes
    /// shorter meanwhile, the connection is closed. A relative path starts at the current directory of the program.
    ///
    /// ```
    /// use connect::{get, Request, Response, Result, SendFile};
    ///
    /// #[get("/logo")]
    /// async fn logo(req: &Request, res: &mut Response) -> Result {
    ///     res.send_file(req, "assets/logo.png").await
    /// }
    ///
    /// /// A name from the client cannot lead out of the folder.
    /// #[get("/uploads/:name")]
    /// async fn upload(name: String, req: &Request, res: &mut Response) -> Result {
    ///     res.send_file(req, SendFile::within("uploads", &name)).await
    /// }
    /// # let _ = connect::app![logo, upload];
    /// ```
    ///
    /// # Errors
    /// A 404 if there is no such file, a 403 if its name leads out of its folder, a 412 or 416 as above, a 500 if it
    /// cannot be read, and as for [`send`](Response::send).
    pub async fn send_file(&mut self, req: &Request, file: impl Into<SendFile>) -> Result {
        let sent = send::file(self, req, file.into()).await;
        if sent.is_err() {
            // They would not apply to the response for the error.
            for name in [header::CONTENT_DISPOSITION, header::CONTENT_TYPE] {
                self.headers.remove(name);
            }
        }
        sent
    }

    /// Answers with a file that browsers save under its own name.
    ///
    /// For another name, set it first: `res.attachment("July.pdf").send_file(req, path)`.
    ///
    /// ```
    /// use connect::{get, Request, Response, Result};
    ///
    /// #[get("/report")]
    /// async fn report(req: &Request, res: &mut Response) -> Result {
    ///     res.download(req, "reports/2026-07.pdf").await
    /// }
    /// # let _ = connect::app![report];
    /// ```
    ///
    /// # Errors
    /// As for [`send_file`](Response::send_file).
    pub async fn download(&mut self, req: &Request, file: impl Into<SendFile>) -> Result {
        let file = file.into();
        let name = file.path().file_name().unwrap_or_default().to_string_lossy();
        self.set(header::CONTENT_DISPOSITION, disposition(&name));
        self.send_file(req, file).await
    }
}
