//! A path that is looked at eight bytes at a time.

/// A path, with its last bytes ready for looks that reach over its end.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    path: &'a [u8],
    /// The last eight bytes, the last one highest; zeros in front of a shorter path.
    last: u64,
}

/// A byte in all eight places.
const fn eight_times(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

impl<'a> Window<'a> {
    #[inline]
    pub(super) fn new(path: &'a str) -> Self {
        let path = path.as_bytes();
        let last = path.last_chunk().copied().unwrap_or_else(|| {
            let mut last = [0; 8];
            last[8 - path.len()..].copy_from_slice(path);
            last
        });
        Window { path, last: u64::from_le_bytes(last) }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.path.len()
    }

    #[inline]
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.path.get(at).copied()
    }

    /// Eight bytes, the first one lowest, and zeros behind the end.
    #[inline(always)]
    pub(super) fn look(&self, at: usize) -> u64 {
        match self.path.get(at..).and_then(<[u8]>::first_chunk) {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => {
                let left = self.path.len().saturating_sub(at);
                if left == 0 { 0 } else { self.last >> (8 * (8 - left)) }
            }
        }
    }

    /// Where the next slash is, or the end.
    #[inline]
    pub(super) fn segment_end(&self, mut at: usize) -> usize {
        while at < self.path.len() {
            // A byte is zero where there is a slash; the lowest of those gets its highest bit set.
            let slashes = self.look(at) ^ eight_times(b'/');
            let found = slashes.wrapping_sub(eight_times(1)) & !slashes & eight_times(0x80);
            if found != 0 {
                return at + (found.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        self.path.len()
    }
}
