//! The three things that are measured.

pub(crate) mod allocations;
pub(crate) mod instructions;
pub(crate) mod time;
