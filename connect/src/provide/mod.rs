//! Needs and provides: values that a layer puts on the request for those below it.
//!
//! [`proof`] is the part that the compiler does: a type that says what was provided at each place of a stack, held
//! against what the layer there needs. [`values`] is the part at run time, a few slots in the request. [`with`]
//! is a request of which the compiler knows what is in it, [`ready`] a `next` that has its values, [`declared`]
//! the way to say it for layers written by hand, [`request`] what those call, [`state`] the layer for what is there
//! from the start, and [`tuples`] how many types there can be at once.

pub(crate) mod declared;
pub(crate) mod proof;
pub(crate) mod ready;
mod request;
pub(crate) mod state;
pub(crate) mod tuples;
pub(crate) mod values;
pub(crate) mod with;
