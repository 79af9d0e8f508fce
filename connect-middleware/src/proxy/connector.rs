//! Connections to the target: TCP, and with the feature `proxy-tls` TLS.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use tower_service::Service;

use super::Proxy;

#[cfg(feature = "proxy-tls")]
pub(super) use self::tls::{Tls, new};

#[cfg(not(feature = "proxy-tls"))]
pub(super) type Connector = InTime<HttpConnector>;
#[cfg(feature = "proxy-tls")]
pub(super) type Connector = InTime<hyper_rustls::HttpsConnector<HttpConnector>>;

/// The connector, and why it will not reach the target.
#[cfg(not(feature = "proxy-tls"))]
pub(super) fn new(options: &Proxy) -> (Connector, Option<String>) {
    (InTime { inner: tcp(), limit: options.connect_timeout }, None)
}

fn tcp() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    // A target that has disappeared would otherwise keep a tunnel open.
    connector.set_keepalive(Some(Duration::from_secs(60)));
    connector
}

/// A limit for all of it: names, addresses one after the other, TLS. That of the connector is for an address.
#[derive(Debug, Clone)]
pub(super) struct InTime<C> {
    inner: C,
    limit: Duration,
}

type BoxError = Box<dyn StdError + Send + Sync>;

impl<C> Service<Uri> for InTime<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = BoxError;
    // A box for each connection, since the client needs a future that may be moved.
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(ready!(self.inner.poll_ready(cx)).map_err(Into::into))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let (connecting, limit) = (self.inner.call(target), self.limit);
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(late) => Err(io::Error::new(io::ErrorKind::TimedOut, late).into()),
            }
        })
    }
}

#[cfg(feature = "proxy-tls")]
mod tls {
    use std::sync::Arc;

    use http::uri::Scheme;
    use hyper_rustls::{ConfigBuilderExt, HttpsConnector};
    use rustls::crypto::ring;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use rustls::{ClientConfig, RootCertStore};

    use super::{Connector, InTime, Proxy};

    /// Which certificates are trusted.
    pub(in crate::proxy) enum Tls {
        /// Those that the system trusts.
        System,
        Roots(RootCertStore),
        Config(Arc<ClientConfig>),
    }

    impl Tls {
        /// Trusts the certificates in PEM.
        pub(in crate::proxy) fn trusting(pem: &[u8]) -> Result<Self, String> {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|err| format!("this is not PEM: {err}"))?;
                roots.add(certificate).map_err(|err| format!("a certificate cannot be used: {err}"))?;
            }
            if roots.is_empty() {
                Err("there is no certificate in it".to_owned())
            } else {
                Ok(Tls::Roots(roots))
            }
        }

        /// The configuration, and why nothing is trusted by it.
        fn config(&self) -> (Arc<ClientConfig>, Option<String>) {
            let builder = || {
                let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
                builder.with_safe_default_protocol_versions().expect("ring has TLS 1.2 and 1.3")
            };
            let trusting = |roots| Arc::new(builder().with_root_certificates(roots).with_no_client_auth());
            match self {
                Tls::Config(config) => (Arc::clone(config), None),
                Tls::Roots(roots) => (trusting(roots.clone()), None),
                Tls::System => match builder().with_native_roots() {
                    Ok(builder) => (Arc::new(builder.with_no_client_auth()), None),
                    Err(err) => (trusting(RootCertStore::empty()), Some(format!("{NO_ROOTS}: {err}"))),
                },
            }
        }
    }

    const NO_ROOTS: &str = "the proxy cannot trust its target, as the system has no certificates of authorities: install them (in Debian \
                            the package `ca-certificates`), or name yours with `trust_certificates`";

    /// The connector, and why it will not reach the target.
    pub(in crate::proxy) fn new(options: &Proxy) -> (Connector, Option<String>) {
        let mut tcp = super::tcp();
        tcp.enforce_http(false);
        // The certificates of the system are read from files: not for a target that has none.
        let nothing = Tls::Roots(RootCertStore::empty());
        let tls = if options.target.scheme == Scheme::HTTPS { &options.tls } else { &nothing };
        let (config, fault) = tls.config();
        let inner = HttpsConnector::from((tcp, config));
        (InTime { inner, limit: options.connect_timeout }, fault)
    }
}
