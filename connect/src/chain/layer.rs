//! What a layer is: [`Layer`] for those that wait, [`PlainLayer`] for those that never do.

use super::Rest;
use super::caught::Lazy;
use super::next::{ErrorHandler, Next, PlainFn};
use super::resume::Resume;
use crate::check::LayerInfo;
use crate::tree::short_type_name;
use crate::{Error, Request, Response, Result};

/// A layer, written by hand.
///
/// `#[middleware]` and `#[error_handler]` are all that most code needs. Implement this trait for a struct with
/// state, for a layer that is generic, or for one that acts on both tracks. Both methods have a default that
/// lets the request go by. A layer that never waits is better off as a [`PlainLayer`], which costs no future.
///
/// What follows a hand-written layer is in a box when the layer runs it: one allocation. The attributes see how a
/// function awaits `next.run(..)`, and need the box only where another function is around it.
///
/// ```
/// use connect::{app, Layer, Next, Request, Response, Rest, Result};
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
///
/// struct Count {
///     requests: AtomicU64,
/// }
///
/// impl Layer for Count {
///     async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
///         let n = self.requests.fetch_add(1, Relaxed);
///         let done = next.run(req, res).await;
///         res.set("x-request-number", n);
///         Ok(done)
///     }
/// }
///
/// let app = app![Count { requests: AtomicU64::new(0) }];
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "a function becomes one with `#[middleware]` or `#[error_handler]`, a struct by implementing `Layer`"
)]
pub trait Layer: Send + Sync + 'static {
    /// The normal track: answer, or hand on with `next`.
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (req, res);
        std::future::ready(next.pass())
    }

    /// The error track: answer, or hand the error on with `next.fail(err)`. A layer that resumes the normal track is a
    /// [`ResumingLayer`](crate::ResumingLayer).
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> impl Future<Output = Result> + Send {
        let _ = (req, res);
        std::future::ready(next.fail(err))
    }

    /// The name in the printed stack: by default that of the type.
    fn name(&self) -> &str {
        if Self::INFO.name.is_empty() { short_type_name::<Self>() } else { Self::INFO.name }
    }

    /// What an attribute knows of its function.
    #[doc(hidden)]
    const INFO: LayerInfo = LayerInfo::UNKNOWN;

    /// The error track of a layer that may resume, and declares it.
    #[doc(hidden)]
    fn catch(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Resume,
        _: Attribute,
    ) -> impl Future<Output = Result> + Send {
        self.recover(err, req, res, next.into())
    }
}

/// A layer that never waits, written by hand: what `#[middleware]` makes of a plain `fn`.
///
/// A run of plain layers is called one after the other in a loop that the compiler unrolls, so any number of
/// them costs one future in all.
///
/// ```
/// use connect::{app, Next, PlainFn, PlainLayer, Request, Response, Result};
///
/// struct Header(&'static str, &'static str);
///
/// impl PlainLayer for Header {
///     fn run(&self, _req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
///         res.set(self.0, self.1);
///         next.pass()
///     }
/// }
///
/// let app = app![Header("x-frame-options", "DENY")];
/// ```
pub trait PlainLayer: Send + Sync + 'static {
    /// The normal track: answer, or hand on with `next`.
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    #[inline]
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let _ = (req, res);
        next.pass()
    }

    /// The error track: answer, or hand the error on with `next.fail(err)`. A layer that resumes the normal track is a
    /// [`ResumingLayer`](crate::ResumingLayer).
    ///
    /// # Errors
    /// An error goes to the error handlers declared after this layer.
    #[inline]
    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> Result {
        let _ = (req, res);
        next.fail(err)
    }

    /// The name in the printed stack: by default that of the type.
    fn name(&self) -> &str {
        if Self::INFO.name.is_empty() { short_type_name::<Self>() } else { Self::INFO.name }
    }

    /// What an attribute knows of its function.
    #[doc(hidden)]
    const INFO: LayerInfo = LayerInfo::UNKNOWN;

    /// The error track of a layer that may resume, and declares it.
    #[doc(hidden)]
    #[inline]
    fn catch(&self, err: Error, req: &mut Request, res: &mut Response, next: Resume, _: Attribute) -> Result {
        self.recover(err, req, res, next.into())
    }
}

/// Keeps `catch` for what an attribute makes: it cannot be overridden by accident.
#[derive(Debug, Clone, Copy)]
pub struct Attribute;

/// A hand-written layer, which may do something already when its future is made, and may do anything with the future of
/// what follows.
#[derive(Debug)]
pub struct ByHand<L>(pub(crate) L);

impl<L: Layer> Layer for ByHand<L> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        Lazy::new(move || self.0.run(req, res, next.type_erased()))
    }

    fn catch(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Resume,
        by: Attribute,
    ) -> impl Future<Output = Result> + Send {
        Lazy::new(move || self.0.catch(err, req, res, next, by))
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    const INFO: LayerInfo = L::INFO;
}

/// A layer that is there or not, decided when the app is built.
impl<L: Layer> Layer for Option<L> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        async move {
            match self {
                Some(layer) => layer.run(req, res, next).await,
                None => next.pass(),
            }
        }
    }

    fn catch(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Resume,
        by: Attribute,
    ) -> impl Future<Output = Result> + Send {
        async move {
            match self {
                Some(layer) => layer.catch(err, req, res, next, by).await,
                None => next.fail(err),
            }
        }
    }

    fn name(&self) -> &str {
        self.as_ref().map_or("(none)", Layer::name)
    }

    // Nothing counts on the value of a layer that may not be there.
    const INFO: LayerInfo = LayerInfo { provides: false, ..L::INFO };
}

impl<L: PlainLayer> PlainLayer for Option<L> {
    #[inline]
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        match self {
            Some(layer) => layer.run(req, res, next),
            None => next.pass(),
        }
    }

    #[inline]
    fn catch(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Resume,
        by: Attribute,
    ) -> Result {
        match self {
            Some(layer) => layer.catch(err, req, res, next, by),
            None => next.fail(err),
        }
    }

    fn name(&self) -> &str {
        self.as_ref().map_or("(none)", PlainLayer::name)
    }

    // Nothing counts on the value of a layer that may not be there.
    const INFO: LayerInfo = LayerInfo { provides: false, ..L::INFO };
}
