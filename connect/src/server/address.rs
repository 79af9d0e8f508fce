//! What one can listen at.

/// An address, by the traits of the standard library and of tokio: for their message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an address to listen at",
    label = "write host and port: `\"127.0.0.1:3000\"`, `(\"127.0.0.1\", port)`, or `\"0.0.0.0:3000\"` for all of IPv4"
)]
pub trait Address: std::net::ToSocketAddrs + tokio::net::ToSocketAddrs {}

#[diagnostic::do_not_recommend]
impl<A: std::net::ToSocketAddrs + tokio::net::ToSocketAddrs> Address for A {}
