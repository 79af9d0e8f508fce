//! Routing: patterns, the table that finds a route, parameters.
//!
//! [`pattern`] and [`methods`] are data, [`matcher`] holds one pattern against a path and [`table`] many,
//! [`param`] makes values of a function's types. How routes join into one link is the business of the dispatch
//! core (`chain/routes.rs`).

pub(crate) mod decode;
pub(crate) mod info;
pub(crate) mod matcher;
pub(crate) mod method_not_allowed;
pub(crate) mod methods;
pub(crate) mod param;
pub(crate) mod pattern;
pub(crate) mod table;
pub(crate) mod url;
