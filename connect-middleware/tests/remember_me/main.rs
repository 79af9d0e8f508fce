//! Remembered browsers, as they come back after their session has ended.
#![cfg(feature = "remember-me")]

mod forget;
#[path = "../support/log.rs"]
mod log;
mod routes;
mod sign_in;
mod site;
mod stores;
mod theft;
