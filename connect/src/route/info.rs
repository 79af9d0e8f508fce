//! What is known of a route when it is compiled.

use super::methods::Methods;
use super::pattern::Pattern;

/// A route, but for its function.
#[doc(hidden)]
#[derive(Debug)]
pub struct Info {
    pub pattern: &'static Pattern,
    pub methods: Methods,
    /// The function's name.
    pub name: &'static str,
    pub file: &'static str,
    pub line: u32,
    /// Whether a request that it matches goes no further: it takes no `next` and has no stack of its own.
    pub closed: bool,
}
