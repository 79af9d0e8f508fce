use super::check::{Kind, Parsed, Place, parse};
use super::fault::Fault;
use super::variants::Part;

fn route(text: &str) -> Parsed {
    parse(text, Place::Route).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

fn faults(text: &str) -> Vec<Fault> {
    parse(text, Place::Route).expect_err(text)
}

/// The only fault: the characters it is about, and the message.
#[track_caller]
fn fault(text: &str) -> (&str, String) {
    let faults = faults(text);
    let [Fault { range, message }] = &faults[..] else { panic!("{text}: {faults:#?}") };
    (&text[range.clone()], message.clone())
}

/// That there is one fault, about these characters, whose advice has this in it.
#[track_caller]
fn refused(text: &str, at: usize, characters: &str, advice: &str) {
    let faults = faults(text);
    let [Fault { range, message }] = &faults[..] else { panic!("{text}: {faults:#?}") };
    assert_eq!((range.start, &text[range.clone()]), (at, characters), "{text}: {message}");
    assert!(message.contains(advice), "{text}: {message}");
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn param(index: usize, stop: &str) -> Part {
    Part::Param(index, stop.to_owned(), false)
}

/// One that may be just its stop.
fn param_or_stop(index: usize, stop: &str) -> Part {
    Part::Param(index, stop.to_owned(), true)
}

fn splat(index: usize, stop: &str, or_segment: bool) -> Part {
    Part::Splat(index, stop.to_owned(), or_segment)
}

/// Every pattern that Express 5 was recorded with, but for the empty one and for `/café`, which matches nothing.
const RECORDED: [&str; 46] = [
    "/test/",
    "/a/b",
    "/:id/",
    "/user/:id",
    "/user/:id/edit",
    "/:a-:b",
    "/:a..:b",
    "/v:ver/x",
    r#"/:"a"b"#,
    "/a/*s/z",
    "/*s.json",
    "/*a/mid/*b",
    "/*rest/:x",
    "{/*s}",
    "/a{/*s}",
    "/a{/:b}",
    "/a{/:b{/:c}}",
    "/a{/:b}{/:c}",
    "{/:a}",
    "{/:a}/b",
    "/{:a}-b",
    "/:a{.:ext}",
    r"/\:lit",
    r"/\{lit\}",
    "/a.b",
    r"/a\+b",
    "/A/b",
    "/caf%C3%A9",
    "/a%20b",
    "/one/:x",
    "/two/:y",
    "/*splat",
    "/files/*path",
    "/{*splat}",
    "/user{/*rest}",
    "/user/:user{/:op}",
    "{/:foo}",
    "/user{/:foo}/delete",
    "/user{s}/:id",
    "/:name.:format",
    "/flights/:from-:to",
    "/api/users/:from..:to",
    r"/:user\(:op\)",
    r#"/:"user-id""#,
    "/:naïve",
    "/price$",
];

#[test]
fn every_recorded_pattern_is_one() {
    for pattern in RECORDED {
        assert_eq!(route(pattern).text, pattern);
        assert_eq!(parse(pattern, Place::Mount), parse(pattern, Place::Route));
    }
}

#[test]
fn plain_text_is_known_as_such() {
    assert_eq!(route(r"/a\+b/").literal(), Some("/a+b/"));
    assert_eq!(route("/").literal(), Some("/"));
    assert_eq!(route("/a//b").literal(), Some("/a//b"));
    assert_eq!(route("/%zz%").literal(), Some("/%zz%"));
    assert_eq!(route(r"/\:lit\\\{\}").literal(), Some(r"/:lit\{}"));
    for pattern in ["/:a", "/a{/b}", "/*s"] {
        assert_eq!(route(pattern).literal(), None);
    }
}

#[test]
fn names_are_identifiers_or_quoted() {
    let names =
        |text: &str| route(text).names.into_iter().map(|name| (name.text, name.range)).collect::<Vec<_>>();
    assert_eq!(names("/:naïve"), [("naïve".to_owned(), 1..8)]);
    assert_eq!(names("/:_a1-:$b"), [("_a1".to_owned(), 1..5), ("$b".to_owned(), 6..9)]);
    assert_eq!(names(r#"/:"a"b"#), [("a".to_owned(), 1..5)]);
    assert_eq!(names(r#"/*"a \"b\" é""#), [(r#"a "b" é"#.to_owned(), 1..14)]);
}

#[test]
fn a_name_is_optional_if_a_variant_does_without_it() {
    let kinds = |text: &str| route(text).names.into_iter().map(|name| name.kind).collect::<Vec<_>>();
    assert_eq!(
        kinds("/:a{/:b{/:c}}/*d"),
        [Kind::Required, Kind::Optional, Kind::Optional, Kind::Splat { optional: false }]
    );
    assert_eq!(kinds("/a{/*s}"), [Kind::Splat { optional: true }]);
}

#[test]
fn a_parameter_stops_at_the_text_since_the_one_before_it_in_its_segment() {
    assert_eq!(route("/:a/:b").variants, [[text("/"), param(0, ""), text("/"), param(1, "")]]);
    assert_eq!(route("/:a-:b").variants, [[text("/"), param(0, ""), text("-"), param_or_stop(1, "-")]]);
    assert_eq!(route("/:a..:b").variants, [[text("/"), param(0, ""), text(".."), param_or_stop(1, "..")]]);
    assert_eq!(route("/*a-:b").variants, [[text("/"), splat(0, "", false), text("-"), param(1, "-")]]);
    assert_eq!(route("/*rest/:x").variants, [[text("/"), splat(0, "", false), text("/"), param(1, "")]]);
}

#[test]
fn a_parameter_before_a_splat_in_its_segment_stops_at_the_text_after_it() {
    assert_eq!(route("/:a-*b").variants, [[text("/"), param(0, "-"), text("-"), splat(1, "", false)]]);
    let variants = route("/:a-:b.*c").variants;
    assert_eq!(variants[0][1], param(0, "-"));
    assert_eq!(variants[0][3], param(1, "."));
    assert_eq!(route("/:a/*b").variants, [[text("/"), param(0, ""), text("/"), splat(1, "", false)]]);
}

#[test]
fn a_splat_stops_at_the_text_since_the_last_one() {
    assert_eq!(route("/*s.json").variants, [[text("/"), splat(0, "", false), text(".json")]]);
    assert_eq!(
        route("/*a/mid/*b").variants,
        [[text("/"), splat(0, "", false), text("/mid/"), splat(1, "/mid/", true)]]
    );
    assert_eq!(route("/*a-*b").variants, [[text("/"), splat(0, "", false), text("-"), splat(1, "-", false)]]);
    // The text after a parameter does not count as text since the splat.
    assert_eq!(route("/*a/:b-*c").variants[0][5], splat(2, "/", true));
    assert_eq!(route("/*a/:b/*c").variants[0][5], splat(2, "/", true));
}

#[test]
fn optional_parts_are_tried_before_their_absence() {
    let a = || text("/a");
    assert_eq!(
        route("/a{/:b{/:c}}").variants,
        [
            vec![text("/a/"), param(0, ""), text("/"), param(1, "")],
            vec![text("/a/"), param(0, "")],
            vec![a()],
        ]
    );
    assert_eq!(
        route("/a{/:b}{/:c}").variants,
        [
            vec![text("/a/"), param(0, ""), text("/"), param(1, "")],
            vec![text("/a/"), param(0, "")],
            vec![text("/a/"), param(1, "")],
            vec![a()],
        ]
    );
    assert_eq!(
        route("/:a{.:ext}").variants,
        [vec![text("/"), param(0, ""), text("."), param_or_stop(1, ".")], vec![text("/"), param(0, "")],]
    );
    assert_eq!(route("{/:a}/b").variants, [vec![text("/"), param(0, ""), text("/b")], vec![text("/b")]]);
    assert_eq!(route("{/*s}").variants, [vec![text("/"), splat(0, "", false)], vec![]]);
}

#[test]
fn the_same_variant_is_there_once() {
    assert_eq!(route("/a{{b}}").variants, [[text("/ab")], [text("/a")]]);
    assert_eq!(route("/{a}{a}").variants, [[text("/aa")], [text("/a")], [text("/")]]);
}

/// `E.pat.bad-*`, Express, row 183.
#[test]
fn what_express_refuses_is_refused_at_the_characters_with_the_way_out() {
    refused("*", 0, "*", r#"write `"/*splat"`, or `"{/*splat}"`"#);
    refused("/*", 1, "*", r#"write `"/*splat"`, or `"{/*splat}"` to match when nothing is there, too"#);
    refused("/user/:id?", 9, "?", r#"write `"/user{/:id}"`"#);
    refused("/user/:id+", 9, "+", r#"write `"/user/*id"`"#);
    refused("/user/:id*", 9, "*", r#"write `"/user{/*id}"`"#);
    refused(r"/user/:id(\d+)", 9, r"(\d+)", r#"`id: u64`, refuses what it cannot be: write `"/user/:id"`"#);
    refused(r"/user/(\d+)", 6, r"(\d+)", r#"write `"/user/:id"`"#);
    refused("/[ab]", 1, "[ab]", "write a parameter in its place");
    refused("/{:id", 1, "{", r#"write `"/{:id}"`"#);
    refused("/:id}", 4, "}", r#"write `"/:id"`"#);
    refused("/user/:", 6, ":", r#"write `"/user/:id"`"#);
    refused("/:a:b", 3, ":b", r#"write `"/:a-:b"`"#);
    refused("/!", 1, "!", r#"write `r"/\!"`"#);
    refused(r#"/:"abc"#, 2, r#""abc"#, r##"write `r#"/:"abc""#`"##);
    refused(r"/abc\", 4, r"\", r#"write `"/abc"`"#);
    let groups = "{/a}{/b}{/c}{/d}{/e}{/f}{/g}{/h}{/i}";
    refused(&format!("/x{groups}"), 2, groups, "512 ways, and 256 are the limit: write several routes");
}

#[test]
fn other_leftovers_of_express_4_are_refused_with_the_way_out() {
    refused("/ab?cd", 3, "?", r#"write `"/a{b}cd"`"#);
    refused("/a(bc)?d", 2, "(bc)?", r#"write `"/a{bc}d"`"#);
    refused("/a/?", 2, "/?", r#"write `"/a"`"#);
    refused("/ab+cd", 3, "+", r#"write `r"/ab\+cd"`"#);
    refused("/tj(edit)", 3, "(edit)", r#"write `r"/tj\(edit\)"`"#);
    refused("/files/(.*)", 7, "(.*)", r#"write `"/files/*splat"`"#);
    refused("/a{/b}?", 6, "?", r#"write `"/a{/b}"`"#);
    refused("/:id.:format?", 12, "?", r#"write `"/:id{.:format}"`"#);
    refused("/*a?", 3, "?", r#"write `"{/*a}"`"#);
    refused("/files/*.json", 7, "*", r#"write `"/files/*splat.json"`"#);
    refused("/a/**", 3, "**", r#"write `"/a/*splat"`"#);
    refused("/search?q=:q", 7, "?q=:q", r#"write `"/search"`"#);
}

#[test]
fn other_mistakes_are_refused_with_the_way_out() {
    refused("", 0, "", r#"write `"/"`"#);
    refused("user/:id", 0, "u", r#"write `"/user/:id"`"#);
    refused(":id", 0, ":", r#"write `"/:id"`"#);
    refused("{a}/b", 1, "a", r#"write `"{/a}/b"`"#);
    refused("{/a}b", 4, "b", r#"write `"{/a}/b"`"#);
    refused("/a{}", 2, "{}", r#"write `"/a"`"#);
    refused(r#"/:"""#, 1, r#":"""#, r#"write `"/:id"`"#);
    refused("/:1", 1, ":1", r##"write `r#"/:"1""#`"##);
    refused("/at/12:", 6, ":", r#"write `r"/at/12\:"`"#);
    refused("/:a{:b}", 4, ":b", r#"write `"/:a{-:b}"`"#);
    refused("/:a{-}:b", 6, ":b", r#"write `"/:a{-}-:b"`"#);
    refused("/:x*y", 3, "*y", r#"write `"/:x-*y"`"#);
    refused("/:id/x/:id", 7, ":id", r#"write `"/:id/x/:id2"`"#);
    refused("/:id{/x/:id}", 8, ":id", r#"write `"/:id{/x/:id2}"`"#);
}

#[test]
fn what_is_not_sent_as_it_is_must_be_encoded() {
    refused("/café", 4, "é", r#"write `"/caf%C3%A9"`"#);
    refused("/a  b", 2, "  ", r#"write `"/a%20%20b"`"#);
    refused("/a#b", 2, "#", r#"write `"/a%23b"`"#);
    refused(r"/a\?b", 2, r"\?", r#"write `"/a%3Fb"`"#);
    refused("/a\tb", 2, "\t", r#"write `"/a%09b"`"#);
    refused("/{ü}/:naïve", 2, "ü", r#"write `"/{%C3%BC}/:naïve"`"#);
}

#[test]
fn what_is_decoded_before_it_is_matched_must_not_be_encoded() {
    refused("/%70rivate", 1, "%70", r#"write `"/private"`"#);
    refused("/~joe/%7Ea", 6, "%7E", r#"write `"/~joe/~a"`"#);
    refused("/:id%41", 4, "%41", r#"write `r"/:id\A"`"#);
    refused("/a{/%5f}", 4, "%5f", r#"write `"/a{/_}"`"#);
    refused("/%4%31", 3, "%31", "write it as `1`");
    assert_eq!(route("/a%2Fb%2541%zz").literal(), Some("/a%2Fb%2541%zz"));
}

#[test]
fn every_mistake_is_a_fault_and_one_pattern_corrects_them_all() {
    let faults = faults(r"/é/:id(\d+)?");
    assert_eq!(faults.len(), 3);
    for fault in faults {
        assert!(fault.message.ends_with(r#"write `"/%C3%A9{/:id}"`"#), "{}", fault.message);
    }
}

#[test]
fn without_a_corrected_pattern_the_advice_is_about_the_part() {
    let faults = faults("/[ab]/:id?");
    assert_eq!(faults.len(), 2);
    assert!(faults[1].message.ends_with("write `{/:id}` in place of `/:id?`"), "{faults:?}");
    assert!(fault("/[ab]").1.ends_with(r"or `\[` for the character itself"));
}

#[test]
fn a_mount_path_is_called_one() {
    assert_eq!(
        parse("a", Place::Mount).unwrap_err()[0].message,
        "a mount path begins with a slash: write `\"/a\"`"
    );
    assert_eq!(fault("a").1, "a pattern begins with a slash: write `\"/a\"`");
}

#[test]
fn nothing_makes_it_panic() {
    let alphabet: Vec<char> = "/:*{}\"()[]?+!ab\\.- é#=1".chars().collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..20_000 {
        let mut text = String::from(if random(4) == 0 { "" } else { "/" });
        text.extend((0..random(16)).map(|_| alphabet[random(alphabet.len())]));
        match parse(&text, Place::Route) {
            Ok(parsed) => assert!(!parsed.variants.is_empty(), "{text}"),
            Err(faults) => {
                assert!(!faults.is_empty(), "{text}");
                for Fault { range, message } in faults {
                    assert!(
                        text.get(range.clone()).is_some_and(|at| !at.is_empty() || text.is_empty()),
                        "{text}"
                    );
                    assert!(!message.is_empty() && !message.contains('\n'), "{text}: {message}");
                }
            }
        }
    }
    for deep in
        ["{".repeat(100_000), format!("/{}", "{/a".repeat(100_000)), "/:a".repeat(1000), "(".repeat(1000)]
    {
        assert!(parse(&deep, Place::Route).is_err());
    }
}
