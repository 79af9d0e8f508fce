//! The parameters of a request: what the patterns of its route and of the mounts around it have matched.
//!
//! They are kept in one list, as ranges of the path and not as copies. Each entry links to the one that was visible
//! before it, so what a layer sees is a chain through the list, and leaving a mount and returning changes one index.

use smallvec::SmallVec;

use crate::route::decode::{decode, is_encoded};
use crate::route::matcher::Spans;
use crate::route::param::{Given, Param, ParamError};
use crate::route::pattern::Pattern;

const NONE: u16 = u16::MAX;

#[derive(Debug)]
pub(super) struct Params {
    entries: SmallVec<[Entry; 4]>,
    /// The last visible entry.
    head: u16,
}

#[derive(Debug)]
struct Entry {
    pattern: &'static Pattern,
    /// The index among the pattern's names.
    index: u16,
    /// The head before this entry.
    before: u16,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Absent,
    /// A range of the path without anything to decode.
    Text(u32, u32),
    Path(u32, u32),
    /// Decoded; a box takes two words and not the three of a `String`.
    Owned(Box<str>),
    List(Box<[String]>),
    /// Not a parameter: a mount with this pattern begins.
    Mount,
    /// Not a parameter: a router begins that does not merge outer parameters.
    Boundary,
}

/// The position of a layer in the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    head: u16,
    len: u16,
}

impl Default for Params {
    fn default() -> Self {
        Params { entries: SmallVec::new(), head: NONE }
    }
}

impl Params {
    pub(super) fn mark(&self) -> Mark {
        // The length fits: see `push`.
        Mark { head: self.head, len: u16::try_from(self.entries.len()).unwrap_or(NONE) }
    }

    /// Returns to a mark from further inside, and drops what was added since.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.head = mark.head;
        self.entries.truncate(usize::from(mark.len));
    }

    /// Moves out to a mark, and keeps what is inside, to return to it.
    pub(super) fn out_to(&mut self, mark: Mark) {
        self.head = mark.head;
    }

    fn push(&mut self, pattern: &'static Pattern, index: usize, value: Value) {
        // No program that compiles has 65,535 mounts, boundaries and parameters around one layer.
        let at = u16::try_from(self.entries.len()).unwrap_or(NONE);
        let index = u16::try_from(index).unwrap_or(NONE);
        self.entries.push(Entry { pattern, index, before: self.head, value });
        self.head = at;
    }

    pub(super) fn push_mount(&mut self, pattern: &'static Pattern) {
        self.push(pattern, 0, Value::Mount);
    }

    pub(super) fn push_boundary(&mut self, pattern: &'static Pattern) {
        if self.head != NONE {
            self.push(pattern, 0, Value::Boundary);
        }
    }

    /// Adds what a pattern matched in `path`, which begins `offset` bytes after the start of the whole path.
    pub(super) fn push_spans(
        &mut self,
        pattern: &'static Pattern,
        path: &str,
        offset: u32,
        spans: &Spans,
    ) -> Result<(), ParamError> {
        for (index, span) in spans.iter().enumerate() {
            let value = match span {
                None => Value::Absent,
                Some(span) => {
                    let raw = path.get(span.start as usize..span.end as usize).unwrap_or("");
                    let range = (span.start + offset, span.end + offset);
                    let malformed = || ParamError::malformed(pattern.names[index], raw);
                    match (is_encoded(raw), span.splat) {
                        (false, false) => Value::Text(range.0, range.1),
                        (false, true) => Value::Path(range.0, range.1),
                        (true, false) => {
                            Value::Owned(decode(raw).ok_or_else(malformed)?.into_owned().into_boxed_str())
                        }
                        (true, true) => {
                            let list: Option<Vec<String>> =
                                raw.split('/').map(|part| Some(decode(part)?.into_owned())).collect();
                            Value::List(list.ok_or_else(malformed)?.into_boxed_slice())
                        }
                    }
                }
            };
            self.push(pattern, index, value);
        }
        Ok(())
    }

    /// Copies values out of a path that is about to be replaced.
    #[cold]
    pub(super) fn detach(&mut self, path: &str) {
        let text = |start: u32, end: u32| path.get(start as usize..end as usize).unwrap_or("");
        for entry in &mut self.entries {
            match entry.value {
                Value::Text(start, end) => entry.value = Value::Owned(text(start, end).into()),
                Value::Path(start, end) => {
                    entry.value = Value::List(text(start, end).split('/').map(str::to_owned).collect());
                }
                _ => {}
            }
        }
    }

    /// All entries from the head on, ignoring boundaries.
    fn all(&self) -> impl Iterator<Item = &Entry> {
        let mut at = self.head;
        std::iter::from_fn(move || {
            let entry = self.entries.get(usize::from(at))?;
            at = entry.before;
            Some(entry)
        })
    }

    /// The visible parameters, the innermost first.
    pub(super) fn visible<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Param<'a>> {
        self.all()
            .take_while(|entry| !matches!(entry.value, Value::Boundary))
            .filter(|entry| !matches!(entry.value, Value::Mount))
            .map(move |entry| entry.param(path))
    }

    /// The parameter with this index of the innermost pattern.
    #[inline]
    pub(super) fn nth<'a>(&'a self, path: &'a str, index: usize) -> Option<Param<'a>> {
        let last = self.entries.get(usize::from(self.head))?;
        let at = usize::from(self.head).checked_sub(usize::from(last.index))? + index;
        let entry = self.entries.get(at)?;
        (usize::from(entry.index) == index).then(|| entry.param(path))
    }

    /// The patterns of the mounts around, the outermost last.
    pub(super) fn mounts(&self) -> impl Iterator<Item = &'static Pattern> {
        self.all().filter(|entry| matches!(entry.value, Value::Mount)).map(|entry| entry.pattern)
    }
}

impl Entry {
    fn param<'a>(&'a self, path: &'a str) -> Param<'a> {
        let text = |start: u32, end: u32| path.get(start as usize..end as usize).unwrap_or("");
        let value = match &self.value {
            Value::Absent | Value::Mount | Value::Boundary => Given::Absent,
            Value::Text(start, end) => Given::One(text(*start, *end)),
            Value::Path(start, end) => Given::Path(text(*start, *end)),
            Value::Owned(text) => Given::One(text),
            Value::List(list) => Given::List(list),
        };
        let name = self.pattern.names.get(usize::from(self.index)).copied().unwrap_or("");
        Param { name, value }
    }
}

/// An owned copy of a parameter, for a route that also takes the request by `&mut`.
#[doc(hidden)]
#[derive(Debug)]
pub struct OwnedParam {
    name: &'static str,
    value: OwnedValue,
}

#[derive(Debug)]
enum OwnedValue {
    Absent,
    One(String),
    List(Vec<String>),
}

impl OwnedParam {
    pub(crate) fn new(param: Param<'_>) -> Self {
        let value = match param.value {
            Given::Absent => OwnedValue::Absent,
            Given::One(text) => OwnedValue::One(text.to_owned()),
            Given::Path(path) => OwnedValue::List(path.split('/').map(str::to_owned).collect()),
            Given::List(list) => OwnedValue::List(list.to_vec()),
        };
        OwnedParam { name: param.name, value }
    }

    pub(crate) fn param(&self) -> Param<'_> {
        let value = match &self.value {
            OwnedValue::Absent => Given::Absent,
            OwnedValue::One(text) => Given::One(text),
            OwnedValue::List(list) => Given::List(list),
        };
        Param { name: self.name, value }
    }
}
