//! A pattern as a list of segments.

use crate::route::pattern::{Options, Part, Pattern};

/// The most segments of a pattern that are looked at.
const SEGMENTS: usize = 32;

/// A segment of a variant.
#[derive(Clone, Copy)]
pub(super) enum Segment {
    Text(&'static [u8]),
    Param,
    /// Text and parameters.
    Mixed,
    /// All that follows; `false` if it is not quite all.
    Splat(bool),
    /// Behind a mount: one slash more than the path of the mount and a slash, which a route `/` takes, too.
    Slash,
}

#[derive(Clone, Copy)]
pub(super) struct Segments {
    pub(super) all: [Segment; SEGMENTS],
    pub(super) len: usize,
    /// Whether the variant was too long.
    pub(super) over: bool,
}

impl Segments {
    pub(super) const fn push(&mut self, segment: Segment) {
        if self.len == SEGMENTS {
            self.over = true;
        } else {
            self.all[self.len] = segment;
            self.len += 1;
        }
    }

    pub(super) const NONE: Segments = Segments { all: [Segment::Param; SEGMENTS], len: 0, over: false };

    /// Of the path `/`.
    pub(super) const ROOT: Segments = {
        let mut root = Segments::NONE;
        root.push(Segment::Text(&[]));
        root
    };

    pub(super) const fn new(pattern: &Pattern, parts: &'static [Part], options: Options) -> Segments {
        let mut out = Segments::NONE;
        let mut open = false;
        let mut current: Option<Segment> = None;
        let mut p = 0;
        while p < parts.len() {
            match &parts[p] {
                Part::Text(text) => {
                    let bytes = text.as_bytes();
                    let mut from = 0;
                    let mut i = 0;
                    while i <= bytes.len() {
                        if i == bytes.len() || bytes[i] == b'/' {
                            if i > from {
                                let (_, piece) = bytes.split_at(from);
                                let (piece, _) = piece.split_at(i - from);
                                current = Some(match current {
                                    None => Segment::Text(piece),
                                    Some(Segment::Splat(_)) => Segment::Splat(false),
                                    Some(_) => Segment::Mixed,
                                });
                            }
                            if i < bytes.len() {
                                if open {
                                    out.push(match current {
                                        Some(segment) => segment,
                                        None => Segment::Text(&[]),
                                    });
                                }
                                open = true;
                                current = None;
                            }
                            from = i + 1;
                        }
                        i += 1;
                    }
                }
                Part::Param(..) => {
                    current = Some(match current {
                        None => Segment::Param,
                        Some(Segment::Splat(_)) => Segment::Splat(false),
                        Some(_) => Segment::Mixed,
                    });
                }
                Part::Splat(_, stop, or_segment) => {
                    let all = current.is_none() && stop.is_empty() && !*or_segment && p + 1 == parts.len();
                    current = Some(Segment::Splat(all));
                }
            }
            p += 1;
        }
        out.push(match current {
            Some(segment) => segment,
            None => Segment::Text(&[]),
        });
        // A path that is empty, or has an empty segment before its end: of these it is not known what they take.
        let mut i = 0;
        while i + 1 < out.len {
            out.over = out.over || matches!(out.all[i], Segment::Text([]));
            i += 1;
        }
        out.over = out.over || parts.is_empty();
        // Slashes at the end do not count.
        let text = pattern.text.as_bytes();
        let mut end = text.len();
        while !options.strict && end > 1 && text[end - 1] == b'/' {
            end -= 1;
            if out.len > 1 && matches!(out.all[out.len - 1], Segment::Text([])) {
                out.len -= 1;
            }
        }
        out
    }

    /// The segments of what stands under a mount's path. Without `strict` the path itself and the path with a slash are the
    /// same.
    pub(super) const fn below(mut self, inner: &Segments) -> Segments {
        let mut i = 0;
        while i < inner.len && !(inner.is_root() && self.len > 0) {
            self.push(inner.all[i]);
            i += 1;
        }
        self.over = self.over || inner.over;
        self
    }

    /// Those of the path `/`.
    pub(super) const fn is_root(&self) -> bool {
        self.len == 1 && matches!(self.all[0], Segment::Text([]))
    }

    /// Whether there are only texts and parameters in it, as in the path of most mounts.
    pub(super) const fn is_simple(&self) -> bool {
        let mut i = 0;
        while i < self.len {
            match self.all[i] {
                Segment::Text([]) | Segment::Mixed | Segment::Splat(_) | Segment::Slash => return false,
                Segment::Text(_) | Segment::Param => {}
            }
            i += 1;
        }
        !self.over
    }
}
