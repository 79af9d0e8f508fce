//! Turns the recordings of Connect and Express into apps, written with the attributes and macros of the library,
//! and into the requests to send them.
//!
//! [`recordings`] reads the files, [`translate`] decides whether a scenario can be written in Rust, [`stack`] and [`handler`]
//! write it, with [`response`], [`builtin`] and [`static_files`] for what comes with Express, and [`emit`] writes the result. [`paths`] does the
//! same with the tables of patterns and paths. Every decision is made from what a scenario contains, never from its
//! name.

mod builtin;
mod differ;
mod emit;
mod error;
mod handler;
mod paths;
mod pattern;
mod reason;
mod recordings;
mod response;
mod stack;
mod static_files;
mod template;
mod translate;

/// Reads the recordings, and writes `conformance.rs` and `paths.rs` into `OUT_DIR`.
pub(crate) fn generate() {
    let recordings = recordings::read();
    emit::write("conformance.rs", &emit::source(&recordings.scenarios, &recordings.folder));
    emit::write("paths.rs", &paths::source(&recordings.tables));
}
