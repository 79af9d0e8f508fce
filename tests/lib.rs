//! What the fuzz targets check, for the test that runs their corpora. It is here and not in that test because the
//! library's files come with tests, which would run once more.
#![allow(missing_docs, missing_debug_implementations, reason = "lints for libraries")]

#[allow(dead_code, unreachable_pub, reason = "these are the macros' files, of which a part is used")]
#[path = "../fuzz/src/parser.rs"]
mod parser;
#[path = "../fuzz/src/pattern.rs"]
pub mod pattern;
#[allow(dead_code, unreachable_pub, reason = "these are the library's files, of which a part is used")]
#[path = "../fuzz/src/route.rs"]
mod route;
#[path = "../fuzz/src/routes.rs"]
pub mod routes;
