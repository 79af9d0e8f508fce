//! The shop, as browsers and programs use it.
mod accounts;
mod admin;
mod api;
mod client;
mod live;
mod operation;
mod orders;
mod support;
