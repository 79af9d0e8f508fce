//! The rest of a path, read eight bytes at a time.

/// The rest of a path.
#[derive(Clone, Copy)]
pub(super) struct Rest<'a> {
    pub(super) bytes: &'a [u8],
    /// The last eight bytes of the path, the last one highest, for looks that reach over its end; zeros in front of a
    /// shorter path.
    pub(super) last: u64,
}

impl<'a> Rest<'a> {
    /// All of a path.
    #[inline]
    pub(super) fn new(path: &'a str) -> Self {
        let bytes = path.as_bytes();
        let last = match bytes.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => bytes.iter().fold(0, |last, byte| last >> 8 | u64::from(*byte) << 56),
        };
        Rest { bytes, last }
    }

    /// Without so many bytes; nothing, if there are not so many.
    #[inline(always)]
    pub(super) fn skip(self, bytes: usize) -> Option<Self> {
        self.bytes.get(bytes..).map(|bytes| Rest { bytes, ..self })
    }

    /// The first eight bytes, the first one lowest, and zeros behind the end.
    #[inline(always)]
    pub(super) fn word(self) -> u64 {
        match self.bytes.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            // In two steps, since 64 at once would be too many where nothing is left.
            None => self.last >> 1 >> (63 - 8 * self.bytes.len()),
        }
    }

    /// How long the segment is that begins here, and its first word.
    #[inline(always)]
    pub(super) fn segment(self) -> (usize, u64) {
        let word = self.word();
        let slashes = slashes(word);
        if slashes != 0 {
            // Ones in front of the lowest slash.
            let mask = (slashes ^ (slashes - 1)) >> 8;
            ((slashes.trailing_zeros() / 8) as usize, word & mask)
        } else if self.bytes.len() <= 8 {
            (self.bytes.len(), word)
        } else {
            (self.long_segment(), word)
        }
    }

    /// How long a segment of at least eight bytes is.
    #[inline]
    fn long_segment(self) -> usize {
        let mut len = 8;
        while let Some(rest) = self.skip(len) {
            let slashes = slashes(rest.word());
            if slashes != 0 {
                return len + (slashes.trailing_zeros() / 8) as usize;
            }
            len += 8;
        }
        self.bytes.len()
    }

    /// The words behind the first one, in so many bytes.
    pub(super) fn more_words(self, len: usize) -> impl Iterator<Item = u64> {
        (8..len).step_by(8).map_while(move |done| Some(self.skip(done)?.word() & mask(len - done)))
    }

    /// Whether a segment may end in front of this.
    #[inline(always)]
    pub(super) fn is_behind_segment(self) -> bool {
        self.bytes.first().is_none_or(|byte| *byte == b'/')
    }
}

/// The highest bit of each byte that is a slash; behind the first slash, perhaps that of others.
#[inline(always)]
fn slashes(word: u64) -> u64 {
    let zeros = word ^ (ONES * b'/' as u64);
    zeros.wrapping_sub(ONES) & !zeros & (ONES << 7)
}

/// One in each byte.
const ONES: u64 = u64::from_ne_bytes([1; 8]);

/// In what the two cases of a letter differ, and some other bytes too.
const CASE: u64 = ONES * 0x20;

/// Ones in the first bytes of a word.
#[inline]
pub(super) fn mask(bytes: usize) -> u64 {
    match bytes {
        0 => 0,
        1..8 => u64::MAX >> (64 - 8 * bytes),
        _ => u64::MAX,
    }
}

/// The first word of a text, and zeros behind it.
pub(super) fn word(text: &[u8]) -> u64 {
    let mut word = [0; 8];
    let len = text.len().min(8);
    word[..len].copy_from_slice(&text[..len]);
    u64::from_le_bytes(word)
}

/// Nothing but zeros if words may be the same, whatever the case of letters.
#[inline]
pub(super) fn different(a: u64, b: u64) -> u64 {
    (a ^ b) & !CASE
}

/// Whether words are the same if the case of letters does not count.
#[cold]
pub(super) fn same_but_for_case(a: u64, b: u64) -> bool {
    different(a, b) == 0 && a.to_le_bytes().eq_ignore_ascii_case(&b.to_le_bytes())
}

/// The hash of a text by its first word, without regard to the case. The highest bits are the best.
#[inline(always)]
pub(super) fn hash(word: u64) -> u64 {
    // Odd, and without a pattern in its bits.
    (word | CASE).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The same for a text that is longer than a word.
#[inline(always)]
pub(super) fn hash_long(rest: Rest<'_>, len: usize) -> u64 {
    // A slice is passed in registers; a `Rest` would have to be in memory for every segment.
    hash_words(rest.bytes, rest.last, len)
}

#[inline(never)]
fn hash_words(bytes: &[u8], last: u64, len: usize) -> u64 {
    let rest = Rest { bytes, last };
    rest.more_words(len).fold(hash(rest.word()), |first, word| hash(word ^ first.rotate_left(32)))
}
