//! What is in the cookie.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::Result;
use sha2::{Digest, Sha256};

use super::error::RememberError;
use crate::session::Key;

/// 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret([u8; 32]);

/// The length of 32 bytes in base64 without padding.
const TEXT_LENGTH: usize = 43;

impl Secret {
    pub(super) fn generate() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|err| RememberError::Random(err.into()).into_error())?;
        Ok(Secret(bytes))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != TEXT_LENGTH {
            return None;
        }
        let length = URL_SAFE_NO_PAD.decode_slice_unchecked(text, &mut bytes).ok()?;
        (length == bytes.len()).then_some(Secret(bytes))
    }

    /// What the store knows it by.
    pub(super) fn hash(&self) -> Key {
        Key::from_bytes(Sha256::digest(self.0).into())
    }
}

/// The value of a cookie: `series:token`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) series: Secret,
    pub(super) token: Secret,
}

impl Ticket {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (series, token) = text.split_once(':')?;
        Some(Ticket { series: Secret::parse(series)?, token: Secret::parse(token)? })
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(2 * TEXT_LENGTH + 1);
        URL_SAFE_NO_PAD.encode_string(self.series.0, &mut text);
        text.push(':');
        URL_SAFE_NO_PAD.encode_string(self.token.0, &mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Ticket};

    #[test]
    fn a_ticket_is_read_as_it_was_written_and_nothing_else_is_one() {
        let ticket = Ticket { series: Secret::generate().unwrap(), token: Secret::generate().unwrap() };
        let text = ticket.text();
        assert!(Ticket::parse(&text).is_some_and(|read| read == ticket));
        let (series, token) = text.split_once(':').unwrap();
        assert_ne!(series, token);
        let (long, short) = (format!("{text}A"), &text[..text.len() - 1]);
        let (none, swapped) = (format!("{series}{token}"), format!("{series}:{}", "!".repeat(43)));
        for other in ["", ":", series, &long, short, &none, &swapped, &"é".repeat(43)] {
            assert!(Ticket::parse(other).is_none(), "{other}");
        }
    }
}
