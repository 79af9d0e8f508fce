//! The comments that mark the token at fault.

use std::fmt;

/// Where a span begins, and how many columns of that line it has; one, if it has several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) width: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}+{}", self.line, self.column, self.width)
    }
}

/// Who words the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    Macro,
    Rustc,
}

impl Speaker {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Speaker::Macro => "macro",
            Speaker::Rustc => "rustc",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Marker {
    pub(crate) place: Place,
    pub(crate) speaker: Speaker,
}

/// All that stand in a file.
pub(crate) fn all(source: &str) -> Vec<Marker> {
    source.lines().enumerate().filter_map(|(above, line)| marker(above, line)).collect()
}

/// `// ^^^^ error: rustc`, below the line with that number.
fn marker(above: usize, line: &str) -> Option<Marker> {
    let comment = line.trim_start().strip_prefix("//")?.trim_start();
    let rest = comment.trim_start_matches('^');
    let width = comment.len() - rest.len();
    let speaker = match rest {
        " error: macro" => Speaker::Macro,
        " error: rustc" => Speaker::Rustc,
        _ => return None,
    };
    let column = line.find('^')? + 1;
    Some(Marker { place: Place { line: above, column, width }, speaker })
}
