//! What layers may know of a connection.

use std::net::SocketAddr;

/// A connection of the app's own server: see [`Request::connection_info`](crate::Request::connection_info).
///
/// All requests of a connection share one. The version of HTTP is that of the request,
/// [`req.version()`](crate::Request::version).
#[derive(Debug)]
pub struct ConnectionInfo {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) local: Option<SocketAddr>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<TlsInfo>,
}

impl ConnectionInfo {
    /// The address of the client, with the PROXY protocol the one that the balancer said; `None` for a Unix socket.
    ///
    /// [`Request::peer`](crate::Request::peer) is the same address until a layer sets another one.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The server's own address of the connection: of a server that listens at `0.0.0.0` the address that the client has
    /// connected to. `None` for a Unix socket, or if the system does not say.
    ///
    /// Behind a proxy or a balancer it is the address that this has connected to.
    #[must_use]
    pub fn local(&self) -> Option<SocketAddr> {
        self.local
    }

    /// What the TLS handshake agreed on; `None` if the connection is not encrypted.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(&self) -> Option<&TlsInfo> {
        self.tls.as_ref()
    }
}

/// What a TLS handshake agreed on: see [`ConnectionInfo::tls`].
#[cfg(feature = "tls")]
#[derive(Debug)]
pub struct TlsInfo {
    pub(crate) version: &'static str,
    pub(crate) cipher_suite: &'static str,
    pub(crate) alpn: Option<Box<[u8]>>,
    pub(crate) server_name: Option<Box<str>>,
    pub(crate) client_certificates: Box<[Box<[u8]>]>,
}

#[cfg(feature = "tls")]
impl TlsInfo {
    /// The version: `TLSv1.3` or `TLSv1.2`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version
    }

    /// The cipher suite by its IANA name, such as `TLS_AES_256_GCM_SHA384`.
    #[must_use]
    pub fn cipher_suite(&self) -> &str {
        self.cipher_suite
    }

    /// The protocol that ALPN agreed on, such as `h2`; `None` if the client did not ask.
    #[must_use]
    pub fn alpn(&self) -> Option<&[u8]> {
        self.alpn.as_deref()
    }

    /// The host name that the client asked for (SNI); `None` if it named none, as with an IP address.
    ///
    /// The `Host` of a request may differ from it.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The client's certificate chain in DER, its own certificate first; empty if it sent none.
    ///
    /// The server asks for certificates only with a configuration that does: [`Tls::from_config`](crate::Tls::from_config). Its
    /// verifier has checked the chain.
    pub fn client_certificates(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.client_certificates.iter().map(AsRef::as_ref)
    }
}
