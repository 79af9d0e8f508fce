//! Names with a special meaning on Windows. The checks work on text, so that they are tested on every system.

/// Whether a segment of a path names exactly one file or folder.
///
/// It refuses separators, drives, streams (`a.txt::$DATA`) and patterns; devices (`nul`, `COM1.txt`); a dot or a space
/// at the end, which Windows ignores; and what may be the short name (`PRIVAT~1`) of a file with a long one.
pub(super) fn is_one_name(part: &str) -> bool {
    let is_text = |c: char| !c.is_control() && !"\\/:*?\"<>|".contains(c);
    !part.is_empty()
        && part.chars().all(is_text)
        && !part.ends_with(['.', ' '])
        && !is_device(part)
        && !is_short_name(part)
}

/// Windows ignores what follows the first dot, and spaces in front of it.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    let numbered = |name: &str| {
        let number = match (stem.get(..3), stem.get(3..)) {
            (Some(first), Some(number)) if first.eq_ignore_ascii_case(name) => number,
            _ => return false,
        };
        matches!(number, "\u{b9}" | "\u{b2}" | "\u{b3}")
            || number.len() == 1 && number.as_bytes()[0].is_ascii_digit()
    };
    let devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
    devices.iter().any(|device| stem.eq_ignore_ascii_case(device)) || numbered("COM") || numbered("LPT")
}

/// Up to eight characters, which end in `~` and a number, and an extension of up to three.
fn is_short_name(part: &str) -> bool {
    let (stem, extension) = part.split_once('.').unwrap_or((part, ""));
    let Some((_, number)) = stem.rsplit_once('~') else { return false };
    stem.chars().count() <= 8
        && extension.chars().count() <= 3
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_one_name;

    #[test]
    fn names_with_a_special_meaning_on_windows_are_refused() {
        for part in [
            "a\\b",
            "c:",
            "a.txt:stream",
            "a.txt::$DATA",
            "a.",
            "a ",
            "...",
            "a*",
            "a\u{1}",
            "nul",
            "NUL.txt",
            "con .txt",
            "Com1",
            "lpt\u{b2}.log",
            "conin$",
            "PRIVAT~1",
            "a~12.htm",
            "",
        ] {
            assert!(!is_one_name(part), "{part:?}");
        }
        for part in [
            "a",
            "a.txt",
            ".env",
            "null",
            "com",
            "com10",
            "console.log",
            "a b",
            "~a",
            "a~b.txt",
            "draft~1.html",
        ] {
            assert!(is_one_name(part), "{part:?}");
        }
    }
}
