//! Bodies that were read, or are being read: empty for a second reader, unless the content is kept.

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::{Body, Kind};
use crate::read::ParsedBody;

impl Body {
    /// A body that was read before.
    pub(crate) const fn read() -> Self {
        Body(Kind::Read)
    }

    /// The rest of a body after a reader has stopped early.
    pub(crate) fn rest(self) -> Self {
        match self.0 {
            Kind::Empty | Kind::Full(_) | Kind::Read | Kind::Kept(_) => Body(Kind::Read),
            _ => Body(Kind::Rest(Box::new(self))),
        }
    }

    /// A body that another owner reads.
    pub(crate) fn lent(owner: Arc<Mutex<Body>>) -> Self {
        Body(Kind::Lent(owner))
    }

    /// A body that was read, whose content is kept for later readers.
    pub(crate) fn kept(bytes: Bytes) -> Self {
        Body(Kind::Kept(bytes))
    }

    /// The content that was read and kept.
    pub(crate) fn as_kept(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Kept(bytes) => Some(bytes),
            Kind::Parsed(parsed) => Some(&parsed.1),
            _ => None,
        }
    }

    /// A body with its parsed value.
    pub(crate) fn with_parsed(parsed: ParsedBody, bytes: Bytes) -> Self {
        Body(Kind::Parsed(Box::new((parsed, bytes))))
    }

    /// The value that a layer has parsed from the body.
    pub(crate) fn parsed(&self) -> Option<&ParsedBody> {
        match &self.0 {
            Kind::Parsed(parsed) => Some(&parsed.0),
            _ => None,
        }
    }

    /// Whether a reader has begun to read it.
    pub(crate) fn was_read(&self) -> bool {
        matches!(self.0, Kind::Read | Kind::Kept(_) | Kind::Rest(_) | Kind::Lent(_) | Kind::Parsed(_))
    }
}
