//! Files as responses: a single one ([`SendFile`]), or those of a folder ([`ServeStatic`]).

mod body;
mod open;
mod options;
mod parts;
mod path;
pub(crate) mod send;
mod serve;
mod windows;

pub use self::path::Dotfiles;
pub use self::send::SendFile;
pub use self::serve::{ServeStatic, serve_static};
