//! The final handler: the 404 page, and the page for an error that no handler took. Both are those of Connect's and
//! Express's `finalhandler`.

use std::borrow::Cow;
use std::io::Write as _;

use http::StatusCode;
use http::header::{self, HeaderValue};

use crate::chain::caught::Caught;
use crate::chain::done::{Detour, Done, Outcome};
use crate::chain::{Rest, sealed};
use crate::route::method_not_allowed::answer_options;
use crate::status::phrase;
use crate::text::{encode_url, escape_html};
use crate::{Environment, Error, Request, Response};

/// The tail of the outermost stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FinalHandler {
    pub(crate) environment: Environment,
}

impl sealed::Sealed for FinalHandler {}

impl Rest for FinalHandler {
    #[inline]
    fn in_route(self) -> bool {
        false
    }

    fn run(self, req: &mut Request, res: &mut Response) -> impl Future<Output = Done> + Send {
        async move {
            if res.has_fault() {
                let why = Detour::Error(res.take_fault());
                return self.detour(why, req, res).await;
            }
            if let Some(done) = answer_options(req, res) {
                return done;
            }
            let path = match req.original_uri().path() {
                // A target without a path.
                "" => Cow::Borrowed("resource"),
                path => encode_url(path),
            };
            res.forget_encoding();
            page(res, StatusCode::NOT_FOUND, &format!("Cannot {} {path}", req.method()))
        }
    }

    fn detour(
        self,
        why: Detour,
        req: &mut Request,
        res: &mut Response,
    ) -> impl Future<Output = Done> + Send + Unpin {
        // Boxed as every detour is: see `Chain::detour`.
        Box::pin(async move {
            match why {
                // Leaving the outermost stack leaves the app, as in Express.
                Detour::Route | Detour::Leave => self.run(req, res).await,
                Detour::Error(err) => {
                    self.log(&err, req);
                    let done = self.error_page(&err, res);
                    #[cfg(feature = "tower")]
                    crate::bridge::keep_panic(err, req);
                    done
                }
            }
        })
    }
}

impl FinalHandler {
    /// Runs the hooks of [`before_head`](Response::before_head), the last one first. All of them run, and an error of one is
    /// answered before the next.
    pub(crate) async fn run_hooks(self, req: &mut Request, res: &mut Response) {
        while let Some(hook) = res.next_hook() {
            // Made within: what was written as a function that returns a future may panic when it is called.
            let run = Caught::new(async { hook(&mut *res).await }).await;
            let failed = match run {
                Ok(Ok(())) if res.has_fault() => res.take_fault(),
                Ok(Ok(())) => continue,
                Ok(Err(err)) => err,
                Err(panic) => panic.into(),
            };
            res.forget_answer();
            res.remove(header::LOCATION.as_str());
            let answer = async { self.detour(Detour::Error(failed), req, res).await };
            // As around the layers: the error's `Display` may panic.
            if let Err(panic) = Caught::new(answer).await {
                tracing::error!("{panic}");
                res.reset();
                let _ = res.status(500).end("");
            }
        }
    }

    fn log(self, err: &Error, req: &Request) {
        if self.environment == Environment::Test {
            return;
        }
        let (method, uri, status) = (req.method(), req.original_url(), err.status().as_u16());
        tracing::error!(%method, %uri, status, "{err:?}");
        // As in Express, an error that no handler took is printed if the program has set up no logging.
        if !tracing::dispatcher::has_been_set() {
            // Not `eprintln!`, which panics if standard error is closed.
            let _ = writeln!(std::io::stderr(), "{method} {uri}: {status} {err:?}");
        }
    }

    fn error_page(self, err: &Error, res: &mut Response) -> Done {
        let status = res.error(err).status_code();
        let text = match self.environment {
            Environment::Production => Cow::Borrowed(phrase(status)),
            Environment::Development | Environment::Test => {
                let mut text = String::new();
                // Writing to a string cannot fail; if a `Display` fails, the rest of its own text is lost.
                let _ = err.write_chain(&mut text);
                Cow::Owned(text)
            }
        };
        page(res, status, &text)
    }
}

/// Rows 64 and 72.
fn page(res: &mut Response, status: StatusCode, text: &str) -> Done {
    const DEFAULT_SRC_NONE: HeaderValue = HeaderValue::from_static("default-src 'none'");
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
    res.remove(header::CONTENT_LENGTH.as_str())
        .set(header::CONTENT_SECURITY_POLICY, DEFAULT_SRC_NONE)
        .set(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF)
        .set(header::CONTENT_TYPE, HTML);
    let text = escape_html(text);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n\
         <body>\n<pre>{text}</pre>\n</body>\n</html>\n"
    );
    res.finish_with_page(status, page);
    Done::answered(Outcome::FinalHandler)
}
