//! A layer in another, which [`wrap`](crate::wrap()) keeps as well, to ask it what it does at startup.

use std::sync::Arc;

use super::Rest;
use super::layer::Layer;
use super::next::{ErrorHandler, Next};
use crate::check::LayerInfo;
use crate::{Error, Request, Response, Result};

/// The inner layer, as the outer one has it. Its own `on_startup` registers nothing: `wrap` asks the layer, whether the outer one
/// does so or not.
#[derive(Debug)]
pub struct Shared<L>(pub(crate) Arc<L>);

impl<L: Layer> Layer for Shared<L> {
    fn run<R: Rest>(
        &self,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), R>,
    ) -> impl Future<Output = Result> + Send {
        self.0.run(req, res, next)
    }

    fn recover(
        &self,
        err: Error,
        req: &mut Request,
        res: &mut Response,
        next: Next<(), ErrorHandler>,
    ) -> impl Future<Output = Result> + Send {
        self.0.recover(err, req, res, next)
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    const INFO: LayerInfo = L::INFO;
}
