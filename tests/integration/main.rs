//! What the library promises, one behaviour a test; a module for each part.

mod chain;
mod errors;
mod faults;
mod hygiene;
mod macros;
mod mounts;
mod server;
mod service;
mod support;
