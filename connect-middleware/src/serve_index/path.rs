//! The folder that the path of a request names.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// Why a path is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It contains a NUL, or is not text.
    Malformed,
    /// It leads out of the folder.
    Forbidden,
    /// It names no folder that is listed.
    None,
}

/// The folder, and the decoded names of the path to it.
///
/// The rules are those of `serve_static`: a path is decoded once and not resolved, so each folder has exactly one path, and
/// a guard on that path sees every request for it.
pub(super) fn within(root: &Path, path: &str, hidden: bool) -> Result<(PathBuf, Vec<String>), Refused> {
    let mut folder = root.to_owned();
    let mut names = Vec::new();
    let bare = path.strip_prefix('/').unwrap_or(path);
    // The rest of `//` is an empty segment of its own.
    let bare = if bare == "/" { bare } else { bare.strip_suffix('/').unwrap_or(bare) };
    if bare.is_empty() {
        return Ok((folder, names));
    }
    let mut is_none = false;
    for segment in bare.split('/') {
        let name = decode(segment).ok_or(Refused::Malformed)?;
        // `..\` leads nowhere on Unix, but only attackers send it.
        if name.split(['/', '\\']).any(|piece| piece == "..") {
            return Err(Refused::Forbidden);
        }
        is_none |= matches!(&*name, "" | ".")
            || name.contains('/')
            || (!hidden && name.starts_with('.'))
            || (cfg!(windows) && !is_plain(&name));
        folder.push(&name);
        names.push(name);
    }
    if is_none { Err(Refused::None) } else { Ok((folder, names)) }
}

fn decode(segment: &str) -> Option<String> {
    let bytes = segment.as_bytes();
    let is_encoded = (0..bytes.len())
        .filter(|&i| bytes[i] == b'%')
        .all(|i| bytes.get(i + 1..i + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)));
    if !is_encoded || !segment.is_ascii() {
        return None;
    }
    let name = percent_decode_str(segment).decode_utf8().ok()?;
    (!name.contains('\0')).then(|| name.into_owned())
}

/// Whether Windows has no other name for it, and it is none of a stream or a drive.
fn is_plain(name: &str) -> bool {
    !name.contains(['\\', ':', '~', '*', '?', '"', '<', '>', '|']) && !name.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests {
    use super::{Refused, within};
    use std::path::{Component, Path};

    #[test]
    fn a_path_is_decoded_once_and_never_resolved() {
        let root = Path::new("pub");
        for (path, folder) in [
            ("/", "pub"),
            ("", "pub"),
            ("/a", "pub/a"),
            ("/a/", "pub/a"),
            ("/a%20b/%C3%A9%2525/", "pub/a b/\u{e9}%25"),
            ("/%2525", "pub/%25"),
        ] {
            assert_eq!(within(root, path, false).unwrap().0, Path::new(folder), "{path}");
        }
        for (path, why) in [
            ("/..", Refused::Forbidden),
            ("/%2e%2e/a", Refused::Forbidden),
            ("/a/..", Refused::Forbidden),
            ("/a%2F..%2Fb", Refused::Forbidden),
            ("/..%5Csecret", Refused::Forbidden),
            ("/a%00", Refused::Malformed),
            ("/%zz", Refused::Malformed),
            ("/%", Refused::Malformed),
            ("/%ff", Refused::Malformed),
            ("/\u{e9}", Refused::Malformed),
            ("//", Refused::None),
            ("//a", Refused::None),
            ("/a//b", Refused::None),
            ("/./a", Refused::None),
            ("/a%2Fb", Refused::None),
            ("/.git", Refused::None),
            ("/a/.git/", Refused::None),
        ] {
            assert_eq!(within(root, path, false), Err(why), "{path}");
        }
        assert_eq!(within(root, "/.git/", true).unwrap().0, Path::new("pub/.git"));
        assert_eq!(within(root, "/../x", true), Err(Refused::Forbidden));
    }

    #[test]
    fn every_folder_is_below_the_root() {
        let pieces = ["..", ".", "/", "\\", "a", "%2e", "%2F", "%5c", "%00", "c:", "%20", "~", "%C3%A9"];
        let (mut state, mut found) = (7_u64, 0);
        for _ in 0..50_000 {
            let mut path = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                path.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            if let Ok((folder, _)) = within(Path::new("pub"), &path, true) {
                let mut components = folder.components();
                assert_eq!(components.next(), Some(Component::Normal("pub".as_ref())), "{path:?}");
                assert!(components.all(|part| matches!(part, Component::Normal(_))), "{path:?}");
                found += 1;
            }
        }
        assert!(found > 1000, "{found}");
    }
}
