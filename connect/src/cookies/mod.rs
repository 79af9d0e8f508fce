//! Cookies.

mod attributes;
mod keys;
mod read;
mod secrets;
mod set;

pub use self::keys::CookieKeys;
pub use self::read::Cookies;
pub use self::secrets::CookieSecrets;
