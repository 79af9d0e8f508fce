//! A boxed error of any type.

use std::error::Error;

/// The type of the errors of bodies, and of causes.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
