//! An error of any type, in a box.

use std::error::Error;

/// What bodies, causes and reasons of errors are kept as.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
