//! Faulty clients and handlers, over real sockets: which of them get a response, which are closed, and the cost for other clients. Each test
//! prints its figures: `cargo test -p connect-tests --test faults -- --nocapture --test-threads 1`.
//!
//! Tests of a whole process, its memory and its file descriptors, are for Linux alone.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

#[cfg(target_os = "linux")]
mod app;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod frames;
#[cfg(target_os = "linux")]
mod http2;
#[cfg(target_os = "linux")]
mod limits;
mod panics;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod shutdown;
#[cfg(target_os = "linux")]
mod slow;
mod smuggling;
#[allow(dead_code, reason = "the integration tests use more of it")]
#[path = "../integration/support.rs"]
mod support;
#[cfg(target_os = "linux")]
mod table;
mod tls;
#[cfg(target_os = "linux")]
mod workers;
