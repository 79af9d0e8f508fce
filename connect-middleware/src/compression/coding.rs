//! The codings, and their levels.

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// Brotli: RFC 7932.
    Br,
    /// gzip: RFC 1952.
    Gzip,
    /// Zstandard: RFC 8878.
    Zstd,
}

impl Coding {
    /// The name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Coding::Br => "br",
            Coding::Gzip => "gzip",
            Coding::Zstd => "zstd",
        }
    }
}

#[derive(Debug)]
pub(super) struct Levels {
    pub(super) br: u8,
    pub(super) gzip: u8,
    pub(super) zstd: u8,
}

impl Default for Levels {
    fn default() -> Self {
        Levels { br: 4, gzip: 4, zstd: 3 }
    }
}

impl Levels {
    /// # Panics
    /// If there is no such level.
    pub(super) fn set(&mut self, coding: Coding, level: u8) {
        // Clients need not keep the windows of higher levels of Zstandard (RFC 9659).
        let (place, levels) = match coding {
            Coding::Br => (&mut self.br, 0..=11),
            Coding::Gzip => (&mut self.gzip, 1..=9),
            Coding::Zstd => (&mut self.zstd, 1..=19),
        };
        assert!(
            levels.contains(&level),
            "there is no level {level} of `{}`: write one from {} to {}",
            coding.name(),
            levels.start(),
            levels.end()
        );
        *place = level;
    }
}
