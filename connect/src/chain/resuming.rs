//! A layer, written by hand, that may resume after an error.

use super::Rest;
use super::layer::{Attribute, Layer};
use super::next::Next;
use super::resume::Resume;
use crate::check::{LayerInfo, Part};
use crate::tree::short_type_name;
use crate::{Error, Request, Response, Result, Rewrite};

/// A hand-written layer that may resume the normal track after an error.
///
/// For a function the attribute sees it in the signature, `next: Resume`. A struct with state implements this trait in place
/// of [`Layer`], so that the compiler knows that the error may have skipped layers above which provide values: see
/// [`Resuming`](crate::Resuming). Any layer below may be reached behind it, so it may also [rewrite](Rewrite) the request. One
/// that provides is listed as [`Declared::resuming(layer)`](crate::Declared::resuming).
///
/// ```
/// use connect::{app, Error, Response, ResumingLayer, Result, Resume, Rewrite};
///
/// /// Ignores errors during development.
/// struct Lenient {
///     development: bool,
/// }
///
/// impl ResumingLayer for Lenient {
///     async fn recover(&self, err: Error, _req: &mut Rewrite, _res: &mut Response, next: Resume) -> Result {
///         if self.development { next.resume() } else { next.fail(err) }
///     }
/// }
///
/// let app = app![Lenient { development: true }];
/// ```
pub trait ResumingLayer: Send + Sync + 'static {
    /// The normal track: answer, or hand on with `next`, which is the default.
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    fn run<R: Rest>(
        &self,
        req: &mut Rewrite,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (req, res);
        std::future::ready(next.pass())
    }

    /// The error track: answer, hand the error on with `next.fail(err)`, or go back to the normal track with
    /// `next.resume()`.
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    fn recover(
        &self,
        err: Error,
        req: &mut Rewrite,
        res: &mut Response,
        next: Resume,
    ) -> impl Future<Output = Result> + Send;

    /// The name in the printed stack: by default that of the type.
    fn name(&self) -> &str {
        short_type_name::<Self>()
    }
}

/// A [`ResumingLayer`] as a [`Layer`]: what the links take.
#[derive(Debug)]
pub struct AsLayer<L>(pub(crate) L);

impl<L: ResumingLayer> Layer for AsLayer<L> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        self.0.run(Rewrite::of_request(req), res, next)
    }

    fn catch(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Resume,
        _: Attribute,
    ) -> impl Future<Output = Result> + Send {
        self.0.recover(err, Rewrite::of_request(req), res, next)
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    const INFO: LayerInfo = LayerInfo { part: Part::Resumes, ..LayerInfo::UNKNOWN };
}
