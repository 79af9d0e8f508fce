//! Pages that are longer than the documentation of an item.

#[doc = include_str!("compiler.md")]
pub mod compiler {}

#[cfg(feature = "testing")]
#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("proof.md")]
pub mod proof {}

#[doc = include_str!("requests.md")]
pub mod requests {}

#[doc = include_str!("responses.md")]
pub mod responses {}

#[doc = include_str!("rustc.md")]
pub mod rustc {}

#[doc = include_str!("serving.md")]
pub mod serving {}
