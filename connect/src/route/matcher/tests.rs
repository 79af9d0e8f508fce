use std::fmt::Write;

use super::{Mode, matches};
use crate::route::pattern::Part::{Param, Splat, Text};
use crate::route::pattern::{Options, Part, Pattern};

/// What a pattern matches, written as `covered a=1 s=x,y`, or nothing.
fn run(pattern: &Pattern, path: &str, mode: Mode) -> String {
    let Some(found) = matches(pattern, path, mode, Options::default()) else { return String::new() };
    assert_eq!(found.spans.len(), pattern.names.len());
    let mut said = path[..found.len].to_owned();
    for (name, span) in pattern.names.iter().zip(&found.spans) {
        let Some(span) = span else { continue };
        let raw = &path[span.start as usize..span.end as usize];
        let value = if span.splat { raw.replace('/', ",") } else { raw.to_owned() };
        let _ = write!(said, " {name}={value}");
    }
    said
}

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

#[track_caller]
fn check(pattern: Pattern, mode: Mode, cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(run(&pattern, path, mode), *expected, "{} {path}", pattern.text);
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
    let bounded = pattern("/:a:x", A, &[&[Text("/"), Param(0, "-X", false), Text("-x")]]);
    check(
        bounded,
        Mode::Whole,
        &[("/n-x", "/n-x a=n"), ("/n-x-x", ""), ("/-x", ""), ("/n-y-X", "/n-y-X a=n-y")],
    );
}

#[test]
fn a_second_parameter_may_be_just_the_text_before_it() {
    let both = pattern("/:a-:b", AB, &[&[Text("/"), Param(0, "", false), Text("-"), Param(1, "-", true)]]);
    check(
        both,
        Mode::Whole,
        &[
            ("/x--", "/x-- a=x b=-"),
            ("/x---", "/x--- a=x- b=-"),
            ("/x-y", "/x-y a=x b=y"),
            ("/x-", ""),
            ("/--", ""),
            ("/---", "/--- a=- b=-"),
        ],
    );
    let dots = pattern("/:a..:b", AB, &[&[Text("/"), Param(0, "", false), Text(".."), Param(1, "..", true)]]);
    check(dots, Mode::Whole, &[("/x....", "/x.... a=x. b=."), ("/x..", "")]);
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
            &[Text("/a/"), Param(0, "", false), Text("/b")],
            &[Text("/a/"), Param(0, "", false)],
            &[Text("/a/b")],
            &[Text("/a")],
        ],
    );
    check(optional, Mode::Whole, &[("/a/b", "/a/b a=b"), ("/a/x/b/", "/a/x/b/ a=x"), ("/a/x/c", "")]);
    check(optional, Mode::Prefix, &[("/a/x/c", "/a/x a=x"), ("/a//b", "/a")]);
}

#[test]
fn of_one_name_the_last_value_counts() {
    let twice = pattern("/:a/:a", A, &[&[Text("/"), Param(0, "", false), Text("/"), Param(0, "", false)]]);
    check(twice, Mode::Whole, &[("/x/y", "/x/y a=y")]);
}

#[test]
fn paths_need_not_begin_with_a_slash_or_be_ascii() {
    let any = pattern("*s", S, &[&[Splat(0, "", false)]]);
    check(any, Mode::Whole, &[("*", "* s=*"), ("/é/", "/é/ s=,é,")]);
    let text = pattern("/é:a-ß", A, &[&[Text("/é"), Param(0, "", false), Text("-ß")]]);
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
    assert_eq!(run(&splats, &path, Mode::Whole), "");
    let params = pattern(
        "/:a-:b-:a",
        AB,
        &[&[
            Text("/"),
            Param(0, "", false),
            Text("-"),
            Param(1, "-", false),
            Text("-"),
            Param(0, "-", false),
            Text("!"),
        ]],
    );
    let path = format!("/{}", "a-".repeat(4000));
    assert_eq!(run(&params, &path, Mode::Whole), "");
}
