//! The library's own table of routes. It has to be at the root of a crate, where the library has it.

#[path = "../../connect/src/route/matcher/mod.rs"]
pub(crate) mod matcher;
#[path = "../../connect/src/route/methods.rs"]
pub(crate) mod methods;
#[path = "../../connect/src/route/pattern.rs"]
pub(crate) mod pattern;
#[path = "../../connect/src/route/table/mod.rs"]
pub(crate) mod table;
