//! The load generator: one thread that sends prepared requests, and checks the status and the body of every response.

mod answer;
mod closed;
mod connection;
pub(crate) mod idle;
mod meter;
mod paced;
pub(crate) mod streams;

pub(crate) use self::answer::Expected;
pub(crate) use self::closed::Load;
pub(crate) use self::meter::{Counted, Span};
pub(crate) use self::paced::{Pace, quantile};
