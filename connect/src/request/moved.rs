//! Guards that take a request into a mount, a route or out of one, and put back what they changed when they are
//! dropped, also when the future that holds them is.

use super::{Request, params, target};
use crate::provide::values;
use crate::route::methods::Allowed;
use crate::route::pattern::Pattern;

/// Where a layer stands: how much of the path is stripped there, what parameters and values it sees, in which router it
/// is, how much of a body is read. Kept to go back to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    target: target::Mark,
    params: params::Mark,
    values: values::Mark,
    body_limit: usize,
    scope: u16,
}

/// The request while it is elsewhere.
pub(crate) struct Moved<'a> {
    pub(crate) req: &'a mut Request,
    before: Mark,
    /// Whether there is a scope between here and there: a router, an app, a route. What is provided and set in one
    /// counts in it. A list or a path is none.
    leaves_scope: bool,
}

impl Request {
    /// Where the request is.
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
    /// Nowhere else yet: what is added from here on goes when the guard does.
    #[inline]
    pub(crate) fn here(req: &'a mut Request) -> Self {
        Moved::since(req.mark(), req)
    }

    /// What was added since the mark goes when the guard does.
    #[inline]
    pub(crate) fn since(before: Mark, req: &'a mut Request) -> Self {
        Moved { req, before, leaves_scope: false }
    }

    /// Into a route, which is a scope.
    #[inline]
    pub(crate) fn into_route(req: &'a mut Request) -> Self {
        Moved { before: req.mark(), req, leaves_scope: true }
    }

    /// Into a mount that covers `len` bytes of the path.
    #[cfg(test)]
    pub(crate) fn into(req: &'a mut Request, len: usize) -> Self {
        let moved = Moved::here(req);
        moved.req.target.strip(len);
        moved
    }

    /// Further into the mount whose parameters were added.
    pub(crate) fn deeper(self, len: usize) -> Self {
        self.req.target.strip(len);
        self
    }

    /// Into a router: its routes' methods count apart, and it sees the parameters outside only if it merges them.
    pub(crate) fn enter_scope(&mut self, merge: bool) {
        self.leaves_scope = true;
        const NOTHING: Pattern = Pattern { text: "", names: &[], variants: &[] };
        if !merge {
            self.req.params.push_wall(&NOTHING);
        }
        self.req.allowed.push(Allowed::default());
        self.req.scope = u16::try_from(self.req.allowed.len() - 1).unwrap_or(self.req.scope);
    }

    /// Out to a mark, to what follows there; `leaves_scope` if it is out of a scope.
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
                // For `method_not_allowed`, which may stand below the router.
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
