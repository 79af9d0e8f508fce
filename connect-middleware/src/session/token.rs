//! The token that a client has, and the key that a store has of it.

use std::fmt;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::error::SessionError;

/// 256 random bits, in the cookie of a client. It is never stored.
#[derive(Clone)]
pub(super) struct Token {
    bytes: [u8; 32],
    /// Made when it is first asked for: a request that does not use its session has none.
    key: OnceLock<Key>,
}

/// The length of 32 bytes in base64 without padding.
const TEXT_LENGTH: usize = 43;

impl Token {
    fn new(bytes: [u8; 32]) -> Self {
        Token { bytes, key: OnceLock::new() }
    }

    pub(super) fn generate() -> Result<Self, SessionError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|err| SessionError::Random(err.into()))?;
        Ok(Token::new(bytes))
    }

    /// Reads what a client sent. Whether there is a session of it is known to the store alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != TEXT_LENGTH {
            return None;
        }
        // The longest that 43 characters can be; what they are not is an error and not cut off.
        let length = URL_SAFE_NO_PAD.decode_slice_unchecked(text, &mut bytes).ok()?;
        (length == bytes.len()).then(|| Token::new(bytes))
    }

    pub(super) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes)
    }

    pub(super) fn key(&self) -> Key {
        *self.key.get_or_init(|| Key(Sha256::digest(self.bytes).into()))
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// What a [`Store`](super::Store) knows a session by: the SHA-256 hash of its token.
///
/// Nobody who reads the store can make the token of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

impl Key {
    /// A key of its 32 bytes, as [`as_bytes`](Key::as_bytes) gave them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Key(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Shows the first four bytes, in hexadecimal digits.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Key({a:02x}{b:02x}{c:02x}{d:02x}..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_else_is_one() {
        let token = Token::generate().unwrap();
        let text = token.text();
        assert_eq!(Token::parse(&text), Some(token.clone()));
        assert_ne!(Token::generate().unwrap(), token);
        let short = &text[1..];
        let long = format!("{text}A");
        let padded = format!("{short}=");
        for other in ["", "x", short, &long, &padded, &"!".repeat(43), &"é".repeat(21)] {
            assert_eq!(Token::parse(other), None, "{other}");
        }
        assert!(!format!("{token:?}").contains(&text));
    }
}
