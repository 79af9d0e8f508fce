//! The rules for patterns.

use std::ops::Range;

use super::encoded;
use super::fault::{self, Draft, Fault};
use super::parse::{Capture, Token, tokens};
use super::variants::{self, Flat, Part};

/// Where a pattern is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Route,
    Mount,
}

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// As it was written.
    pub(crate) text: String,
    /// In the order in which they first appear.
    pub(crate) names: Vec<Name>,
    /// In the order in which they are tried.
    pub(crate) variants: Vec<Vec<Part>>,
}

/// The name of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// Where it first appears, from its `:` or `*` on, in bytes of the pattern.
    pub(crate) range: Range<usize>,
}

/// What a parameter's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One text.
    Required,
    /// One text, or none: a variant does without.
    Optional,
    /// Several segments.
    Splat { optional: bool },
}

/// path-to-regexp's own limit.
const VARIANTS: usize = 256;

/// Parses a pattern, with its escapes in it.
pub(crate) fn parse(text: &str, place: Place) -> Result<Parsed, Vec<Fault>> {
    read(text, place).map_err(|drafts| fault::finish(text, drafts, |text| read(text, place).is_ok()))
}

impl Parsed {
    /// The plain text, if it is nothing else.
    #[cfg(test)]
    pub(crate) fn literal(&self) -> Option<&str> {
        match &self.variants[..] {
            [variant] => match &variant[..] {
                [Part::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

fn read(text: &str, place: Place) -> Result<Parsed, Vec<Draft>> {
    let what = match place {
        Place::Route => "a pattern",
        Place::Mount => "a mount path",
    };
    if text.is_empty() {
        return Err(vec![Draft::new(0..0, format!("{what} is never empty")).edit(0..0, "/")]);
    }
    let (tokens, mut faults) = tokens(text);
    unsent(&tokens, &mut faults);
    encoded::unreserved(&tokens, &mut faults);
    // Later checks would report what the parser made up.
    if faults.is_empty() {
        too_many(&tokens, &mut faults);
    }
    let mut flats = Vec::new();
    if faults.is_empty() {
        flats = variants::flatten(&tokens);
        neighbours(&flats, &mut faults);
        repeated(&flats, &mut faults);
        beginnings(text, what, &flats, &mut faults);
    } else if !text.starts_with(['/', '{']) && faults.iter().all(|fault| fault.range.start > 0) {
        faults.push(no_slash(text, what, 0));
    }
    if !faults.is_empty() {
        faults.sort_by_key(|fault| (fault.range.start, fault.range.end));
        faults.dedup_by(|later, first| later.range == first.range);
        return Err(faults);
    }
    let mut names = Vec::new();
    gather(&tokens, &flats, &mut names);
    let index = |name: &str| names.iter().position(|known| known.text == name).unwrap_or_default();
    Ok(Parsed { text: text.to_owned(), variants: variants::parts(&flats, index), names })
}

/// Literal text that no request has in its path.
fn unsent(tokens: &[Token], faults: &mut Vec<Draft>) {
    for token in tokens {
        match token {
            Token::Text(text) => {
                for run in text.chunk_by(|(a, _), (b, _)| problem_with(*a) == problem_with(*b)) {
                    let [(first, start), ..] = run else { continue };
                    let Some(problem) = problem_with(*first) else { continue };
                    let range = start.start..run.last().map_or(start.end, |(_, range)| range.end);
                    let encoded: String = run.iter().map(|(c, _)| percent_encoded(*c)).collect();
                    let fault = Draft::new(range.clone(), problem).edit(range, encoded.as_str());
                    faults.push(fault.otherwise(format!("write it as `{encoded}`")));
                }
            }
            Token::Group(inside, _) => unsent(inside, faults),
            Token::Capture(_) => {}
        }
    }
}

fn problem_with(c: char) -> Option<&'static str> {
    match c {
        ' ' => Some("a path has no spaces in it, but percent-encoded ones"),
        '?' => Some("a client does not send a `?` in a path, but percent-encodes it"),
        '#' => Some("a client does not send a `#` nor what follows it, but percent-encodes one in a path"),
        c if c.is_ascii_control() => Some("a path has no control characters in it, but percent-encoded ones"),
        c if !c.is_ascii() => Some("paths are compared as they are sent, percent-encoded"),
        _ => None,
    }
}

fn percent_encoded(c: char) -> String {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn too_many(tokens: &[Token], faults: &mut Vec<Draft>) {
    let count = variants::count(tokens);
    let mut groups = tokens.iter().filter_map(|token| match token {
        Token::Group(_, range) => Some(range),
        _ => None,
    });
    if count > VARIANTS
        && let Some(first) = groups.next()
    {
        let end = groups.next_back().map_or(first.end, |last| last.end);
        let problem = match count {
            usize::MAX => format!("these optional parts go together in more than {VARIANTS} ways"),
            count => {
                format!("these optional parts go together in {count} ways, and {VARIANTS} are the limit")
            }
        };
        faults.push(Draft::new(first.start..end, problem).otherwise("write several routes"));
    }
}

/// Two parameters with nothing between them.
fn neighbours(flats: &[Flat<'_>], faults: &mut Vec<Draft>) {
    for pair in flats.iter().flat_map(|flat| flat.windows(2)) {
        let [Token::Capture(first), Token::Capture(second)] = pair else { continue };
        let start = second.range.start;
        let problem = format!(
            "nothing says where `{}` ends and `{}` begins: there must be text between two parameters",
            first.name, second.name
        );
        let fault = Draft::new(second.range.clone(), problem).edit(start..start, "-");
        faults.push(fault.otherwise("put some, such as `-`, before this one"));
    }
    same_only_once(faults);
}

/// A name that stands for two parameters.
fn repeated(flats: &[Flat<'_>], faults: &mut Vec<Draft>) {
    for flat in flats {
        let mut seen: Vec<&Capture> = Vec::new();
        for token in flat {
            let Token::Capture(capture) = token else { continue };
            let uses = seen.iter().filter(|other| other.name == capture.name).count();
            seen.push(capture);
            if uses == 0 {
                continue;
            }
            let sigil = if capture.splat { '*' } else { ':' };
            let other = format!("{}{}", capture.name, uses + 1);
            let name = capture.range.start + 1..capture.range.end;
            let problem =
                format!("there are two parameters of the name `{}`, and only one can have it", capture.name);
            let mut fault = Draft::new(capture.range.clone(), problem);
            // A quoted name may hold what would need another escape.
            if capture.name.len() == name.len() {
                fault = fault.edit(name, other.as_str());
            }
            faults.push(fault.otherwise(format!("give this one another, such as `{sigil}{other}`")));
        }
    }
    same_only_once(faults);
}

/// Variants that do not begin with a slash. A group may bring it, if what follows begins with one as well.
fn beginnings(text: &str, what: &str, flats: &[Flat<'_>], faults: &mut Vec<Draft>) {
    for flat in flats {
        let at = match flat.first() {
            None => continue,
            Some(Token::Text(text)) => match text.first() {
                Some(('/', _)) | None => continue,
                Some((_, range)) => range.start,
            },
            Some(Token::Capture(capture)) => capture.range.start,
            Some(Token::Group(_, range)) => range.start,
        };
        faults.push(no_slash(text, what, at));
    }
    same_only_once(faults);
}

fn no_slash(text: &str, what: &str, at: usize) -> Draft {
    let first = text[at..].chars().next().map_or(0, char::len_utf8);
    let problem = match text[..at].contains('/') {
        true => format!("{what} begins with a slash, even if the optional parts before this are missing"),
        false => format!("{what} begins with a slash"),
    };
    Draft::new(at..at + first, problem).edit(at..at, "/").otherwise("put a `/` before this")
}

/// Several variants have the same fault.
fn same_only_once(faults: &mut Vec<Draft>) {
    faults.sort_by_key(|fault| fault.range.start);
    faults.dedup_by(|later, first| later.range == first.range && later.problem == first.problem);
}

/// The names, in the order of the text.
fn gather(tokens: &[Token], flats: &[Flat<'_>], names: &mut Vec<Name>) {
    for token in tokens {
        match token {
            Token::Text(_) => {}
            Token::Group(inside, _) => gather(inside, flats, names),
            Token::Capture(capture) => {
                let is_it = |token: &&Token| matches!(token, Token::Capture(it) if it.range == capture.range);
                let optional = !flats.iter().all(|flat| flat.iter().any(is_it));
                let kind = match (capture.splat, optional) {
                    (true, optional) => Kind::Splat { optional },
                    (false, true) => Kind::Optional,
                    (false, false) => Kind::Required,
                };
                names.push(Name { text: capture.name.clone(), kind, range: capture.range.clone() });
            }
        }
    }
}
