//! What clients and handlers do wrong, over real sockets: who is answered, who is closed, and what it costs the others. Each test
//! prints its figures: `cargo test -p connect-tests --test faults -- --nocapture --test-threads 1`.
//!
//! What has to do with a whole process, its memory and its descriptors, is for Linux alone.
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
#[allow(dead_code, reason = "of the other tests")]
#[path = "../integration/support.rs"]
mod support;
#[cfg(target_os = "linux")]
mod table;
mod tls;
#[cfg(target_os = "linux")]
mod workers;
