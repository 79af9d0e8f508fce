//! Sessions, as browsers with several tabs use them.
#![cfg(feature = "session")]

mod concurrent;
mod cookie;
mod failures;
mod lifetime;
#[path = "../support/log.rs"]
mod log;
mod login;
mod probe;
mod response;
mod routes;
