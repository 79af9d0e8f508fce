//! What the library promises, one behaviour a test; a module for each part.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

mod bodies;
mod chain;
mod chained_errors;
mod cookies;
mod corpus;
mod dropped;
mod environment;
mod errors;
mod faults;
mod file_faults;
mod files;
mod forms;
mod guard_lists;
mod guards;
mod hygiene;
mod lists;
mod macros;
mod mounts;
mod multipart;
mod provide;
mod requests;
mod responses;
mod routes;
mod scopes;
mod server;
mod service;
mod streams;
mod support;
mod tower_bridge;
mod tower_layers;
mod tower_limits;
mod tower_services;
mod typed;
mod types;
mod websocket;
