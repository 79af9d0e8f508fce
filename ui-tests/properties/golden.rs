//! What a golden file says.

use crate::marker::Place;

pub(crate) struct Golden {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    /// The primary span of the first error.
    pub(crate) place: Option<Place>,
    /// How many lines count.
    pub(crate) length: usize,
    pub(crate) lines: Vec<Line>,
}

/// A line that counts.
pub(crate) enum Line {
    /// The user's own source, or where it is.
    Source,
    /// What somebody worded.
    Message(String),
    /// What rustc adds and no attribute or macro can word or leave out: the bound that is not met, who asks for it,
    /// and the library's source there.
    OfRustc,
}

/// How the lines begin that are rustc's own, and what follows them up to the next of its notes.
const OF_RUSTC: [&str; 10] = [
    "help: the trait `",
    "help: within `",
    "help: the following other types implement trait",
    "note: required by a bound in",
    "note: required for",
    "note: this error originates in",
    "note: method defined here",
    "note: function defined here",
    "note: `",
    "note: the method was found for",
];

/// Labels that are rustc's own.
const LABELS_OF_RUSTC: [&str; 2] = ["evaluation of `", "move occurs because `"];

impl Golden {
    pub(crate) fn parse(text: &str) -> Golden {
        let begins = |what: &str| text.lines().filter(|line| is_head(line, what)).count();
        let counted = text.lines().filter(|line| line.contains(|c| c != ' ' && c != '|'));
        let mut of_rustc = false;
        let lines: Vec<_> = counted.map(|line| kind(line, &mut of_rustc)).collect();
        Golden {
            errors: begins("error"),
            warnings: begins("warning"),
            place: place(text),
            length: lines.len(),
            lines,
        }
    }
}

/// `error: ..` or `error[E0277]: ..`.
fn is_head(line: &str, what: &str) -> bool {
    line.strip_prefix(what).is_some_and(|rest| rest.starts_with(": ") || rest.starts_with('['))
}

fn kind(line: &str, of_rustc: &mut bool) -> Line {
    let trimmed = line.trim_start().trim_start_matches("= ");
    if is_head(line, "error")
        || is_head(line, "warning")
        || trimmed.starts_with("note: ")
        || trimmed.starts_with("help: ")
    {
        *of_rustc = OF_RUSTC.iter().any(|begin| trimmed.starts_with(begin));
    }
    if *of_rustc {
        return Line::OfRustc;
    }
    if trimmed.starts_with("--> ") || trimmed.starts_with(|c: char| c.is_ascii_digit()) || trimmed == "..." {
        return Line::Source;
    }
    // Without the gutter and what underlines.
    let text = trimmed.trim_start_matches(['|', ' ', '^', '-', '_', '+']);
    if LABELS_OF_RUSTC.iter().any(|begin| text.starts_with(begin)) {
        return Line::OfRustc;
    }
    Line::Message(text.to_owned())
}

/// The place of the first error: `--> file:line:column`, and how far the `^` go below that line.
fn place(text: &str) -> Option<Place> {
    let mut lines = text.lines().skip_while(|line| !is_head(line, "error"));
    let at = lines.find_map(|line| line.trim_start().strip_prefix("--> "))?;
    let mut numbers = at.rsplit(':').map_while(|number| number.parse::<usize>().ok());
    let (column, line) = (numbers.next()?, numbers.next()?);
    let source = format!("{line} ");
    lines.find(|line| line.trim_start().starts_with(&source))?;
    let underline = lines.find(|line| line.contains('^'))?;
    // A span of several lines begins with `____^`.
    let width = match underline.contains("_^") {
        true => 1,
        false => underline.chars().skip_while(|c| *c != '^').take_while(|c| *c == '^').count(),
    };
    Some(Place { line, column, width })
}

#[cfg(test)]
mod tests {
    use super::{Golden, Line};
    use crate::marker::{Place, all};

    #[test]
    fn a_span_matches_its_marker() {
        let source =
            "fn main() {\n    let _ = app![hello, helo];\n    //                  ^^^^ error: rustc\n}\n";
        let golden = Golden::parse(
            "error[E0425]: cannot find value `helo`\n --> fail/a.rs:2:25\n  |\n2 |     let _ = app![hello, helo];\n  |                         ^^^^\n",
        );
        let [marker] = all(source)[..] else { panic!("one marker") };
        assert_eq!(golden.place, Some(marker.place));
        assert_eq!((golden.errors, golden.warnings, golden.length), (1, 0, 4));
    }

    #[test]
    fn a_multiline_span_is_compared_by_its_start() {
        let golden = Golden::parse(
            "error: no\n --> fail/a.rs:1:4\n  |\n1 |   fn {\n  |  ____^\n2 | | }\n  | |_^ expected\n\nwarning: more\n",
        );
        assert_eq!(golden.place, Some(Place { line: 1, column: 4, width: 1 }));
        assert_eq!((golden.errors, golden.warnings), (1, 1));
    }

    #[test]
    fn rustc_lines_end_at_the_next_note() {
        let golden = Golden::parse(
            "error: no\n  = help: the trait `A` is not implemented for `B`\n  = note: write `C`\nnote: required by a bound in `D`\n  |     pub fn d() {}\n",
        );
        let of_rustc: Vec<_> = golden.lines.iter().map(|line| matches!(line, Line::OfRustc)).collect();
        assert_eq!(of_rustc, [false, true, false, true, true]);
    }
}
