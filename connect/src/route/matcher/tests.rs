use std::collections::BTreeMap;

use serde_json::Value;

use super::{Mode, matches};
use crate::route::pattern::Part::{Param, Splat, Text};
use crate::route::pattern::{Options, Part, Pattern};

/// Matches, and gives what it covers and the parameters as text; those of several patterns in the first that does.
fn run(
    patterns: &[Pattern],
    path: &str,
    mode: Mode,
    options: Options,
) -> Option<(String, BTreeMap<String, Value>)> {
    let (pattern, found) =
        patterns.iter().find_map(|pattern| Some((pattern, matches(pattern, path, mode, options)?)))?;
    assert_eq!(found.spans.len(), pattern.names.len());
    let mut params = BTreeMap::new();
    for (name, span) in pattern.names.iter().zip(&found.spans) {
        let Some(span) = span else { continue };
        let raw = &path[span.start as usize..span.end as usize];
        let value = if span.splat { Value::Array(raw.split('/').map(decode).collect()) } else { decode(raw) };
        params.insert((*name).to_owned(), value);
    }
    Some((path[..found.len].to_owned(), params))
}

/// Null, if there is a malformed percent sequence.
fn decode(raw: &str) -> Value {
    let mut bytes = Vec::new();
    let mut rest = raw.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            return Value::Null;
        };
        bytes.push(byte);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).map_or(Value::Null, Value::String)
}

const ID: &[&str] = &["id"];
const A: &[&str] = &["a"];
const AB: &[&str] = &["a", "b"];
const S: &[&str] = &["s"];

const fn pattern(
    text: &'static str,
    names: &'static [&'static str],
    variants: &'static [&'static [Part]],
) -> Pattern {
    Pattern { text, names, variants }
}

/// The patterns of the recorded file, as the macros parse them.
const PATTERNS: &[Pattern] = &[
    pattern("/test/", &[], &[&[Text("/test/")]]),
    pattern("/a/b", &[], &[&[Text("/a/b")]]),
    pattern("/:id/", ID, &[&[Text("/"), Param(0, ""), Text("/")]]),
    pattern("/user/:id", ID, &[&[Text("/user/"), Param(0, "")]]),
    pattern("/user/:id/edit", ID, &[&[Text("/user/"), Param(0, ""), Text("/edit")]]),
    pattern("/:a-:b", AB, &[&[Text("/"), Param(0, ""), Text("-"), Param(1, "-")]]),
    pattern("/:a..:b", AB, &[&[Text("/"), Param(0, ""), Text(".."), Param(1, "..")]]),
    pattern("/v:ver/x", &["ver"], &[&[Text("/v"), Param(0, ""), Text("/x")]]),
    pattern("/:\"a\"b", A, &[&[Text("/"), Param(0, ""), Text("b")]]),
    pattern("/a/*s/z", S, &[&[Text("/a/"), Splat(0, "", false), Text("/z")]]),
    pattern("/*s.json", S, &[&[Text("/"), Splat(0, "", false), Text(".json")]]),
    pattern("/*a/mid/*b", AB, &[&[Text("/"), Splat(0, "", false), Text("/mid/"), Splat(1, "/mid/", true)]]),
    pattern("/*rest/:x", &["rest", "x"], &[&[Text("/"), Splat(0, "", false), Text("/"), Param(1, "")]]),
    pattern("{/*s}", S, &[&[Text("/"), Splat(0, "", false)], &[]]),
    pattern("/a{/*s}", S, &[&[Text("/a/"), Splat(0, "", false)], &[Text("/a")]]),
    pattern("/a{/:b}", &["b"], &[&[Text("/a/"), Param(0, "")], &[Text("/a")]]),
    pattern(
        "/a{/:b{/:c}}",
        &["b", "c"],
        &[&[Text("/a/"), Param(0, ""), Text("/"), Param(1, "")], &[Text("/a/"), Param(0, "")], &[Text("/a")]],
    ),
    pattern(
        "/a{/:b}{/:c}",
        &["b", "c"],
        &[
            &[Text("/a/"), Param(0, ""), Text("/"), Param(1, "")],
            &[Text("/a/"), Param(0, "")],
            &[Text("/a/"), Param(1, "")],
            &[Text("/a")],
        ],
    ),
    pattern("{/:a}", A, &[&[Text("/"), Param(0, "")], &[]]),
    pattern("{/:a}/b", A, &[&[Text("/"), Param(0, ""), Text("/b")], &[Text("/b")]]),
    pattern("/{:a}-b", A, &[&[Text("/"), Param(0, ""), Text("-b")], &[Text("/-b")]]),
    pattern(
        "/:a{.:ext}",
        &["a", "ext"],
        &[&[Text("/"), Param(0, ""), Text("."), Param(1, ".")], &[Text("/"), Param(0, "")]],
    ),
    pattern("/\\:lit", &[], &[&[Text("/:lit")]]),
    pattern("/\\{lit\\}", &[], &[&[Text("/{lit}")]]),
    pattern("/a.b", &[], &[&[Text("/a.b")]]),
    pattern("/a\\+b", &[], &[&[Text("/a+b")]]),
    pattern("/A/b", &[], &[&[Text("/A/b")]]),
    pattern("/caf%C3%A9", &[], &[&[Text("/caf%C3%A9")]]),
    pattern("/café", &[], &[&[Text("/café")]]),
    pattern("/a%20b", &[], &[&[Text("/a%20b")]]),
    pattern("", &[], &[&[]]),
    pattern("/one/:x", &["x"], &[&[Text("/one/"), Param(0, "")]]),
    pattern("/two/:y", &["y"], &[&[Text("/two/"), Param(0, "")]]),
];

#[test]
fn patterns_match_what_they_match_in_express() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/paths-express5.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut checked = 0;
    for row in file["rows"].as_array().unwrap() {
        let texts: Vec<&str> = match &row["pattern"] {
            Value::Array(several) => several.iter().map(|text| text.as_str().unwrap()).collect(),
            one => vec![one.as_str().unwrap()],
        };
        let of = |text| *PATTERNS.iter().find(|known| known.text == text).unwrap();
        let patterns: Vec<Pattern> = texts.iter().copied().map(of).collect();
        let mode = if row["mode"] == "use" { Mode::Prefix } else { Mode::Whole };
        let options =
            Options { strict: row["mode"] == "route-strict", case_sensitive: row["mode"] == "route-case" };
        let at = |input: &str| format!("{texts:?} {} {input}", row["mode"]);
        for hit in row["matches"].as_array().unwrap() {
            let input = hit["input"].as_str().unwrap();
            // The path of a request is never empty.
            if input.is_empty() {
                continue;
            }
            let (covered, params) =
                run(&patterns, input, mode, options).unwrap_or_else(|| panic!("{}", at(input)));
            if hit.get("error").is_some() {
                assert!(serde_json::to_string(&params).unwrap().contains("null"), "{}", at(input));
            } else {
                assert_eq!(covered, hit["path"], "{}", at(input));
                assert_eq!(serde_json::to_value(params).unwrap(), hit["params"], "{}", at(input));
            }
            checked += 1;
        }
        for input in row["misses"].as_array().unwrap() {
            let input = input.as_str().unwrap();
            if !input.is_empty() {
                assert_eq!(run(&patterns, input, mode, options), None, "{}", at(input));
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 32 * 4 * 62);
}

/// What a pattern matches, written as `covered a=1 s=x,y`, or nothing.
#[track_caller]
fn check(pattern: Pattern, mode: Mode, cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        let found = run(&[pattern], path, mode, Options::default());
        let found = found.map_or(String::new(), |(covered, params)| {
            let params = params.iter().map(|(name, value)| match value {
                Value::Array(list) => {
                    let list: Vec<_> = list.iter().map(|value| value.as_str().unwrap()).collect();
                    format!(" {name}={}", list.join(","))
                }
                value => format!(" {name}={}", value.as_str().unwrap()),
            });
            covered + &params.collect::<String>()
        });
        assert_eq!(found, *expected, "{} {path}", pattern.text);
    }
}

#[test]
fn slashes_at_the_end_of_a_pattern_are_trimmed_as_often_as_they_are_written() {
    check(
        pattern("/a//", &[], &[&[Text("/a//")]]),
        Mode::Whole,
        &[("/a", "/a"), ("/a/", "/a/"), ("/a//", "")],
    );
    let optional = pattern("/a/{b}/", &[], &[&[Text("/a/b/")], &[Text("/a//")]]);
    check(optional, Mode::Whole, &[("/a/b", "/a/b"), ("/a", ""), ("/a/", "/a/"), ("/a//", "/a//")]);
    check(
        pattern("/", &[], &[&[Text("/")]]),
        Mode::Whole,
        &[("/", "/"), ("//", "//"), ("///", ""), ("/a", "")],
    );
    check(pattern("//", &[], &[&[Text("//")]]), Mode::Whole, &[("/", "/"), ("//", "")]);
}

#[test]
fn a_mount_at_the_root_covers_nothing() {
    let root = pattern("/", &[], &[&[Text("/")]]);
    for path in ["/", "/a", "//", "*"] {
        assert_eq!(matches(&root, path, Mode::Prefix, Options::default()).unwrap().len, 0, "{path}");
    }
}

#[test]
fn mounts_do_not_regard_strict() {
    let strict = Options { strict: true, case_sensitive: false };
    let mount = pattern("/a/", &[], &[&[Text("/a/")]]);
    assert_eq!(matches(&mount, "/a", Mode::Prefix, strict).unwrap().len, 2);
    assert_eq!(matches(&mount, "/a/b", Mode::Prefix, strict).unwrap().len, 2);
    assert_eq!(matches(&mount, "/a/", Mode::Prefix, strict).unwrap().len, 3);
    assert_eq!(matches(&mount, "/ab", Mode::Prefix, strict), None);
}

#[test]
fn a_stop_is_looked_for_behind_the_end_too() {
    // `:a` may not hold a byte at which `-x` begins, also if only its first byte would be in `:a`.
    let bounded = pattern("/:a:x", A, &[&[Text("/"), Param(0, "-X"), Text("-x")]]);
    check(
        bounded,
        Mode::Whole,
        &[("/n-x", "/n-x a=n"), ("/n-x-x", ""), ("/-x", ""), ("/n-y-X", "/n-y-X a=n-y")],
    );
}

#[test]
fn a_splat_tries_a_segment_at_last() {
    let both = pattern(
        "/*a-*b",
        AB,
        &[&[Text("/"), Splat(0, "", false), Text("-"), Splat(1, "-", true), Text("!")]],
    );
    check(
        both,
        Mode::Whole,
        &[("/x/y-z/1!", "/x/y-z/1! a=x,y b=z,1"), ("/x-!", ""), ("/x--!", "/x--! a=x b=-")],
    );
    let segment = pattern("/*a", A, &[&[Text("/"), Splat(0, "-", true), Text("!")]]);
    check(segment, Mode::Whole, &[("/x-y!", "/x-y! a=x-y"), ("/x/y-z!", ""), ("/x/yz!", "/x/yz! a=x,yz")]);
}

#[test]
fn a_prefix_is_as_long_as_it_can_be() {
    check(
        pattern("/*s", S, &[&[Text("/"), Splat(0, "", false)]]),
        Mode::Prefix,
        &[("/a/b", "/a/b s=a,b"), ("/a/b/", "/a/b/ s=a,b,"), ("/", "")],
    );
    let file = pattern("/*s.d", S, &[&[Text("/"), Splat(0, "", false), Text(".d")]]);
    check(file, Mode::Prefix, &[("/a.d/b.d/c", "/a.d/b.d s=a.d,b"), ("/a.d/b", "/a.d s=a"), ("/a.dx", "")]);
}

#[test]
fn the_end_of_the_path_decides_about_the_variant() {
    let optional = pattern(
        "/a{/:a}{/b}",
        A,
        &[
            &[Text("/a/"), Param(0, ""), Text("/b")],
            &[Text("/a/"), Param(0, "")],
            &[Text("/a/b")],
            &[Text("/a")],
        ],
    );
    check(optional, Mode::Whole, &[("/a/b", "/a/b a=b"), ("/a/x/b/", "/a/x/b/ a=x"), ("/a/x/c", "")]);
    check(optional, Mode::Prefix, &[("/a/x/c", "/a/x a=x"), ("/a//b", "/a")]);
}

#[test]
fn of_one_name_the_last_value_counts() {
    let twice = pattern("/:a/:a", A, &[&[Text("/"), Param(0, ""), Text("/"), Param(0, "")]]);
    check(twice, Mode::Whole, &[("/x/y", "/x/y a=y")]);
}

#[test]
fn paths_need_not_begin_with_a_slash_or_be_ascii() {
    let any = pattern("*s", S, &[&[Splat(0, "", false)]]);
    check(any, Mode::Whole, &[("*", "* s=*"), ("/é/", "/é/ s=,é,")]);
    let text = pattern("/é:a-ß", A, &[&[Text("/é"), Param(0, ""), Text("-ß")]]);
    check(text, Mode::Whole, &[("/éü-ß", "/éü-ß a=ü"), ("/Éü-ß", ""), ("/é-ß", "")]);
}

#[test]
fn a_hostile_path_does_not_take_long() {
    let splats = pattern(
        "/*a/x/*b/x/*c",
        &["a", "b", "c"],
        &[&[
            Text("/"),
            Splat(0, "", false),
            Text("/x/"),
            Splat(1, "/x/", true),
            Text("/x/"),
            Splat(2, "/x/", true),
            Text("!"),
        ]],
    );
    let path = "/x".repeat(4000);
    assert_eq!(run(&[splats], &path, Mode::Whole, Options::default()), None);
    let params = pattern(
        "/:a-:b-:a",
        AB,
        &[&[Text("/"), Param(0, ""), Text("-"), Param(1, "-"), Text("-"), Param(0, "-"), Text("!")]],
    );
    let path = format!("/{}", "a-".repeat(4000));
    assert_eq!(run(&[params], &path, Mode::Whole, Options::default()), None);
}
