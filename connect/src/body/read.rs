//! Bodies that somebody has read, or is reading: they are nothing for a second reader.

use std::sync::{Arc, Mutex};

use super::{Body, Kind};
use crate::read::ParsedBody;

impl Body {
    /// A body that was read before.
    pub(crate) const fn read() -> Self {
        Body(Kind::Read)
    }

    /// The rest of a body that a reader gave up.
    pub(crate) fn rest(self) -> Self {
        match self.0 {
            Kind::Empty | Kind::Full(_) | Kind::Read => Body(Kind::Read),
            _ => Body(Kind::Rest(Box::new(self))),
        }
    }

    /// A body that another owner reads.
    pub(crate) fn lent(owner: Arc<Mutex<Body>>) -> Self {
        Body(Kind::Lent(owner))
    }

    /// What a layer made of a body.
    pub(crate) fn with_parsed(parsed: ParsedBody) -> Self {
        Body(Kind::Parsed(Box::new(parsed)))
    }

    /// What a layer made of it.
    pub(crate) fn parsed(&self) -> Option<&ParsedBody> {
        match &self.0 {
            Kind::Parsed(parsed) => Some(parsed),
            _ => None,
        }
    }

    /// Whether somebody has read it, or tried to.
    pub(crate) fn was_read(&self) -> bool {
        matches!(self.0, Kind::Read | Kind::Rest(_) | Kind::Lent(_) | Kind::Parsed(_))
    }
}
