//! The shop, as browsers and programs use it.
#![allow(missing_docs, reason = "tests")]

mod accounts;
mod admin;
mod api;
mod live;
mod operation;
mod orders;
mod pages;
mod support;
