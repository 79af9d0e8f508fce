//! Where responses are kept.

use std::time::Duration;

use connect::bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Keeps responses under the keys of their requests. Each method is atomic, also between processes.
pub trait Store: Send + Sync + 'static {
    /// Begins a request under a key, if there is none that has the key and is not older than its lifetime.
    fn begin(
        &self,
        key: &Digest,
        request: &Digest,
        lifetime: Duration,
    ) -> impl Future<Output = Result<Begun, StoreError>> + Send;

    /// Ends this request, if it is the one that is running under the key: with a response, or with none if it has one that cannot be
    /// kept.
    fn finish(
        &self,
        key: &Digest,
        request: &Digest,
        response: Option<StoredResponse>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends this request, if it is the one that is running under the key, as if there had been none.
    fn release(&self, key: &Digest, request: &Digest) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// This request was dropped while it was running, as when its client leaves: it may have done something, and so the key stays
    /// until its lifetime ends. A store that is full may remove it before. It must not block. By default nothing.
    fn dropped(&self, key: &Digest, request: &Digest) {
        let _ = (key, request);
    }
}

/// Why a store failed.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// A SHA-256 hash: of a key with its scope, or of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// A hash of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Digest(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a store knows of a key when a request begins.
#[derive(Debug, Clone)]
pub enum Begun {
    /// Nothing: from now on the request is running.
    New,
    /// The same request is running, or was dropped before it was done.
    Running,
    /// Another request has the key.
    OtherRequest,
    /// The request is done, and this was the response.
    Finished(StoredResponse),
    /// The request is done, and the response was not kept.
    NotKept,
}

/// A response that is sent again.
#[derive(Debug, Clone)]
pub struct StoredResponse {
    /// Its status.
    pub status: StatusCode,
    /// The headers that the layers below have set.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}
