//! The macros' own parser of patterns.

#[path = "../../connect-macros/src/pattern/check.rs"]
pub(crate) mod check;
#[path = "../../connect-macros/src/pattern/encoded.rs"]
pub(crate) mod encoded;
#[path = "../../connect-macros/src/pattern/fault.rs"]
pub(crate) mod fault;
#[path = "../../connect-macros/src/pattern/parse.rs"]
pub(crate) mod parse;
#[path = "../../connect-macros/src/pattern/reserved.rs"]
pub(crate) mod reserved;
#[path = "../../connect-macros/src/pattern/variants.rs"]
pub(crate) mod variants;
