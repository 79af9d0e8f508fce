//! A pattern without its optional parts: one variant for each way to leave some of them out.
//!
//! In the order of path-to-regexp, which tries what is longest first. A parameter gets the text at which it has to
//! stop, so that `/:a-:b` has one way to match: what comes after the first `-` cannot contain another.

use super::Name;
use super::parse::{Fault, Token};

/// A piece of a variant; see the library's type of this name. The indexes count in the pattern's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Param(usize, String),
    Splat(usize, String, bool),
}

const MOST: usize = 256;

/// A token that is no group.
#[derive(Clone)]
enum Flat<'a> {
    Text(&'a str),
    Param { name: &'a str, splat: bool, range: &'a std::ops::Range<usize> },
}

pub(super) fn variants(text: &str, tokens: &[Token], names: &[Name]) -> Result<Vec<Vec<Part>>, Vec<Fault>> {
    let flat = flatten(tokens, vec![Vec::new()]).ok_or_else(|| {
        let message =
            format!("there are more than {MOST} ways to leave out optional parts: write several routes");
        vec![Fault { range: 0..text.len(), message }]
    })?;
    flat.iter()
        .map(|tokens| variant(tokens, names))
        .collect::<Result<_, Fault>>()
        .map_err(|fault| vec![fault])
}

/// Every beginning continued with every way through the tokens: those with a part before those without it.
fn flatten<'a>(tokens: &'a [Token], begun: Vec<Vec<Flat<'a>>>) -> Option<Vec<Vec<Flat<'a>>>> {
    let mut all = begun;
    for token in tokens {
        match token {
            Token::Text(text) => all.iter_mut().for_each(|one| one.push(Flat::Text(text))),
            Token::Param { name, splat, range } => {
                all.iter_mut().for_each(|one| one.push(Flat::Param { name, splat: *splat, range }));
            }
            Token::Group(inner) => {
                let mut both = Vec::new();
                for one in all {
                    both.extend(flatten(inner, vec![one.clone()])?);
                    both.push(one);
                }
                all = both;
            }
        }
        if all.len() > MOST {
            return None;
        }
    }
    Some(all)
}

fn variant(tokens: &[Flat<'_>], names: &[Name]) -> Result<Vec<Part>, Fault> {
    let mut parts: Vec<Part> = Vec::new();
    let mut taken: Vec<&str> = Vec::new();
    // The text since the last parameter, and since the last splat if no other parameter came in between.
    let (mut since, mut since_splat) = (String::new(), String::new());
    let (mut after_any, mut after_splat) = (false, false);
    // What stands in this segment already.
    let (mut param_here, mut splat_here) = (false, false);
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Flat::Text(text) => {
                match parts.last_mut() {
                    Some(Part::Text(before)) => before.push_str(text),
                    _ => parts.push(Part::Text((*text).to_owned())),
                }
                since.push_str(text);
                if after_splat {
                    since_splat.push_str(text);
                }
                if text.contains('/') {
                    (param_here, splat_here) = (false, false);
                }
            }
            Flat::Param { name, splat, range } => {
                let fault = |message: String| Fault { range: (*range).clone(), message };
                if taken.contains(name) {
                    return Err(fault(format!(
                        "the name `{name}` stands here twice: give each parameter its own"
                    )));
                }
                taken.push(name);
                if after_any && since.is_empty() {
                    return Err(fault(format!(
                        "nobody could say where the parameter before `{name}` ends: put text between them"
                    )));
                }
                let index = names.iter().position(|known| known.text == *name).unwrap_or(0);
                if *splat {
                    let (stop, or_segment) = if splat_here {
                        (since.clone(), false)
                    } else {
                        (since_splat.clone(), !param_here && !since_splat.is_empty())
                    };
                    parts.push(Part::Splat(index, stop, or_segment));
                    since_splat.clear();
                    (splat_here, after_splat) = (true, true);
                } else {
                    let stop = if param_here || splat_here {
                        since.clone()
                    } else if splat_follows(&tokens[i + 1..]) {
                        text_after(&tokens[i + 1..])
                    } else {
                        String::new()
                    };
                    parts.push(Part::Param(index, if stop == "/" { String::new() } else { stop }));
                    (param_here, after_splat) = (true, false);
                }
                since.clear();
                after_any = true;
            }
        }
    }
    Ok(parts)
}

/// Whether a splat stands further on in the same segment.
fn splat_follows(tokens: &[Flat<'_>]) -> bool {
    for token in tokens {
        match token {
            Flat::Param { splat: true, .. } => return true,
            Flat::Text(text) if text.contains('/') => return false,
            _ => {}
        }
    }
    false
}

fn text_after(tokens: &[Flat<'_>]) -> String {
    tokens.iter().map_while(|token| if let Flat::Text(text) = token { Some(*text) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::Part::{self, Param, Splat, Text};
    use crate::pattern::read;

    fn text(text: &str) -> Part {
        Text(text.to_owned())
    }

    #[test]
    fn optional_parts_are_tried_before_they_are_left_out() {
        let none = String::new;
        let pattern = read("/a{/:b{/:c}}").unwrap_or_else(|_| panic!("refused"));
        assert_eq!(
            pattern.variants,
            [
                vec![text("/a/"), Param(0, none()), text("/"), Param(1, none())],
                vec![text("/a/"), Param(0, none())],
                vec![text("/a")],
            ]
        );
    }

    #[test]
    fn a_parameter_stops_at_the_text_before_it() {
        for (pattern, expected) in [
            ("/:a-:b", vec![text("/"), Param(0, String::new()), text("-"), Param(1, "-".into())]),
            (
                "/*a/mid/*b",
                vec![
                    text("/"),
                    Splat(0, String::new(), false),
                    text("/mid/"),
                    Splat(1, "/mid/".into(), true),
                ],
            ),
            (r"/\:lit", vec![text("/:lit")]),
        ] {
            let read = read(pattern).unwrap_or_else(|_| panic!("{pattern} is refused"));
            assert_eq!(read.variants, [expected], "{pattern}");
        }
    }

    #[test]
    fn too_many_optional_parts_are_a_fault() {
        assert!(read(&"{/a}".repeat(9)).is_err());
        assert!(read(&"{/a}".repeat(8)).is_ok());
    }
}
