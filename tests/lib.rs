//! What the fuzz targets check, for the test that runs their corpora.
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

#[allow(dead_code, unreachable_pub, reason = "these are the macros' files, of which a part is used")]
#[path = "../fuzz/src/parser.rs"]
mod parser;
#[path = "../fuzz/src/pattern.rs"]
pub mod pattern;
