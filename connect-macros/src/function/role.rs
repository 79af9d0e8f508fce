//! Which attribute is on a function.

/// The attribute that is on a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Middleware,
    ErrorHandler,
    /// The attribute is a route's: `#[get]`.
    Route(&'static str),
}

impl Role {
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Role::Middleware => "#[middleware]",
            Role::ErrorHandler => "#[error_handler]",
            Role::Route(attribute) => attribute,
        }
    }

    /// The parameters, as a message shows them.
    pub(crate) fn signature(self) -> &'static str {
        match self {
            Role::Middleware => "(req: &mut Request, res: &mut Response, next: Next)",
            Role::ErrorHandler => "(err: Error, req: &mut Request, res: &mut Response, next: Next)",
            Role::Route(_) => "(id: u64, req: &mut Request, res: &mut Response, next: Next)",
        }
    }
}
