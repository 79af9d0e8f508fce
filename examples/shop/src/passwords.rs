//! Hashes of passwords, and random secrets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::{Error, Result};
use garde::Validate;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

/// How many hashes are computed at the same time. Each takes a core and 19 MiB.
const CONCURRENT: usize = 2;

/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// A password that a client has sent. It does not appear in what is logged.
#[derive(Clone, Deserialize, Validate)]
#[garde(transparent)]
pub struct Password(#[garde(length(chars, min = 10, max = 200))] String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Password(text.to_owned())
    }
}

/// Computes hashes of passwords, with Argon2id, and compares them. Clones share the limit.
#[derive(Debug, Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// Of no password: what is compared for an address without an account, which then takes as long as one with an account.
    decoy: Arc<str>,
}

impl Passwords {
    /// With the parameters that the crate recommends.
    ///
    /// # Errors
    /// If there are no random numbers.
    pub fn new() -> Result<Self> {
        Passwords::with(Params::default())
    }

    /// With other parameters: cheap ones for tests.
    ///
    /// # Errors
    /// If there are no random numbers.
    pub fn with(params: Params) -> Result<Self> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, secret()?.as_bytes())?.into();
        Ok(Passwords { argon2, permits: Arc::new(Semaphore::new(CONCURRENT)), decoy })
    }

    /// The hash of a password.
    ///
    /// # Errors
    /// Status 503 if too many others are being computed.
    pub async fn hash(&self, password: Password) -> Result<String> {
        let argon2 = self.argon2.clone();
        self.compute(move || hash(&argon2, password.0.as_bytes())).await
    }

    /// Whether a password has this hash; `false` for none.
    ///
    /// # Errors
    /// Status 503 if too many others are being computed.
    pub async fn verify(&self, password: Password, expected: Option<String>) -> Result<bool> {
        let (argon2, decoy) = (self.argon2.clone(), Arc::clone(&self.decoy));
        self.compute(move || {
            let text = expected.as_deref().unwrap_or(&decoy);
            let is_right = argon2.verify_password(password.0.as_bytes(), &PasswordHash::new(text)?).is_ok();
            Ok(is_right && expected.is_some())
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        let Ok(permit) = turn.await else {
            return Err(Error::new(503, "too many sign-ins at once").with_header("retry-after", "5"));
        };
        let permit = permit?;
        let work = move || {
            // Kept until the hash is computed, also where the client has left.
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await?
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String> {
    Ok(argon2.hash_password(password)?.to_string())
}

/// A secret of 256 random bits.
///
/// # Errors
/// If there are no random numbers.
pub fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What the database has of a secret. A random one needs no slow hash.
#[must_use]
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}
