use std::collections::BTreeSet;

use http::Method;

use super::{Found, Table};
use crate::route::matcher::Span;
use crate::route::methods::{Allowed, Methods, Wanted};
use crate::route::pattern::Part::{Param, Splat, Text};
use crate::route::pattern::{Options, Part, Pattern};

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

fn leak<T>(list: Vec<T>) -> &'static [T] {
    list.leak()
}

/// Adds a part, so that no texts follow each other.
fn push(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (_, Text("")) => {}
        (Some(Text(before)), Text(text)) => *before = format!("{before}{text}").leak(),
        _ => parts.push(part),
    }
}

const WORDS: &[&str] =
    &["a", "b", "ab", "B", "abc", "aé", "é", "", "longer-than-eight", "longer-than-nine", "x.y", "1@P`"];

fn any_pattern(random: &mut Random) -> &'static Pattern {
    let mut names = 0;
    let mut optional_from = None;
    let mut parts: Vec<Part> = Vec::new();
    let mut shorter = Vec::new();
    let segments = random.below(4);
    for segment in 0..=segments {
        if random.one_in(8) && optional_from.is_none() {
            optional_from = Some(segment);
            shorter.clone_from(&parts);
        }
        let mut name = || {
            names += 1;
            names - 1
        };
        if segment > 0 || !random.one_in(20) {
            push(&mut parts, Text("/"));
        }
        match random.below(14) {
            0..=5 => push(&mut parts, Text(random.of(WORDS))),
            6..=9 => push(&mut parts, Param(name(), "", false)),
            10 => {
                push(&mut parts, Text(random.of(WORDS)));
                push(&mut parts, Param(name(), "", false));
                push(&mut parts, Text(random.of(&["", "", "b", "-"])));
            }
            11 => {
                let between = random.of(&["-", ".", "b", "bc"]);
                push(&mut parts, Param(name(), "", false));
                push(&mut parts, Text(between));
                push(&mut parts, Param(name(), between, random.one_in(2)));
            }
            12 => push(&mut parts, Splat(name(), random.of(&["", "", "", "b", "/a"]), random.one_in(2))),
            _ => {
                push(&mut parts, Splat(name(), "", false));
                push(&mut parts, Text(random.of(&["", "/", "b", "/a"])));
            }
        }
    }
    for _ in 0..random.below(9).saturating_sub(6) {
        push(&mut parts, Text("/"));
    }
    let mut text: String = parts
        .iter()
        .map(|part| match part {
            Text(text) => (*text).to_owned(),
            Param(name, ..) => format!(":{name}"),
            Splat(name, ..) => format!("*{name}"),
        })
        .collect();
    let mut variants = vec![leak(parts)];
    if optional_from.is_some() && !shorter.is_empty() {
        text.push('}');
        variants.push(leak(shorter));
    }
    let names = leak((0..names).map(|name| &*format!("n{name}").leak()).collect());
    Box::leak(Box::new(Pattern { text: text.leak(), names, variants: leak(variants) }))
}

/// A path that the pattern matches, or almost.
fn path_for(pattern: &Pattern, random: &mut Random) -> String {
    let mut path = String::new();
    for part in random.of(pattern.variants) {
        match part {
            Text(text) if random.one_in(8) => path += &text.to_uppercase(),
            Text(text) => path += text,
            Param(..) => path += random.of(&["a", "b", "ab", "a-b", "x.y", "é", "123456789", "-", "--"]),
            Splat(..) => path += random.of(&["a", "a/b", "b/", "/", "a//b/a", "123456/8/1"]),
        }
    }
    if random.one_in(3) {
        path += random.of(&["/", "//", "b", "/a"]);
    }
    if random.one_in(4) && path.ends_with('/') {
        path.pop();
    }
    path
}

/// Matches a variant in the plainest way: all ends that a part may have, the preferred ones first.
fn plain(
    parts: &[Part],
    path: &[char],
    at: usize,
    options: Options,
    slashes: usize,
    names: &mut [Option<(usize, usize, bool)>],
) -> bool {
    let same = |a: char, b: char| if options.case_sensitive { a == b } else { a.eq_ignore_ascii_case(&b) };
    let is_at = |text: &str, at: usize| {
        text.chars().enumerate().all(|(i, wanted)| path.get(at + i).is_some_and(|&there| same(wanted, there)))
    };
    let Some((part, rest)) = parts.split_first() else {
        return at == path.len() || !options.strict && path[at..] == ['/'];
    };
    let all = |stop: &str, slash: bool| {
        let fits = |i: usize| (slash || path[i] != '/') && (stop.is_empty() || !is_at(stop, i));
        let longest = (at..path.len()).take_while(|&i| fits(i)).count();
        (1..=longest).rev().map(|len| at + len).collect::<Vec<_>>()
    };
    let (name, splat, ends) = match *part {
        Text(mut text) => {
            if rest.is_empty() {
                for _ in 0..slashes {
                    text = text.strip_suffix('/').unwrap_or(text);
                }
            }
            let end = at + text.chars().count();
            return is_at(text, at) && plain(rest, path, end, options, slashes, names);
        }
        Param(name, stop, or_stop) => {
            let just_stop = (or_stop && is_at(stop, at)).then(|| at + stop.chars().count());
            (name, false, [all(stop, false), just_stop.into_iter().collect()].concat())
        }
        Splat(name, stop, or_segment) => {
            let segment = if or_segment { all("", false) } else { Vec::new() };
            (name, true, [all(stop, true), segment].concat())
        }
    };
    ends.into_iter().any(|end| {
        names[name] = Some((at, end, splat));
        plain(rest, path, end, options, slashes, names)
    })
}

/// The variant of a pattern that matches, and the spans.
fn plain_match(pattern: &Pattern, path: &str, options: Options) -> Option<(usize, Vec<Option<Span>>)> {
    let chars: Vec<char> = path.chars().collect();
    let byte = |at: usize| chars[..at].iter().map(|c| c.len_utf8()).sum::<usize>() as u32;
    let slashes = pattern.text.chars().rev().take_while(|&c| c == '/').count();
    let slashes = if options.strict || pattern.text == "/" { 0 } else { slashes };
    pattern.variants.iter().enumerate().find_map(|(variant, parts)| {
        let mut names = vec![None; pattern.names.len()];
        let span = |(start, end, splat)| Span { start: byte(start), end: byte(end), splat };
        plain(parts, &chars, 0, options, slashes, &mut names)
            .then(|| (variant, names.into_iter().map(|name| name.map(span)).collect()))
    })
}

const METHODS: &[(&[&str], Methods)] = &[
    (&["GET", "HEAD"], Methods::new(&["GET"])),
    (&["POST"], Methods::new(&["POST"])),
    (&["PUT", "PURGE"], Methods::new(&["PUT", "PURGE"])),
    (&[], Methods::ALL),
];

#[test]
fn a_table_finds_what_a_search_in_order_finds() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut finds, mut captured) = (0, 0);
    for round in 0..500 {
        let options = Options { strict: random.one_in(3), case_sensitive: random.one_in(3) };
        let count = random.of(&[1, 3, 8, 30, 100]);
        let mut routes: Vec<(&Pattern, _)> = Vec::new();
        for _ in 0..count {
            let pattern = if !routes.is_empty() && random.one_in(4) {
                routes[random.below(routes.len())].0
            } else {
                any_pattern(&mut random)
            };
            routes.push((pattern, random.of(METHODS)));
        }
        let table = Table::new(routes.iter().map(|(pattern, (_, methods))| (*pattern, *methods)), options);
        for _ in 0..30 {
            let path = match random.below(12) {
                0 => random.of(&["/", "//", "*", "/a", "/a/", "/é", "a", "///", "/a/b/a"]).to_owned(),
                _ => path_for(routes[random.below(count)].0, &mut random),
            };
            if path.is_empty() {
                continue;
            }
            let method = random.of(&["GET", "HEAD", "POST", "DELETE", "PURGE"]);
            let parsed = Method::from_bytes(method.as_bytes()).unwrap();
            let at = || format!("round {round}, {method} {path}, {options:?}, {routes:?}");

            let mut matching = Vec::new();
            let mut refused = BTreeSet::new();
            let mut answering = Vec::new();
            for (route, (pattern, (names, _))) in routes.iter().enumerate() {
                let Some((variant, spans)) = plain_match(pattern, &path, options) else { continue };
                matching.push(Found { route, variant });
                if names.is_empty() || names.contains(&method) {
                    answering.push((Found { route, variant }, spans));
                } else {
                    refused.extend(names.iter().copied());
                }
            }

            let mut from = 0;
            let mut allowed = Allowed::default();
            for (expected, expected_spans) in &answering {
                let found = table.find(&path, Wanted::new(&parsed), from, &mut allowed);
                assert_eq!(found.as_ref(), Some(expected), "{}", at());
                let spans = table.captures(*expected, &path);
                assert_eq!(&spans[..], &expected_spans[..], "{}", at());
                from = expected.route + 1;
                finds += 1;
                captured += spans.iter().flatten().count();
            }
            assert_eq!(table.find(&path, Wanted::new(&parsed), from, &mut allowed), None, "{}", at());
            assert_eq!(allowed.to_header(), refused.into_iter().collect::<Vec<_>>().join(", "), "{}", at());

            from = 0;
            for expected in &matching {
                assert_eq!(table.find_any(&path, from).as_ref(), Some(expected), "{}", at());
                from = expected.route + 1;
            }
            assert_eq!(table.find_any(&path, from), None, "{}", at());
        }
    }
    // So many that the comparison says something.
    assert!(finds > 15_000 && captured > 20_000, "{finds} {captured}");
}

#[test]
fn an_empty_table_finds_nothing() {
    let table = Table::new([], Options::default());
    assert_eq!(table.find_any("/", 0), None);
    assert!(table.routes().is_empty());
}

#[test]
fn a_route_that_is_not_the_first_is_found_behind_the_others() {
    let text = &Pattern { text: "/a", names: &[], variants: &[&[Text("/a")]] };
    let param = &Pattern { text: "/:x", names: &["x"], variants: &[&[Text("/"), Param(0, "", false)]] };
    let table =
        Table::new([(param, Methods::ALL), (text, Methods::ALL), (param, Methods::ALL)], Options::default());
    let routes = (0..4).map(|from| table.find_any("/A", from).map(|found| found.route));
    assert_eq!(routes.collect::<Vec<_>>(), [Some(0), Some(1), Some(2), None]);
}

#[test]
fn bytes_that_differ_like_letters_do_are_different() {
    let text = &Pattern { text: "/@[`", names: &[], variants: &[&[Text("/@[`")]] };
    let table = Table::new([(text, Methods::ALL)], Options::default());
    for (path, found) in [("/@[`", true), ("/`[`", false), ("/@{`", false), ("/@[@", false)] {
        assert_eq!(table.find_any(path, 0).is_some(), found, "{path}");
    }
}

#[test]
fn long_segments_are_compared_to_their_ends() {
    let texts: Vec<&str> =
        (0..500).map(|i| &*format!("/a-long-segment-{i:03}-that-goes-on").leak()).collect();
    for case_sensitive in [false, true] {
        let patterns = texts.iter().map(|text| {
            let variants = leak(vec![leak(vec![Text(text)])]);
            &*Box::leak(Box::new(Pattern { text, names: &[], variants }))
        });
        let options = Options { strict: false, case_sensitive };
        let table = Table::new(patterns.map(|pattern| (pattern, Methods::ALL)), options);
        for (route, text) in texts.iter().enumerate() {
            let found = Some(Found { route, variant: 0 });
            assert_eq!(table.find_any(text, 0), found);
            assert_eq!(table.find_any(&text.to_uppercase(), 0), found.filter(|_| !case_sensitive));
            assert_eq!(table.find_any(&text[..text.len() - 1], 0), None);
            assert_eq!(table.find_any(&format!("{text}-"), 0), None);
        }
    }
}

#[test]
fn segments_without_a_fork_are_compared_one_and_all() {
    let pattern = |text: &'static str| {
        let variants = leak(vec![leak(vec![Text(text)])]);
        &*Box::leak(Box::new(Pattern { text, names: &[], variants }))
    };
    let long = pattern("/api/v1/a-long-segment//that-goes-on");
    for case_sensitive in [false, true] {
        for other in [None, Some(pattern("/api/v1/users")), Some(pattern("/api"))] {
            let options = Options { strict: false, case_sensitive };
            let routes = [Some(long), other].into_iter().flatten();
            let table = Table::new(routes.map(|pattern| (pattern, Methods::ALL)), options);
            let find = |path: &str| table.find_any(path, 0).map(|found| found.route);
            for (route, pattern) in [Some(long), other].into_iter().flatten().enumerate() {
                assert_eq!(find(pattern.text), Some(route));
                assert_eq!(find(&format!("{}/", pattern.text)), Some(route));
                assert_eq!(find(&pattern.text.to_uppercase()), Some(route).filter(|_| !case_sensitive));
                for wrong in ["x", "//", "/x"] {
                    assert_eq!(find(&format!("{}{wrong}", pattern.text)), None);
                }
            }
            for (end, _) in long.text.char_indices().skip(1) {
                let expected = other.filter(|other| long.text[..end].trim_end_matches('/') == other.text);
                assert_eq!(find(&long.text[..end]), expected.map(|_| 1), "{}", &long.text[..end]);
            }
        }
    }
}
