//! Names of files.

use std::fmt::Write as _;

/// How long a name is at most, in bytes: file systems take 255.
const MOST: usize = 200;

/// What the client calls a file, as a name that is safe as that of a file on any system.
pub(super) fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_safe = |c: &char| {
        !c.is_control()
            && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
            // Characters that change the direction of text or cannot be seen: `gpj.exe` can look like `exe.jpg`.
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let kept: String = last.chars().filter(is_safe).collect();
    let trimmed = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let shortened = shortened(trimmed);
    if shortened.is_empty() {
        return "file".to_owned();
    }
    if is_device(&shortened) { format!("_{shortened}") } else { shortened }
}

/// Cuts what is in front of the extension.
fn shortened(name: &str) -> String {
    if name.len() <= MOST {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 20 => (stem, Some(extension)),
        _ => (name, None),
    };
    let mut end = MOST - extension.map_or(0, |extension| extension.len() + 1);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    match extension {
        Some(extension) => format!("{stem}.{extension}"),
        None => stem.to_owned(),
    }
}

/// Whether Windows takes it for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        number.len() == 1 && matches!(number.as_bytes()[0], b'1'..=b'9')
    };
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// Whether a name that the program chose is one name in a folder.
pub(super) fn is_plain(name: &str) -> bool {
    let is_path = name.contains(['/', '\\', '\0']) || (cfg!(windows) && name.contains(':'));
    !is_path && !matches!(name, "" | "." | "..")
}

/// A name that nobody can guess, with an extension.
pub(super) fn random(extension: Option<&str>) -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let mut name = String::with_capacity(40);
    for byte in bytes {
        let _ = write!(name, "{byte:02x}");
    }
    if let Some(extension) = extension {
        name.push('.');
        name.push_str(extension);
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::{is_plain, safe};

    #[test]
    fn the_name_of_a_client_becomes_one_that_is_safe() {
        for (name, expected) in [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ann\\photo.jpg", "photo.jpg"),
            ("/", "file"),
            ("..", "file"),
            ("", "file"),
            (".htaccess", "htaccess"),
            ("a\0b\r\n.txt", "ab.txt"),
            ("con", "_con"),
            ("NUL.txt", "_NUL.txt"),
            ("com1.a.b", "_com1.a.b"),
            ("com10", "com10"),
            ("<b>\"x\"|?*.html", "bx.html"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            (" trailing. . ", "trailing"),
            ("\u{fc}ber \u{1f600}.txt", "\u{fc}ber \u{1f600}.txt"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
            assert!(is_plain(&safe(name)), "{name:?}");
        }
        let long = safe(&format!("{}.tar.gz", "\u{e9}".repeat(300)));
        assert!(long.len() <= 200 && long.len() > 195 && long.ends_with(".gz"), "{long}");
        assert_eq!(safe(&"x".repeat(300)).len(), 200);
        assert!(safe(&format!("a.{}", "y".repeat(300))).len() <= 200);
    }

    #[test]
    fn a_name_with_a_folder_in_it_is_not_plain() {
        for name in ["", ".", "..", "a/b", "/a", "a\\b", "a\0"] {
            assert!(!is_plain(name), "{name:?}");
        }
        assert!(is_plain("a.b") && is_plain("...") && is_plain(".a"));
    }
}
