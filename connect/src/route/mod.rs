//! Routing: patterns, the table that finds a route, parameters.

pub(crate) mod matcher;
pub(crate) mod methods;
pub(crate) mod pattern;
pub(crate) mod table;
