//! Names that have a hash of the content in them.

/// Returns whether a file name has a hash of the file's content in it, as bundlers write it: `app.3f9a1c2b.js`,
/// `app-3f9a1c2b.js`, `3f9a1c2b.css`, `app.3f9a1c2b.js.map`.
///
/// A hash has 8 to 64 hexadecimal digits, at least one of them a letter and at least one a number, and stands alone before
/// the extension. So a date is none, and a random hash is taken for a plain name in one of 40 cases; such a file is
/// revalidated. A UUID is not a hash. Hashes with other letters, as in Vite's `index-DiwrgTda.js`, cannot be told from
/// words: keep those files in a folder of their own, with [`immutable`](crate::ServeStatic::immutable).
///
/// ```
/// use connect::is_hashed_name;
///
/// assert!(is_hashed_name("app.3f9a1c2b.js"));
/// assert!(!is_hashed_name("report-20261123.pdf"));
/// ```
#[must_use]
pub fn is_hashed_name(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let stem = match stem.rsplit_once('.') {
        // A map lies beside the script or style that it is of.
        Some((stem, "js" | "css" | "mjs")) if extension == "map" => stem,
        _ => stem,
    };
    let piece = stem.rsplit(['.', '-', '_']).next().unwrap_or(stem);
    let (mut letters, mut digits) = (0, 0);
    for byte in piece.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'f' | b'A'..=b'F' => letters += 1,
            _ => return false,
        }
    }
    letters > 0 && digits > 0 && (8..=64).contains(&(letters + digits)) && !ends_with_uuid(stem)
}

/// Whether text ends with a UUID: 36 bytes, with hyphens between its five pieces.
fn ends_with_uuid(stem: &str) -> bool {
    let Some(start) = stem.len().checked_sub(36) else { return false };
    stem.as_bytes()[start..].iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::is_hashed_name;

    #[test]
    fn a_hash_before_the_extension_makes_a_hashed_name() {
        for name in [
            "app.3f9a1c2b.js",
            "app-3F9A1C2B.js",
            "chunk_0123456789abcdef0123.css",
            "3f9a1c2b.js",
            "app.3f9a1c2b.js.map",
            "logo.a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90.svg",
        ] {
            assert!(is_hashed_name(name), "{name}");
        }
        for name in [
            "app.js",
            "3f9a1c2b",
            "app.3f9a1c2.js",
            "app.3f9a1c2g.js",
            "report-20261123.pdf",
            "defaced-facade.txt",
            "app.3f9a1c2b.min.js",
            "550e8400-e29b-41d4-a716-44665544000a.png",
            "me-550e8400-e29b-41d4-a716-44665544000a.png",
            ".3f9a1c2b",
            "",
            "é-3f9a1c2b-ü.js",
        ] {
            assert!(!is_hashed_name(name), "{name}");
        }
    }
}
