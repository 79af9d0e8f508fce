//! TLS with rustls.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{CipherSuite, ProtocolVersion, ServerConfig, ServerConnection};

use crate::connection::TlsInfo;

/// A certificate chain and its key, for [`Server::tls`](crate::Server::tls).
///
/// The server speaks TLS 1.2 and 1.3, and HTTP/2 if the feature `http2` is on and the client selects it by ALPN. Clones
/// share the certificate: after one clone is [reloaded](Tls::reload), the server uses the new certificate.
///
/// ```no_run
/// use connect::{app, get, Tls};
///
/// #[get("/")]
/// fn index() -> &'static str {
///     "hello"
/// }
///
/// # async fn serve() -> std::io::Result<()> {
/// let tls = Tls::pem_files("cert.pem", "key.pem")?;
/// app![index].server().listen("0.0.0.0:443").tls(tls).run().await
/// # }
/// ```
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    /// The paths of the certificate and the key, if they came from files.
    files: Option<(PathBuf, PathBuf)>,
    /// Read for each connection, replaced by each reload.
    acceptor: RwLock<TlsAcceptor>,
}

impl Tls {
    /// Reads a certificate chain, the server's own certificate first, and its key from files in PEM.
    ///
    /// # Errors
    /// If a file cannot be read or does not contain a certificate or key in PEM, or if the key does not match the
    /// certificate. The error names the file.
    pub fn pem_files(certificates: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<Self> {
        let files = (certificates.as_ref().to_owned(), key.as_ref().to_owned());
        let config = read(&files)?;
        Ok(Self::new(config, Some(files)))
    }

    /// Reads a certificate chain and its key in PEM from memory, as [`pem_files`](Tls::pem_files) does from files.
    ///
    /// # Errors
    /// If they are not a certificate and a key in PEM, or if the key does not match the certificate.
    pub fn pem(certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> io::Result<Self> {
        let config = parse(certificates.as_ref(), key.as_ref(), "the certificates", "the key")?;
        Ok(Self::new(config, None))
    }

    /// Uses your own rustls configuration, for example for client certificates or for several host names.
    ///
    /// If it names no ALPN protocol, it gets those that the server speaks.
    #[must_use]
    pub fn from_config(config: ServerConfig) -> Self {
        Self::new(config, None)
    }

    fn new(config: ServerConfig, files: Option<(PathBuf, PathBuf)>) -> Self {
        Tls(Arc::new(Inner { files, acceptor: RwLock::new(acceptor(config)) }))
    }

    /// Reloads the files, for new connections: certificates can be replaced without a restart.
    ///
    /// ```no_run
    /// # use connect::Tls;
    /// # async fn renew(tls: Tls) -> std::io::Result<()> {
    /// use tokio::signal::unix::{SignalKind, signal};
    ///
    /// let mut hangup = signal(SignalKind::hangup())?;
    /// tokio::spawn(async move {
    ///     while hangup.recv().await.is_some() {
    ///         if let Err(err) = tls.reload() {
    ///             eprintln!("{err}");
    ///         }
    ///     }
    /// });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`pem_files`](Tls::pem_files), and if the certificate did not come from files: then use
    /// [`replace`](Tls::replace). After an error the server continues with the certificate that it has.
    pub fn reload(&self) -> io::Result<()> {
        let Some(files) = &self.0.files else {
            let why = "this certificate did not come from files and cannot be reloaded: use `replace`";
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        };
        self.replace(read(files)?);
        Ok(())
    }

    /// Replaces the configuration, for new connections.
    pub fn replace(&self, config: ServerConfig) {
        *self.0.acceptor.write().unwrap_or_else(PoisonError::into_inner) = acceptor(config);
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.0.acceptor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a handshake agreed on.
pub(super) fn info(agreed: &ServerConnection) -> TlsInfo {
    let version = match agreed.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLSv1.3",
    };
    let suite = agreed.negotiated_cipher_suite().map(|suite| suite.suite());
    let cipher_suite = match suite {
        // rustls says `TLS13_`.
        Some(CipherSuite::TLS13_AES_128_GCM_SHA256) => "TLS_AES_128_GCM_SHA256",
        Some(CipherSuite::TLS13_AES_256_GCM_SHA384) => "TLS_AES_256_GCM_SHA384",
        Some(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256) => "TLS_CHACHA20_POLY1305_SHA256",
        Some(suite) => suite.as_str().unwrap_or_default(),
        None => "",
    };
    let certificates = agreed.peer_certificates().unwrap_or_default();
    TlsInfo {
        version,
        cipher_suite,
        alpn: agreed.alpn_protocol().map(Into::into),
        server_name: agreed.server_name().map(Into::into),
        client_certificates: certificates.iter().map(|certificate| certificate.as_ref().into()).collect(),
    }
}

fn acceptor(mut config: ServerConfig) -> TlsAcceptor {
    if config.alpn_protocols.is_empty() {
        #[cfg(feature = "http2")]
        config.alpn_protocols.push(b"h2".to_vec());
        config.alpn_protocols.push(b"http/1.1".to_vec());
    }
    TlsAcceptor::from(Arc::new(config))
}

fn read((certificates, key): &(PathBuf, PathBuf)) -> io::Result<ServerConfig> {
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|err| io::Error::new(err.kind(), format!("cannot read {}: {err}", path.display())))
    };
    let names = (certificates.display().to_string(), key.display().to_string());
    parse(&read(certificates)?, &read(key)?, &names.0, &names.1)
}

fn parse(certificates: &[u8], key: &[u8], their_name: &str, its_name: &str) -> io::Result<ServerConfig> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<_, _>>()
        .map_err(|err| wrong(format!("{their_name}: not a certificate chain in PEM: {err}")))?;
    if chain.is_empty() {
        return Err(wrong(format!(
            "{their_name}: no certificate found; a PEM file has one after `-----BEGIN CERTIFICATE-----`"
        )));
    }
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|err| wrong(format!("{its_name}: not a private key in PEM: {err}")))?;
    let provider = Arc::new(ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|err| wrong(format!("{its_name} does not match {their_name}: {err}")))
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.0.files).finish_non_exhaustive()
    }
}
