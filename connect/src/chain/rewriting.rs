//! A layer, written by hand, that may set the URL or the method.

use super::Rest;
use super::layer::Layer;
use super::next::{ErrorHandler, Next};
use crate::tree::short_type_name;
use crate::{Error, Request, Response, Result, Rewrite};

/// A hand-written layer that may set the URL or the method of the request.
///
/// For a function the attribute sees it in the signature, `req: &mut Rewrite`. A struct with state implements this trait in
/// place of [`Layer`], so that the compiler knows that any route below may be reached: see [`Rewrite`]. One that also
/// resumes after errors is a [`ResumingLayer`](crate::ResumingLayer), which may rewrite, too.
///
/// ```
/// use connect::{app, Next, Response, Rest, Result, Rewrite, RewritingLayer};
///
/// /// Takes a prefix off the path.
/// struct Strip {
///     prefix: &'static str,
/// }
///
/// impl RewritingLayer for Strip {
///     async fn run<R: Rest>(&self, req: &mut Rewrite, _res: &mut Response, next: Next<(), R>) -> Result {
///         let stripped = req.url().strip_prefix(self.prefix).map(str::to_owned);
///         if let Some(url) = stripped.filter(|url| url.starts_with('/')) {
///             req.set_url(&url)?;
///         }
///         next.pass()
///     }
/// }
///
/// let app = app![Strip { prefix: "/v1" }];
/// ```
pub trait RewritingLayer: Send + Sync + 'static {
    /// The normal track: answer, or hand on with `next`.
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    fn run<R: Rest>(
        &self,
        req: &mut Rewrite,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send;

    /// The error track: answer, or hand the error on with `next.fail(err)`, which is the default.
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    fn recover(
        &self,
        err: Error,
        req: &mut Rewrite,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (req, res);
        std::future::ready(next.fail(err))
    }

    /// The name in the printed stack: by default that of the type.
    fn name(&self) -> &str {
        short_type_name::<Self>()
    }
}

/// A [`RewritingLayer`] as a [`Layer`]: what the links take.
#[derive(Debug)]
pub struct Rewriting<L>(pub(crate) L);

impl<L: RewritingLayer> Layer for Rewriting<L> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        self.0.run(Rewrite::of_request(req), res, next)
    }

    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> impl Future<Output = Result> + Send {
        self.0.recover(err, Rewrite::of_request(req), res, next)
    }

    fn name(&self) -> &str {
        self.0.name()
    }
}
