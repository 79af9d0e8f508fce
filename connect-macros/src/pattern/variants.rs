//! The ways to leave optional parts out, and what each parameter may not run over.

use super::parse::{Capture, Token};

/// A piece of a variant, as `connect` has it. Indexes count in the names of the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    /// `:name`, the text at which it stops, and whether it may be just that text all the same.
    Param(usize, String, bool),
    /// `*name`, the text at which it stops, and whether it may be a whole segment all the same.
    Splat(usize, String, bool),
}

/// A variant, in the pieces in which it was written: no groups.
pub(crate) type Flat<'a> = Vec<&'a Token>;

/// How many variants there are, two that are the same counted twice.
pub(crate) fn count(tokens: &[Token]) -> usize {
    let groups = tokens.iter().filter_map(|token| match token {
        Token::Group(inside, _) => Some(count(inside).saturating_add(1)),
        _ => None,
    });
    groups.fold(1, usize::saturating_mul)
}

/// Every variant: with a group before without it, and the earlier groups vary slowest.
pub(crate) fn flatten(tokens: &[Token]) -> Vec<Flat<'_>> {
    let mut all = Vec::new();
    walk(tokens, None, &mut Vec::new(), &mut all);
    all
}

/// What comes after the group one is in.
struct Rest<'r, 'a> {
    tokens: &'a [Token],
    outer: Option<&'r Rest<'r, 'a>>,
}

fn walk<'a>(tokens: &'a [Token], rest: Option<&Rest<'_, 'a>>, flat: &mut Flat<'a>, all: &mut Vec<Flat<'a>>) {
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Token::Group(inside, _) => {
                let length = flat.len();
                walk(inside, Some(&Rest { tokens: &tokens[i + 1..], outer: rest }), flat, all);
                flat.truncate(length);
            }
            token => flat.push(token),
        }
    }
    match rest {
        Some(rest) => walk(rest.tokens, rest.outer, flat, all),
        None => all.push(flat.clone()),
    }
}

/// The variants as parts, each once: the same one again would match nothing else.
pub(crate) fn parts(flats: &[Flat<'_>], index: impl Fn(&str) -> usize) -> Vec<Vec<Part>> {
    let mut all = Vec::with_capacity(flats.len());
    for flat in flats {
        let parts = merge_texts(&with_stops(flat, &index));
        if !all.contains(&parts) {
            all.push(parts);
        }
    }
    all
}

fn merge_texts(parts: &[Part]) -> Vec<Part> {
    let mut merged = Vec::with_capacity(parts.len());
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => *before += text,
            _ => merged.push(part.clone()),
        }
    }
    merged
}

pub(crate) fn text_of(token: &Token) -> Option<String> {
    match token {
        Token::Text(text) => Some(text.iter().map(|(c, _)| c).collect()),
        _ => None,
    }
}

fn capture_of(token: &Token) -> Option<&Capture> {
    match token {
        Token::Capture(capture) => Some(capture),
        _ => None,
    }
}

/// Which parameters came before in the segment.
#[derive(Default, Clone, Copy)]
struct Seen {
    param: bool,
    splat: bool,
}

/// What path-to-regexp writes into the expressions of parameters, so that no two of them can share a text in more
/// ways than one.
fn with_stops(flat: &Flat<'_>, index: &impl Fn(&str) -> usize) -> Vec<Part> {
    let mut parts = Vec::with_capacity(flat.len());
    let mut seen = Seen::default();
    let mut after_splat = false;
    let mut since_capture = String::new();
    let mut since_splat = String::new();
    for (i, token) in flat.iter().enumerate() {
        let Some(capture) = capture_of(token) else {
            let text = text_of(token).unwrap_or_default();
            since_capture += &text;
            if after_splat {
                since_splat += &text;
            }
            if text.contains('/') {
                seen = Seen::default();
            }
            parts.push(Part::Text(text));
            continue;
        };
        let index = index(&capture.name);
        let before = std::mem::take(&mut since_capture);
        if capture.splat {
            let after = std::mem::take(&mut since_splat);
            parts.push(match seen.splat {
                true => Part::Splat(index, before, false),
                false => {
                    let or_segment = !after.is_empty();
                    Part::Splat(index, after, or_segment)
                }
            });
            seen.splat = true;
        } else {
            parts.push(match before_splat(&flat[i + 1..]) {
                _ if seen.splat => Part::Param(index, before, false),
                Some(next) => Part::Param(index, next, false),
                None if seen.param => Part::Param(index, before, true),
                None => Part::Param(index, String::new(), false),
            });
            seen.param = true;
        }
        after_splat = capture.splat;
    }
    parts
}

/// The text up to the next parameter, if a splat follows in the same segment.
fn before_splat(rest: &[&Token]) -> Option<String> {
    let in_segment = rest.iter().take_while(|token| text_of(token).is_none_or(|text| !text.contains('/')));
    let splat = in_segment.clone().any(|token| capture_of(token).is_some_and(|capture| capture.splat));
    splat.then(|| in_segment.map_while(|token| text_of(token)).collect())
}
