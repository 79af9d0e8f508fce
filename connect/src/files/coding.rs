//! Content codings of files that were compressed beforehand, and which of them a client prefers (RFC 9110, section 12.5.3).

use std::path::Path;

use http::HeaderMap;
use http::header::{self, HeaderValue};

/// A content coding (`Content-Encoding`) of content that was compressed beforehand.
///
/// If a client accepts several equally, the first in this order is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `br`, in files that end in `.br` (RFC 7932).
    Brotli,
    /// `zstd`, in files that end in `.zst` (RFC 8878).
    Zstd,
    /// `gzip`, in files that end in `.gz` (RFC 1952).
    Gzip,
}

impl Coding {
    pub(super) const ALL: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

    /// The extension of a file in this coding.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zst",
            Coding::Gzip => "gz",
        }
    }

    pub(super) fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
        })
    }

    fn of_name(name: &str) -> Option<Coding> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("br") {
            Some(Coding::Brotli)
        } else if is("zstd") {
            Some(Coding::Zstd)
        } else if is("gzip") || is("x-gzip") {
            Some(Coding::Gzip)
        } else {
            None
        }
    }
}

/// Whether a file is in one of the codings by its name, and so has no sidecars of its own.
pub(super) fn is_coded(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| Coding::ALL.iter().any(|coding| coding.extension() == extension))
}

/// The codings that a client prefers to none, the best one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Preferred([Option<Coding>; 3]);

impl Preferred {
    /// Those of `Accept-Encoding`: none without the header. As in `Request::accepts_encodings`, what is malformed is ignored,
    /// and no coding is the last choice if the header does not name `identity`.
    pub(super) fn of(headers: &HeaderMap) -> Preferred {
        let (mut named, mut identity, mut others) = ([None; 3], None, None);
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
        for entry in lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')) {
            let mut pieces = entry.split(';').map(str::trim);
            let name = pieces.next().unwrap_or("");
            let Some(quality) = quality(pieces) else { continue };
            let place = match Coding::of_name(name) {
                Some(coding) => &mut named[coding as usize],
                None if name == "*" => &mut others,
                None if name.eq_ignore_ascii_case("identity") => &mut identity,
                None => continue,
            };
            // Of two qualities of one name the higher one counts.
            *place = (*place).max(Some(quality));
        }
        let identity = identity.or(others).unwrap_or(0);
        let quality = |coding: Coding| named[coding as usize].or(others).unwrap_or(0);
        let mut preferred =
            Coding::ALL.map(|coding| Some(coding).filter(|&c| quality(c) > 0 && quality(c) >= identity));
        // Stable: of equal qualities the order of `ALL` decides.
        preferred.sort_by_key(|coding| std::cmp::Reverse(coding.map_or(0, quality)));
        Preferred(preferred)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Coding> {
        self.0.into_iter().flatten()
    }
}

/// The quality among the parameters of an entry, in thousandths; `None` if it is malformed.
fn quality<'a>(mut parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim_end().eq_ignore_ascii_case("q").then(|| value.trim_start())
    });
    let Some(value) = value else { return Some(1000) };
    let quality: f32 = value.parse().ok()?;
    // In this range the cast is exact enough for three digits.
    (0.0..=1.0).contains(&quality).then(|| (quality * 1000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{Coding, Preferred};

    #[test]
    fn codings_are_preferred_by_quality_and_then_by_how_well_they_compress() {
        use Coding::{Brotli, Gzip, Zstd};
        for (accepted, preferred) in [
            ("gzip, deflate, br, zstd", &[Brotli, Zstd, Gzip][..]),
            ("gzip;q=1, br;q=0.5", &[Gzip, Brotli]),
            ("x-gzip", &[Gzip]),
            ("GZIP ; Q=0.3", &[Gzip]),
            ("*", &[Brotli, Zstd, Gzip]),
            ("*;q=0.5, gzip", &[Gzip, Brotli, Zstd]),
            ("*, br;q=0", &[Zstd, Gzip]),
            ("*;q=0, gzip", &[Gzip]),
            ("gzip;q=0", &[]),
            ("gzip;q=0.5, identity", &[]),
            ("gzip;q=0.5, identity;q=0.5", &[Gzip]),
            ("gzip;q=0.5, *", &[Brotli, Zstd]),
            ("br, identity;q=0", &[Brotli]),
            ("gzip;q=2, br;q=x, zstd;q=NaN", &[]),
            ("brotli, bri", &[]),
            ("", &[]),
        ] {
            let headers = HeaderMap::from_iter([(http::header::ACCEPT_ENCODING, accepted.parse().unwrap())]);
            assert_eq!(Preferred::of(&headers).iter().collect::<Vec<_>>(), preferred, "{accepted}");
        }
        assert_eq!(Preferred::of(&HeaderMap::new()).iter().next(), None);
    }
}
