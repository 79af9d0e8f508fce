//! Guards that move a request into or out of a mount, a router or a route, and restore it when they are dropped, also
//! with the future that holds them.

use super::{Request, params, target};
use crate::provide::values;
use crate::route::methods::Allowed;
use crate::route::pattern::Pattern;

/// The position of a layer: how much of the path is stripped, which parameters and values are visible, the router, and
/// the body limit. Kept to return to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    target: target::Mark,
    params: params::Mark,
    values: values::Mark,
    body_limit: usize,
    scope: u16,
}

/// A request that was moved to another position.
pub(crate) struct Moved<'a> {
    pub(crate) req: &'a mut Request,
    before: Mark,
    /// Whether a scope lies between the positions: a router, an app or a route, in which provided values and settings
    /// apply. A list or a path is not a scope.
    leaves_scope: bool,
}

impl Request {
    /// The current position.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            target: self.target.mark(),
            params: self.params.mark(),
            values: self.values.mark(),
            body_limit: self.body_limit,
            scope: self.scope,
        }
    }
}

impl<'a> Moved<'a> {
    /// Stays at the position: the guard removes what is added from here on.
    #[inline]
    pub(crate) fn here(req: &'a mut Request) -> Self {
        Moved::since(req.mark(), req)
    }

    /// The guard removes what was added since the mark.
    #[inline]
    pub(crate) fn since(before: Mark, req: &'a mut Request) -> Self {
        Moved { req, before, leaves_scope: false }
    }

    /// Moves into a route, which is a scope.
    #[inline]
    pub(crate) fn into_route(req: &'a mut Request) -> Self {
        Moved { before: req.mark(), req, leaves_scope: true }
    }

    /// Moves into a mount that covers `len` bytes of the path.
    #[cfg(test)]
    pub(crate) fn into(req: &'a mut Request, len: usize) -> Self {
        let moved = Moved::here(req);
        moved.req.target.strip(len);
        moved
    }

    /// Strips the path of the mount whose parameters were added.
    pub(crate) fn deeper(self, len: usize) -> Self {
        self.req.target.strip(len);
        self
    }

    /// Moves into a router: it collects its routes' methods separately, and sees outer parameters only if it merges
    /// them.
    pub(crate) fn enter_scope(&mut self, merge: bool) {
        self.leaves_scope = true;
        const NOTHING: Pattern = Pattern { text: "", names: &[], variants: &[] };
        if !merge {
            self.req.params.push_boundary(&NOTHING);
        }
        self.req.allowed.push(Allowed::default());
        self.req.scope = u16::try_from(self.req.allowed.len() - 1).unwrap_or(self.req.scope);
    }

    /// Moves out to a mark, to what follows there; `leaves_scope` if that leaves a scope.
    pub(crate) fn out(req: &'a mut Request, outside: Mark, leaves_scope: bool) -> Self {
        let before = req.mark();
        req.target.back_to(outside.target);
        if req.target.knows(outside.target) {
            if leaves_scope {
                req.values.out_to(outside.values);
                req.body_limit = outside.body_limit;
            }
            req.params.out_to(outside.params);
            if req.scope != outside.scope {
                // For `method_not_allowed`, which may be below the router.
                let inside = std::mem::take(&mut req.allowed[usize::from(req.scope)]);
                req.scope = outside.scope;
                req.allowed[usize::from(req.scope)].merge(inside);
            }
        }
        Moved { req, before, leaves_scope }
    }
}

impl Drop for Moved<'_> {
    #[inline]
    fn drop(&mut self) {
        let req = &mut *self.req;
        req.target.back_to(self.before.target);
        if req.target.knows(self.before.target) {
            req.params.back_to(self.before.params);
            req.scope = self.before.scope;
            if self.leaves_scope {
                req.values.back_to(self.before.values);
                req.body_limit = self.before.body_limit;
            }
        }
    }
}
