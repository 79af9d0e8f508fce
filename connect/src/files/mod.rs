//! Files as responses: a single one ([`SendFile`]), those of a folder ([`ServeStatic`]), or one in memory ([`SendBytes`]).

mod body;
mod bytes;
mod cache;
mod coding;
mod content;
mod hashed;
mod open;
mod options;
mod parts;
mod path;
mod plan;
pub(crate) mod send;
mod serve;
mod windows;

pub use self::bytes::SendBytes;
pub use self::coding::Coding;
pub use self::hashed::is_hashed_name;
pub use self::path::Dotfiles;
pub use self::send::SendFile;
pub use self::serve::{ServeStatic, serve_static};
