//! What is true of every pattern that is accepted.

use std::collections::BTreeSet;

use crate::parser::check::{Kind, Name, Parsed};
use crate::parser::variants::Part;

/// path-to-regexp's limit.
const VARIANTS: usize = 256;

pub(super) fn check(text: &str, parsed: &Parsed) {
    assert_eq!(parsed.text, text);
    let variants = &parsed.variants;
    assert!((1..=VARIANTS).contains(&variants.len()), "{text:?}: {} variants", variants.len());
    assert!((1..variants.len()).all(|i| !variants[..i].contains(&variants[i])), "{text:?}: {variants:?}");
    for variant in variants {
        check_variant(parsed, variant);
    }
    check_names(text, parsed);
}

fn check_variant(parsed: &Parsed, variant: &[Part]) {
    let at = || format!("{:?}: {variant:?}", parsed.text);
    assert!(matches!(variant, [] | [Part::Text(_), ..]), "{}", at());
    if let [Part::Text(first), ..] = variant {
        assert!(first.starts_with('/'), "{}", at());
    }
    // Text and parameters take turns, so no texts follow each other and none is missing between parameters.
    let is_text = |part: &Part| matches!(part, Part::Text(_));
    assert!(variant.windows(2).all(|pair| is_text(&pair[0]) != is_text(&pair[1])), "{}", at());
    let mut last = None;
    for (i, part) in variant.iter().enumerate() {
        let (name, stop, or_stop) = match part {
            Part::Text(text) => {
                let sent = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#');
                assert!(!text.is_empty() && text.chars().all(sent), "{}", at());
                continue;
            }
            Part::Param(name, stop, or_stop) => {
                assert!(!stop.contains('/'), "{}", at());
                (*name, stop, *or_stop)
            }
            Part::Splat(name, stop, or_segment) => (*name, stop, *or_segment),
        };
        // Without a stop there is nothing that it could be all the same.
        assert!(!stop.is_empty() || !or_stop, "{}", at());
        // A stop is a whole text of the pattern, beside this parameter or behind an earlier splat.
        let stands = |at: usize| matches!(variant.get(at), Some(Part::Text(text)) if text == stop);
        let behind_a_splat =
            || (0..i).any(|earlier| matches!(variant[earlier], Part::Splat(..)) && stands(earlier + 1));
        assert!(stop.is_empty() || stands(i - 1) || stands(i + 1) || behind_a_splat(), "{}", at());
        // In the order of the names, which is that of the text, and each once.
        assert!(name < parsed.names.len() && last.is_none_or(|last| last < name), "{}", at());
        last = Some(name);
    }
}

fn check_names(text: &str, parsed: &Parsed) {
    let names = &parsed.names;
    let different: BTreeSet<_> = names.iter().map(|name| &name.text).collect();
    assert_eq!(different.len(), names.len(), "{text:?}: {names:?}");
    assert!(names.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start), "{text:?}: {names:?}");
    for (index, name) in names.iter().enumerate() {
        check_name(text, name);
        let has = |variant: &&Vec<Part>| variant.iter().any(|part| is_of(part, index, name.kind));
        let uses = parsed.variants.iter().filter(has).count();
        // The first variant has everything.
        assert!(has(&&parsed.variants[0]), "{text:?}: {name:?}");
        let optional = matches!(name.kind, Kind::Optional | Kind::Splat { optional: true });
        assert_eq!(optional, uses < parsed.variants.len(), "{text:?}: {name:?}");
    }
}

fn is_of(part: &Part, index: usize, kind: Kind) -> bool {
    match part {
        Part::Text(_) => false,
        Part::Param(name, ..) => *name == index && matches!(kind, Kind::Required | Kind::Optional),
        Part::Splat(name, ..) => *name == index && matches!(kind, Kind::Splat { .. }),
    }
}

/// The range is that of the name as it was written.
fn check_name(text: &str, name: &Name) {
    let written = text.get(name.range.clone()).unwrap_or_else(|| panic!("{text:?}: {name:?}"));
    let sigil = if matches!(name.kind, Kind::Splat { .. }) { '*' } else { ':' };
    let bare = written.strip_prefix(sigil).unwrap_or_else(|| panic!("{text:?}: {name:?}"));
    let quoted = bare.strip_prefix('"').and_then(|bare| bare.strip_suffix('"'));
    match quoted {
        None => assert_eq!(bare, name.text, "{text:?}"),
        Some(quoted) if !quoted.contains('\\') => assert_eq!(quoted, name.text, "{text:?}"),
        Some(quoted) => assert!(quoted.len() > name.text.len(), "{text:?}: {name:?}"),
    }
    assert!(!name.text.is_empty(), "{text:?}: {name:?}");
}
