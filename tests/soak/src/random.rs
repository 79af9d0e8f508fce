//! Random numbers that are the same in every run.

/// Marsaglia's xorshift, of 64 bits.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 to one less than this.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or(0) % end
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).take(count).collect()
    }

    /// So many bytes at most.
    pub(crate) fn bytes_below(&mut self, end: usize) -> Vec<u8> {
        let count = self.below(end);
        self.bytes(count)
    }

    /// A body of one of some lengths.
    pub(crate) fn body(&mut self) -> Vec<u8> {
        let count = [0, 1, 100, 10_000, 100_000][self.below(5)];
        self.bytes(count)
    }
}
