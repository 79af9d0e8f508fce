//! From a name that a client sent to a path that stays in its folder.

use std::path::{Component, Path, PathBuf};

/// What becomes of a file or folder whose name begins with a dot, as `.git` or `.env`, anywhere in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dotfiles {
    /// It is as if it were not there: a 404.
    #[default]
    Ignore,
    /// It is refused: a 403.
    Deny,
    /// It is like any other.
    Allow,
}

/// Why a name is not looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is none: a NUL in it, or no text.
    Malformed,
    /// It leads out of the folder, or is a dotfile that is denied.
    Forbidden,
    /// A dotfile that is ignored.
    Hidden,
}

/// The path of a decoded name in a folder.
///
/// `.` and `..` are resolved in the name alone, as a browser does, and one `..` too many is refused. Every other part
/// has to be the name of one file or folder to the operating system too: on Windows that rules out drives, backslashes
/// and streams. Links in the folder are followed, wherever they lead.
pub(super) fn within(folder: &Path, name: &str, dotfiles: Dotfiles) -> Result<PathBuf, Refused> {
    if name.contains('\0') {
        return Err(Refused::Malformed);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(Refused::Forbidden)?;
            }
            part if is_one_name(part) => parts.push(part),
            _ => return Err(Refused::Forbidden),
        }
    }
    if parts.iter().any(|part| part.starts_with('.')) {
        match dotfiles {
            Dotfiles::Allow => {}
            Dotfiles::Deny => return Err(Refused::Forbidden),
            Dotfiles::Ignore => return Err(Refused::Hidden),
        }
    }
    let mut path = folder.to_owned();
    path.extend(parts);
    Ok(path)
}

fn is_one_name(part: &str) -> bool {
    let mut components = Path::new(part).components();
    let is_one = matches!(components.next(), Some(Component::Normal(name)) if name == part);
    // `..\` leads nowhere on Unix, and nobody means it well.
    let leads_up = part.split('\\').any(|piece| piece == "..");
    is_one && components.next().is_none() && !leads_up && !(cfg!(windows) && part.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::{Dotfiles, Refused, within};
    use std::path::{Component, Path};

    #[test]
    fn no_name_leads_out_of_its_folder() {
        let folder = Path::new("pub");
        for (name, path) in [
            ("/a/b.txt", "pub/a/b.txt"),
            ("//a//./b", "pub/a/b"),
            ("/a/../b", "pub/b"),
            ("/a/b/../../c", "pub/c"),
            ("/", "pub"),
            ("", "pub"),
            ("/a/..", "pub"),
            ("/%2e%2e/secret", "pub/%2e%2e/secret"),
        ] {
            assert_eq!(within(folder, name, Dotfiles::Ignore).unwrap(), Path::new(path), "{name}");
        }
        for name in ["/..", "..", "/a/../../b", "/../pub/x", "/..\\secret", "/a\\..\\..\\b", "/a/..\\.."] {
            assert_eq!(within(folder, name, Dotfiles::Allow), Err(Refused::Forbidden), "{name}");
        }
        assert_eq!(within(folder, "/a\0b", Dotfiles::Allow), Err(Refused::Malformed));
    }

    #[test]
    fn whatever_is_asked_for_stays_below_the_folder() {
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
        assert!(within(folder, "/.git/../a", Dotfiles::Deny).is_ok());
    }
}
