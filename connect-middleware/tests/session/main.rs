//! Sessions, as browsers with several tabs use them.
#![cfg(feature = "session")]

mod concurrent;
mod cookie;
mod failures;
mod lifetime;
mod login;
mod probe;
mod response;
mod routes;
mod warnings;
