//! Keys, each for one algorithm, and what is signed with them.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::{Error, Result};
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, Header};

use super::error::JwtError;

/// A key to verify tokens with, for one algorithm, and with an id if it has one.
///
/// ```
/// use connect_middleware::jwt::{Algorithm, JwtKey};
///
/// # fn main() -> connect::Result<()> {
/// let key = JwtKey::from_secret(Algorithm::HS256, "at least 32 bytes, of the configuration")?.id("2026-11");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JwtKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The least number of bits of an RSA modulus (RFC 7518, section 3.3), in bytes.
const RSA_BYTES: usize = 2048 / 8;

impl JwtKey {
    /// A secret that is shared with the issuer, for `HS256`, `HS384` or `HS512`.
    ///
    /// # Errors
    /// If it has fewer bytes than the hash, 32, 48 and 64 (RFC 7518, section 3.2), since it can be guessed; if the algorithm is another
    /// one.
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self> {
        let secret = secret.as_ref();
        let shortest = match algorithm {
            Algorithm::HS256 => 32,
            Algorithm::HS384 => 48,
            Algorithm::HS512 => 64,
            _ => return Err(Error::msg(format!("a secret is no key for {algorithm:?}"))),
        };
        if secret.len() < shortest {
            return Err(Error::msg(format!(
                "the secret for {algorithm:?} is too short: it needs at least {shortest} random bytes"
            )));
        }
        JwtKey::new(algorithm, DecodingKey::from_secret(secret))
    }

    /// A public key in PEM, for the other algorithms.
    ///
    /// # Errors
    /// If it is no public key for the algorithm, or an RSA key of fewer than 2048 bits.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self> {
        let pem = pem.as_ref();
        let key = match algorithm.family() {
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem),
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem),
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem(pem),
            AlgorithmFamily::Hmac => {
                return Err(Error::msg(format!("{algorithm:?} takes a secret, and no key in PEM")));
            }
        };
        let unusable = || format!("the PEM is no public key for {algorithm:?}");
        JwtKey::new(algorithm, key.map_err(|err| Error::from(err).with_message(unusable()))?)
    }

    /// The keys of a JWK set (RFC 7517): what an issuer has at its `jwks_uri`, as text.
    ///
    /// Keys that are not for signatures, of unknown types and algorithms, and secrets are left out. A key without `alg` is for `ES256`,
    /// `ES384` or `EdDSA` by its curve, and for `RS256` if it is an RSA key.
    ///
    /// # Errors
    /// If it is no JWK set, or none of its keys can be used.
    pub fn from_jwks(text: &str) -> Result<Vec<Self>> {
        let set = serde_json::from_str(text).map_err(|err| Error::from(err).with_message("no JWK set"))?;
        JwtKey::from_jwk_set(&set)
    }

    /// The same, of a set that was parsed.
    ///
    /// # Errors
    /// If none of its keys can be used.
    pub fn from_jwk_set(set: &JwkSet) -> Result<Vec<Self>> {
        let keys: Vec<_> = set.keys.iter().filter_map(JwtKey::from_jwk).collect();
        if keys.is_empty() {
            return Err(Error::msg("no key of the JWK set can verify tokens"));
        }
        Ok(keys)
    }

    fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let common = &jwk.common;
        let is_for_signatures =
            common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature)
                && common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        let by_type = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => Algorithm::ES384,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            _ => return None,
        };
        let algorithm = match common.key_algorithm {
            Some(algorithm) => algorithm.try_into().ok()?,
            None => by_type,
        };
        // Of the algorithms of a type only those for RSA are several for one key.
        let fits =
            algorithm == by_type || [algorithm, by_type].map(Algorithm::family) == [AlgorithmFamily::Rsa; 2];
        let key = (is_for_signatures && fits).then(|| DecodingKey::from_jwk(jwk).ok())??;
        let key = JwtKey::new(algorithm, key).ok()?;
        Some(JwtKey { id: common.key_id.clone(), ..key })
    }

    fn new(algorithm: Algorithm, key: DecodingKey) -> Result<Self> {
        let is_short = match key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, .. } => {
                n.iter().skip_while(|byte| **byte == 0).count() < RSA_BYTES
            }
            // A key in DER is its modulus and a few bytes more.
            DecodingKeyKind::SecretOrDer(der) => {
                key.family() == AlgorithmFamily::Rsa && der.len() < RSA_BYTES
            }
        };
        if is_short {
            return Err(Error::msg("the RSA key is too short: it needs at least 2048 bits"));
        }
        // What is no such key is found here, and not by the first token.
        (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &key)?;
        Ok(JwtKey { id: None, algorithm, key })
    }

    /// Sets the id, which tokens name in their header: `kid`.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        JwtKey { id: Some(id.into()), ..self }
    }

    /// Whether a token with this header may be signed with it.
    fn may_have_signed(&self, id: Option<&str>) -> bool {
        self.id.is_none() || id.is_none() || self.id.as_deref() == id
    }

    fn has_signed(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        (DEFAULT_PROVIDER.verifier_factory)(&self.algorithm, &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

/// Shows the id and the algorithm.
impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JwtKey { id, algorithm, key: _ } = self;
        f.debug_struct("JwtKey").field("id", id).field("algorithm", algorithm).finish_non_exhaustive()
    }
}

/// The keys that tokens are verified with. Clones are the same keys: keep one to [`replace`](JwtKeys::replace) them while the app
/// runs.
///
/// With several keys an issuer can begin to sign with a new one while tokens of the old one are still valid.
///
/// ```
/// use connect_middleware::jwt::{JwtKey, JwtKeys};
///
/// # fn fetched() -> &'static str {
/// #     r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
/// # }
/// # fn main() -> connect::Result<()> {
/// let keys = JwtKeys::new(JwtKey::from_jwks(fetched())?);
/// // Later, in a task that fetches them again, with a clone of `keys`:
/// keys.replace(JwtKey::from_jwks(fetched())?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JwtKeys(Arc<RwLock<Arc<[JwtKey]>>>);

impl JwtKeys {
    /// These keys. Without any, every token is an error with status 503 until there are some.
    pub fn new(keys: impl IntoIterator<Item = JwtKey>) -> Self {
        JwtKeys(Arc::new(RwLock::new(keys.into_iter().collect())))
    }

    /// Takes other keys in place of these, for the requests that begin from now on.
    pub fn replace(&self, keys: impl IntoIterator<Item = JwtKey>) {
        let keys = keys.into_iter().collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn now(&self) -> Arc<[JwtKey]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Verifies the signature of a token, and returns its claims as they were sent.
    ///
    /// What the header says of the algorithm is compared with that of the key, and never chosen by.
    pub(super) fn verify(&self, token: &str, kind: Option<&str>) -> Result<Vec<u8>, JwtError> {
        let (message, signature) = token.rsplit_once('.').ok_or_else(|| malformed("it has no parts"))?;
        let (_, payload) = message.rsplit_once('.').ok_or_else(|| malformed("it has two parts"))?;
        let header = jsonwebtoken::decode_header(token).map_err(malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(malformed)?;
        check_header(&header, kind)?;
        let keys = self.now();
        if keys.is_empty() {
            return Err(JwtError::NoKeys);
        }
        let id = header.kid.as_deref();
        let mut named = keys.iter().filter(|key| key.may_have_signed(id)).peekable();
        if named.peek().is_none() {
            return Err(JwtError::UnknownKey { id: id.unwrap_or_default().to_owned() });
        }
        let mut fitting = named.filter(|key| key.algorithm == header.alg).peekable();
        if fitting.peek().is_none() {
            return Err(JwtError::Algorithm);
        }
        if !fitting.any(|key| key.has_signed(message.as_bytes(), &signature)) {
            return Err(JwtError::Signature);
        }
        URL_SAFE_NO_PAD.decode(payload).map_err(malformed)
    }
}

impl From<JwtKey> for JwtKeys {
    fn from(key: JwtKey) -> Self {
        JwtKeys::new([key])
    }
}

impl fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&*self.now()).finish()
    }
}

fn malformed(err: impl Into<Box<dyn StdError + Send + Sync>>) -> JwtError {
    JwtError::Malformed(err.into())
}

fn check_header(header: &Header, kind: Option<&str>) -> Result<(), JwtError> {
    if header.crit.is_some() {
        return Err(JwtError::Critical);
    }
    let Some(kind) = kind else { return Ok(()) };
    let own = header.typ.as_deref().unwrap_or_default();
    // RFC 7515, section 4.1.9.
    let own = own.strip_prefix("application/").unwrap_or(own);
    if own.eq_ignore_ascii_case(kind) { Ok(()) } else { Err(JwtError::Type) }
}
