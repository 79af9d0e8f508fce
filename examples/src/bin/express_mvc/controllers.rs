//! The controllers, one module each.

pub(crate) mod main;
pub(crate) mod pet;
pub(crate) mod user;
pub(crate) mod user_pet;
