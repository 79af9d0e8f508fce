//! The bound for addresses that a server can listen on.

/// An address to bind: both traits, of the standard library and of tokio, in one, for the sake of its error message. `Debug` is how
/// the error for an address that cannot be bound names it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an address to listen on",
    label = "write host and port: `\"127.0.0.1:3000\"`, `(\"127.0.0.1\", port)`, or `\"0.0.0.0:3000\"` for all of IPv4"
)]
pub trait Address: std::net::ToSocketAddrs + tokio::net::ToSocketAddrs + std::fmt::Debug {}

#[diagnostic::do_not_recommend]
impl<A: std::net::ToSocketAddrs + tokio::net::ToSocketAddrs + std::fmt::Debug> Address for A {}
