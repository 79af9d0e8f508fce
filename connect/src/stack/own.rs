//! A route with what is known of its own stack.

use std::marker::PhantomData;

use super::kinds::Kinds;
use crate::chain::route::Route;
use crate::check::Entries;
use crate::route::info::Info;
use crate::{Request, Response, Result};

/// A route, and what is known of its own stack.
#[derive(Debug)]
pub struct WithStack<R, K> {
    route: R,
    kinds: PhantomData<fn() -> K>,
}

impl<R, K> WithStack<R, K> {
    pub(crate) fn new(route: R) -> Self {
        WithStack { route, kinds: PhantomData }
    }
}

impl<R: Route, K: Kinds + 'static> Route for WithStack<R, K> {
    const INFO: Info = R::INFO;

    const STACK: &'static Entries = K::ENTRIES;

    type Params = R::Params;

    #[inline]
    fn call<'a>(
        &'a self,
        req: &'a mut Request,
        res: &'a mut Response,
    ) -> impl Future<Output = Result> + Send + 'a {
        self.route.call(req, res)
    }
}
