//! Properties of headers, tested with random text.

use http::header::HeaderMap;

use super::Response;
use crate::conditional::is_fresh;
use crate::request::media_types;
use crate::text::encode_url;

/// Pseudo-random numbers, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn text(&mut self, pieces: &[&str], longest: usize) -> String {
        (0..self.below(longest + 1)).map(|_| self.of(pieces)).collect()
    }
}

const ROUNDS: usize = 20_000;

#[test]
fn an_encoded_url_is_a_header_and_stays_as_it_is() {
    let mut random = Random(1);
    for _ in 0..ROUNDS {
        let url = random
            .text(&["/", "a", "%", "2", "F", "%2f", " ", "\"", "<", "\r\n", "\0", "é", "€", "{", "\\"], 12);
        let encoded = encode_url(&url).into_owned();
        assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
        assert_eq!(encode_url(&encoded), encoded, "{url:?}");
        // Nothing is lost. A `%` that begins no sequence decodes to itself.
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
        assert_eq!(decoded(&encoded), decoded(&url), "{url:?}");
    }
}

/// Parses a `Content-Disposition` as RFC 6266 defines it: the plain name and the one in UTF-8.
fn read_disposition(header: &str) -> (String, Option<String>) {
    let rest = header.strip_prefix("attachment; filename=\"").expect("a name");
    let (mut name, mut chars) = (String::new(), rest.chars());
    loop {
        match chars.next().expect("the quotes are closed") {
            '"' => break,
            '\\' => name.push(chars.next().expect("something is escaped")),
            c => name.push(c),
        }
    }
    let encoded = chars.as_str().strip_prefix("; filename*=UTF-8''");
    assert!(encoded.is_some() || chars.as_str().is_empty(), "{header}");
    let decoded =
        encoded.map(|text| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned());
    (name, decoded)
}

#[test]
fn the_name_of_an_attachment_is_read_as_it_was_written() {
    let mut random = Random(2);
    for _ in 0..ROUNDS {
        let name = random.text(
            &["a", ".", "pdf", " ", "\"", "\\\"", "%", "41", ";", "\r\n", "\0", "é", "€", "'", "="],
            10,
        );
        let name = name.replace('\\', "");
        let mut res = Response::new();
        let header = res.attachment(&*name).header("content-disposition").expect("text").to_owned();
        let (plain, utf_8) = read_disposition(&header);
        assert_eq!(utf_8.unwrap_or(plain), name, "{header}");
        assert!(res.send("x").is_ok(), "{name:?}");
    }
}

#[test]
fn the_type_of_a_text_says_its_charset_once() {
    let mut random = Random(3);
    let pieces = [
        "text/plain",
        "a/b+json",
        "image/png",
        ";",
        "; ",
        "charset",
        "=",
        "utf-8",
        "latin1",
        "\"",
        "\\",
        "x=y",
        " ",
    ];
    for _ in 0..ROUNDS {
        let content_type = random.text(&pieces, 8);
        let sent = |content_type: &str| {
            let mut res = Response::new();
            let _ = res.set("content-type", content_type).send("x");
            res.header("content-type").unwrap_or_default().to_owned()
        };
        let completed = sent(&content_type);
        assert_eq!(sent(&completed), completed, "{content_type:?}");
        if content_type.starts_with("text/plain;") && !content_type.contains('"') {
            assert!(completed.ends_with("; charset=utf-8") || completed == content_type, "{completed:?}");
            assert!(!completed.contains("charset=latin1"), "{completed:?}");
        }
    }
}

#[test]
fn a_tag_is_found_in_a_list_if_and_only_if_it_is_in_it() {
    let mut random = Random(4);
    let tags = ["\"\"", "\"a\"", "\"a,b\"", "\"b\"", "W/\"a\"", "W/\"c d\"", "\"W/\"", "\", \""];
    for _ in 0..ROUNDS {
        let listed: Vec<&str> = (0..random.below(5)).map(|_| random.of(&tags)).collect();
        let mut list = String::new();
        for tag in &listed {
            list.push_str(random.of(&["", " ", ",", ", ,"]));
            list.push_str(tag);
            list.push_str(random.of(&[",", " , ", "\t,"]));
        }
        let own = random.of(&tags);
        let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        let expected = listed.iter().any(|tag| bare(tag) == bare(own));
        let req = HeaderMap::from_iter([(http::header::IF_NONE_MATCH, list.parse().unwrap())]);
        let res = HeaderMap::from_iter([(http::header::ETAG, own.parse().unwrap())]);
        assert_eq!(is_fresh(&req, &res), expected, "{own} in {list:?}");
    }
}

#[test]
fn any_accept_is_read_and_only_what_is_offered_is_chosen() {
    let mut random = Random(5);
    let pieces = [
        "text/html",
        "a/b",
        "*/*",
        "text/*",
        ",",
        ";",
        "q=",
        "0",
        "1",
        ".",
        "5",
        "\"",
        "=",
        "/",
        " ",
        "-",
        "inf",
        "nan",
    ];
    let offers = ["a/b", "text/html", "text/plain"];
    for _ in 0..ROUNDS {
        let accept = random.text(&pieces, 12);
        let headers = HeaderMap::from_iter([(http::header::ACCEPT, accept.parse().unwrap())]);
        let chosen = media_types(&headers, &offers);
        assert!(chosen.is_none_or(|chosen| offers.contains(&chosen)));
        // A chosen offer is also accepted alone.
        if let Some(chosen) = chosen {
            assert_eq!(media_types(&headers, &[chosen]), Some(chosen), "{accept:?}");
        }
    }
}
