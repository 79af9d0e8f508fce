//! Random values of the headers that are parsed here give only results that the docs allow.

use http::HeaderValue;

use crate::{Request, TrustProxy};

/// The parts of random headers: characters with a meaning in one of them, and some without.
const PIECES: [&str; 32] = [
    "a",
    "/",
    "*",
    ";",
    ",",
    "=",
    "q",
    "q=0",
    "q=1",
    "0.5",
    "\"",
    "\\",
    " ",
    "%",
    "%41",
    "%ff",
    "[",
    "]",
    ":",
    ".",
    "-",
    "+",
    "j:",
    "bytes=",
    "0-4",
    "-3",
    "10.0.0.1",
    "::1",
    "charset",
    "application/json",
    "multipart/form-data",
    "\u{e9}",
];

/// The same numbers in every run (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn text(&mut self) -> String {
        let length = self.below(12);
        (0..length).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

#[test]
fn any_header_is_parsed_without_a_panic_and_as_documented() {
    let mut numbers = Numbers(88_172_645_463_325_252);
    let offers = ["html", "json", "a/a", "identity", "a", "*"];
    for _ in 0..20_000 {
        let text = numbers.text();
        let mut req = Request::from(http::Request::post("/").body("x").unwrap());
        for name in [
            "accept",
            "accept-language",
            "accept-charset",
            "accept-encoding",
            "content-type",
            "cookie",
            "host",
            "range",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
        ] {
            req.headers_mut().insert(name, HeaderValue::from_bytes(text.as_bytes()).unwrap());
        }
        req.set_trust(&TrustProxy::all().into());
        for chosen in [
            req.accepts(&offers),
            req.accepts_languages(&offers),
            req.accepts_charsets(&offers),
            req.accepts_encodings(&offers),
        ] {
            assert!(chosen.is_none_or(|chosen| offers.contains(&chosen)), "{text}");
        }
        assert!(!req.is("json") || req.is("*/*"), "{text}");
        if let Ok(Some(ranges)) = req.range(10) {
            assert!(
                !ranges.is_empty()
                    && ranges.iter().all(|range| range.start() <= range.end() && *range.end() < 10)
            );
        }
        let names: Vec<&str> = req.cookies().iter().map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| req.cookie(name).is_some()), "{text}");
        assert!(req.ips().len() <= text.split(',').count(), "{text}");
        assert!(
            req.hostname().is_none_or(|name| req.host().is_some_and(|host| host.starts_with(name))),
            "{text}"
        );
        assert!(req.scheme() == "http" || text.contains(req.scheme()), "{text}");
    }
}
