//! Turning a name from a client into a path inside a folder.

use std::path::{Path, PathBuf};

use super::windows;
use crate::route::decode::decode;

/// How a file or folder is treated whose name begins with a dot, such as `.git` or `.env`, anywhere in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dotfiles {
    /// As if it did not exist: 404.
    #[default]
    Ignore,
    /// Refused: 403.
    Deny,
    /// Like any other file.
    Allow,
}

/// Why a name is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It contains a NUL, or is not text.
    Malformed,
    /// It leads out of the folder, or is a dotfile with [`Dotfiles::Deny`].
    Forbidden,
    /// It is a dotfile with [`Dotfiles::Ignore`].
    Hidden,
    /// It is another spelling of a path, which a guard on that path would not have matched.
    Alias,
}

/// The path of a decoded name in a folder.
///
/// Each file has exactly one name, so that guards on that name see every request for it: `..`, `.` and empty segments
/// are refused and not resolved, except one slash at the beginning and one at the end. Every other segment also has to
/// name exactly one file or folder for the operating system. Links in the folder are followed, wherever they lead.
pub(super) fn within(folder: &Path, name: &str, dotfiles: Dotfiles) -> Result<PathBuf, Refused> {
    if name.contains('\0') {
        return Err(Refused::Malformed);
    }
    let bare = name.strip_prefix('/').unwrap_or(name);
    // The rest of `//` is an empty segment of its own.
    let bare = if bare == "/" { bare } else { bare.strip_suffix('/').unwrap_or(bare) };
    let mut path = folder.to_owned();
    if bare.is_empty() {
        return Ok(path);
    }
    let (mut is_alias, mut is_dotfile) = (false, false);
    for part in bare.split('/') {
        // `..\` leads nowhere on Unix, but only attackers send it.
        if part.split('\\').any(|piece| piece == "..") {
            return Err(Refused::Forbidden);
        }
        is_alias |= matches!(part, "" | ".") || cfg!(windows) && !windows::is_one_name(part);
        is_dotfile |= part.starts_with('.');
        path.push(part);
    }
    match dotfiles {
        _ if is_alias => Err(Refused::Alias),
        Dotfiles::Deny if is_dotfile => Err(Refused::Forbidden),
        Dotfiles::Ignore if is_dotfile => Err(Refused::Hidden),
        _ => Ok(path),
    }
}

/// The path of a percent-encoded name in a folder.
///
/// An encoded slash is refused: decoded, it would separate segments that mounts and routes did not see as separate. So
/// is what is not ASCII, since a URL contains it only encoded.
pub(super) fn within_encoded(folder: &Path, path: &str, dotfiles: Dotfiles) -> Result<PathBuf, Refused> {
    let decoded = decode(path).filter(|_| path.is_ascii()).ok_or(Refused::Malformed)?;
    let file = within(folder, &decoded, dotfiles)?;
    let slashes = |text: &str| text.bytes().filter(|byte| *byte == b'/').count();
    if slashes(&decoded) == slashes(path) { Ok(file) } else { Err(Refused::Alias) }
}

#[cfg(test)]
mod tests {
    use super::{Dotfiles, Refused, within, within_encoded};
    use std::path::{Component, Path};

    #[test]
    fn a_name_is_used_as_it_is_spelled_and_never_resolved() {
        let folder = Path::new("pub");
        for (name, path) in [
            ("/a/b.txt", "pub/a/b.txt"),
            ("a/b.txt", "pub/a/b.txt"),
            ("/a/", "pub/a"),
            ("/", "pub"),
            ("", "pub"),
            ("/%2e%2e/secret", "pub/%2e%2e/secret"),
        ] {
            assert_eq!(within(folder, name, Dotfiles::Ignore).unwrap(), Path::new(path), "{name}");
        }
        for name in ["//", "//a", "/a//b", "/a//", "/./a", "/a/.", "/a/./", "./a"] {
            assert_eq!(within(folder, name, Dotfiles::Allow), Err(Refused::Alias), "{name}");
        }
        for name in [
            "/..",
            "..",
            "/a/../b",
            "/a/../../b",
            "/../pub/x",
            "//..",
            "/..\\secret",
            "/a\\..\\..\\b",
            "/a/..\\..",
        ] {
            assert_eq!(within(folder, name, Dotfiles::Allow), Err(Refused::Forbidden), "{name}");
        }
        assert_eq!(within(folder, "/a\0b", Dotfiles::Allow), Err(Refused::Malformed));
    }

    #[test]
    fn an_encoded_slash_and_unencoded_non_ascii_are_refused() {
        let folder = Path::new("pub");
        let spelled = |path| within_encoded(folder, path, Dotfiles::Allow);
        assert_eq!(spelled("/a%20b/%C3%A9%2525/"), Ok(folder.join("a b/\u{e9}%25")));
        for (path, why) in [
            ("/a%2Fb", Refused::Alias),
            ("/a/%2f", Refused::Alias),
            ("%2Fa", Refused::Alias),
            ("/a%2F..%2Fb", Refused::Forbidden),
            ("/\u{e9}", Refused::Malformed),
            ("/%e9", Refused::Malformed),
            ("/%zz", Refused::Malformed),
            ("/a%00", Refused::Malformed),
        ] {
            assert_eq!(spelled(path), Err(why), "{path}");
        }
    }

    #[test]
    fn every_path_stays_below_the_folder() {
        let pieces = ["..", ".", "/", "\\", "a", "b.c", "...", "%2e", "\0", "c:", " ", "~", "é"];
        let (mut state, mut found) = (7_u64, 0);
        for _ in 0..50_000 {
            let mut name = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                name.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            if let Ok(path) = within(Path::new("pub"), &name, Dotfiles::Allow) {
                let mut components = path.components();
                assert_eq!(components.next(), Some(Component::Normal("pub".as_ref())), "{name:?}");
                assert!(components.all(|part| matches!(part, Component::Normal(_))), "{name:?}");
                found += 1;
            }
        }
        assert!(found > 1000, "{found}");
    }

    #[test]
    fn a_dot_in_front_of_any_part_makes_a_dotfile() {
        let folder = Path::new("pub");
        for name in ["/.env", "/.git/config", "/a/.b/c", "/...", "/.well-known/x"] {
            assert_eq!(within(folder, name, Dotfiles::Ignore), Err(Refused::Hidden), "{name}");
            assert_eq!(within(folder, name, Dotfiles::Deny), Err(Refused::Forbidden), "{name}");
            assert_eq!(within(folder, name, Dotfiles::Allow).unwrap(), folder.join(&name[1..]));
        }
        assert!(within(folder, "/a.b/c.", Dotfiles::Deny).is_ok());
    }
}
