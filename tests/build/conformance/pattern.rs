//! The macros' parser of patterns, to know which of the recorded ones compile.
#![allow(dead_code, reason = "these are the macros' files, of which a part is used")]

#[path = "../../../connect-macros/src/pattern/check.rs"]
pub(crate) mod check;
#[path = "../../../connect-macros/src/pattern/encoded.rs"]
mod encoded;
#[path = "../../../connect-macros/src/pattern/fault.rs"]
mod fault;
#[path = "../../../connect-macros/src/pattern/parse.rs"]
mod parse;
#[path = "../../../connect-macros/src/pattern/reserved.rs"]
mod reserved;
#[path = "../../../connect-macros/src/pattern/variants.rs"]
mod variants;
