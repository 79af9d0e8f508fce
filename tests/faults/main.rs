//! What clients and handlers do wrong, over real sockets: who is answered, who is closed, and what it costs the others. Each test
//! prints its figures: `cargo test -p connect-tests --test faults -- --nocapture --test-threads 1`.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

mod app;
mod child;
mod descriptors;
mod http2;
mod panics;
mod process;
mod shutdown;
mod slow;
mod smuggling;
#[allow(dead_code, reason = "of the other tests")]
#[path = "../integration/support.rs"]
mod support;
mod tls;
mod workers;
