//! Turns the recordings of Connect and Express into apps, written with the attributes and macros of the library,
//! and into the requests to send them.
//!
//! [`paths`] does the same with the tables of patterns and paths. [`recordings`] reads the files, [`sayable`] decides whether a scenario can be said in Rust, [`stack`],
//! [`handler`] and [`builtin`] say it, and [`emit`] writes the result. Every decision is made from what a scenario contains,
//! never from its name.

mod builtin;
mod differ;
mod emit;
mod error;
mod handler;
mod paths;
mod pattern;
mod reason;
mod recordings;
mod sayable;
mod stack;
mod template;

/// Reads the recordings, and writes `conformance.rs` and `paths.rs` into `OUT_DIR`.
pub(crate) fn generate() {
    let recordings = recordings::read();
    emit::write("conformance.rs", &emit::source(&recordings.scenarios));
    emit::write("paths.rs", &paths::source(&recordings.tables));
}
