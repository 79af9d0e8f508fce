//! Values that a layer provides to the layers below it, in the request.
//!
//! [`proof`] is the part at compile time: a type that says what was provided at each place of a stack, checked against
//! what the layer there needs. [`values`] is the part at run time, a few slots in the request. [`with`] is a request
//! with its values in the type, [`ready`] a `next` that has its values, [`declared`] declares them for layers written
//! by hand, [`request`] has the methods that those call, [`state`] the layer for application state, and [`tuples`] how
//! many types there can be at once.

pub(crate) mod declared;
pub(crate) mod proof;
pub(crate) mod ready;
mod request;
pub(crate) mod state;
pub(crate) mod tuples;
pub(crate) mod values;
pub(crate) mod with;
