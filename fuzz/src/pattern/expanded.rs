//! A pattern means the same as its variants, each written as a pattern of its own, without braces.

use crate::parser::check::{Kind, Parsed, Place, parse};
use crate::parser::variants::Part;

/// How many bytes the variants may have altogether, so that an input does not take long.
const LONGEST: usize = 1 << 12;

pub(super) fn check(parsed: &Parsed) {
    if parsed.text.len() * parsed.variants.len() > LONGEST {
        return;
    }
    let mut expected: Vec<Vec<Part>> = Vec::new();
    for plain in without_groups(units(parsed)) {
        let parts = parts_of(&plain.concat(), parsed);
        if !expected.contains(&parts) {
            expected.push(parts);
        }
    }
    assert_eq!(parsed.variants, expected, "{:?}", parsed.text);
}

/// The text in pieces that stay what they are whatever comes before and behind: names are quoted.
fn units(parsed: &Parsed) -> Vec<String> {
    let mut units = Vec::new();
    let mut at = 0;
    while let Some(c) = parsed.text[at..].chars().next() {
        let end = match parsed.names.iter().find(|name| name.range.start == at) {
            Some(name) => {
                let sigil = if matches!(name.kind, Kind::Splat { .. }) { '*' } else { ':' };
                let escaped = name.text.replace('\\', r"\\").replace('"', r#"\""#);
                units.push(format!("{sigil}\"{escaped}\""));
                name.range.end
            }
            None => {
                let escaped = if c == '\\' { parsed.text[at + 1..].chars().next() } else { None };
                let end = at + c.len_utf8() + escaped.map_or(0, char::len_utf8);
                units.push(parsed.text[at..end].to_owned());
                end
            }
        };
        at = end;
    }
    units
}

/// Every way to leave groups out: the first group is there before it is not.
fn without_groups(units: Vec<String>) -> Vec<Vec<String>> {
    let Some(open) = units.iter().position(|unit| unit == "{") else { return vec![units] };
    let mut depth = 0_usize;
    let close = units[open..].iter().position(|unit| {
        depth = if unit == "{" { depth + 1 } else { depth - usize::from(unit == "}") };
        depth == 0
    });
    let close = open + close.expect("braces are in pairs");
    let (before, inside, behind) = (&units[..open], &units[open + 1..close], &units[close + 1..]);
    let mut all = without_groups([before, inside, behind].concat());
    all.extend(without_groups([before, behind].concat()));
    all
}

/// The only variant of a pattern, with the indexes that its names have in another.
fn parts_of(plain: &str, other: &Parsed) -> Vec<Part> {
    // What can be left out altogether matches the empty path too, and is no pattern.
    if plain.is_empty() {
        return Vec::new();
    }
    let parsed =
        parse(plain, Place::Route).unwrap_or_else(|faults| panic!("{other:?}: {plain:?} {faults:?}"));
    let [variant] = &parsed.variants[..] else { panic!("{plain:?}: {parsed:?}") };
    let index = |name: usize| {
        let name = &parsed.names[name].text;
        other.names.iter().position(|known| known.text == *name).expect("the name is in the pattern")
    };
    let renamed = variant.iter().map(|part| match part.clone() {
        Part::Text(text) => Part::Text(text),
        Part::Param(name, stop, or_stop) => Part::Param(index(name), stop, or_stop),
        Part::Splat(name, stop, or_segment) => Part::Splat(index(name), stop, or_segment),
    });
    renamed.collect()
}
