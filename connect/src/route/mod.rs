//! Routing: patterns, the table that finds a route, parameters.
//!
//! [`pattern`] and [`methods`] are data, [`matcher`] matches one pattern against a path and [`table`] many, [`param`]
//! converts parameters into a function's types. `chain/routes.rs` joins routes into one link.

pub(crate) mod decode;
pub(crate) mod info;
pub(crate) mod matcher;
pub(crate) mod method_not_allowed;
pub(crate) mod methods;
pub(crate) mod param;
pub(crate) mod pattern;
pub(crate) mod table;
pub(crate) mod url;
