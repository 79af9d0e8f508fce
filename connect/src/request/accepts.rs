//! Content negotiation: the offer that a client prefers (RFC 9110, section 12.5).

use http::HeaderMap;
use http::header::{self, HeaderName};

use super::Request;
use super::content::{of_extension, pieces, unquoted};

/// Content negotiation.
///
/// The best offer is the one with the highest quality in the header; of several, the one that the header matches most
/// precisely, then the one that it names first, then the first offer. Without the header the client accepts anything.
impl Request {
    /// The media type that the client prefers, by `Accept`, or `None` if it accepts none of them. An offer is a media
    /// type or a file name extension, and is returned as it was given.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("accept", "text/*;q=0.5, application/json").body("").unwrap().into();
    /// assert_eq!(req.accepts(&["html", "json"]), Some("json"));
    /// assert_eq!(req.accepts(&["text/plain"]), Some("text/plain"));
    /// assert_eq!(req.accepts(&["png"]), None);
    /// ```
    #[must_use]
    pub fn accepts<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        media_types(&self.headers, offers)
    }

    /// The language that the client prefers, by `Accept-Language`. `en` in the header matches `en-US`, and, if nothing
    /// matches better, the other way round.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("accept-language", "fr;q=0.8, de-CH").body("").unwrap().into();
    /// assert_eq!(req.accepts_languages(&["en", "fr", "de"]), Some("de"));
    /// ```
    #[must_use]
    pub fn accepts_languages<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        best(&self.headers, &header::ACCEPT_LANGUAGE, offers, language)
    }

    /// The charset that the client prefers, by `Accept-Charset`.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("accept-charset", "utf-8, *;q=0.1").body("").unwrap().into();
    /// assert_eq!(req.accepts_charsets(&["iso-8859-1", "utf-8"]), Some("utf-8"));
    /// ```
    #[must_use]
    pub fn accepts_charsets<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        best(&self.headers, &header::ACCEPT_CHARSET, offers, token)
    }

    /// The encoding that the client prefers, by `Accept-Encoding`. `identity`, which means no encoding, is accepted
    /// unless the header excludes it; without the header it is the only one.
    ///
    /// ```
    /// use connect::{http, Request};
    ///
    /// let req: Request = http::Request::get("/").header("accept-encoding", "gzip, br").body("").unwrap().into();
    /// assert_eq!(req.accepts_encodings(&["br", "gzip", "identity"]), Some("gzip"));
    /// assert_eq!(req.accepts_encodings(&["zstd", "identity"]), Some("identity"));
    /// ```
    #[must_use]
    pub fn accepts_encodings<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let mut ranges =
            self.headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let is_there = self.headers.contains_key(header::ACCEPT_ENCODING);
        let named = ranges.any(|line| list(line).any(|range| token("identity", &range).is_some()));
        let chosen =
            if is_there { best(&self.headers, &header::ACCEPT_ENCODING, offers, token) } else { None };
        let identity = || offers.iter().copied().find(|offer| offer.eq_ignore_ascii_case("identity"));
        // If the header does not name it, it is the last choice.
        chosen.or_else(|| if named { None } else { identity() })
    }
}

/// The media type that a client prefers. As in Express, an empty header counts as none.
pub(crate) fn media_types<'a>(headers: &HeaderMap, offers: &[&'a str]) -> Option<&'a str> {
    if headers.get_all(header::ACCEPT).iter().all(|line| line.as_bytes().trim_ascii().is_empty()) {
        return offers.first().copied();
    }
    best(headers, &header::ACCEPT, offers, |offer, range| media_type(&of_extension(offer), range))
}

/// One entry of a header: a range and its quality.
struct Range<'a> {
    value: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    /// In thousandths.
    quality: u16,
}

/// How precisely an entry matches an offer, if it does: more is better.
type Fit = fn(&str, &Range<'_>) -> Option<u8>;

fn best<'a>(headers: &HeaderMap, name: &HeaderName, offers: &[&'a str], fit: Fit) -> Option<&'a str> {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    if lines.is_empty() {
        return offers.first().copied();
    }
    let ranges: Vec<Range<'_>> = lines.into_iter().flat_map(list).collect();
    let mut found: Option<((u16, u8, usize), &'a str)> = None;
    for offer in offers.iter().copied() {
        // The entry that matches best decides, also if its quality is 0.
        let decides = ranges.iter().enumerate().filter_map(|(place, range)| {
            // Of equal entries the first wins.
            Some((fit(offer, range)?, range.quality, ranges.len() - place))
        });
        let Some((fit, quality, place)) = decides.max() else { continue };
        let rank = (quality, fit, place);
        if quality > 0 && found.is_none_or(|(other, _)| rank > other) {
            found = Some((rank, offer));
        }
    }
    found.map(|(_, offer)| offer)
}

/// The entries of a header; malformed ones are ignored.
fn list(line: &str) -> impl Iterator<Item = Range<'_>> {
    pieces(line, ',').filter_map(|entry| {
        let mut pieces = pieces(entry, ';').map(str::trim);
        let value = pieces.next().filter(|value| !value.is_empty())?;
        let (mut parameters, mut quality) = (Vec::new(), 1000);
        for piece in pieces {
            let (key, text) = piece.split_once('=').unwrap_or((piece, ""));
            let (key, text) = (key.trim_end(), text.trim_start());
            if key.eq_ignore_ascii_case("q") {
                // Parameters after the quality are not those of the type.
                quality = thousandths(text)?;
                break;
            }
            parameters.push((key, text));
        }
        Some(Range { value, parameters, quality })
    })
}

/// A quality, as `0.75`.
fn thousandths(text: &str) -> Option<u16> {
    let quality: f32 = text.parse().ok()?;
    // In this range the cast is exact enough for three digits.
    (0.0..=1.0).contains(&quality).then(|| (quality * 1000.0).round() as u16)
}

fn media_type(offer: &str, range: &Range<'_>) -> Option<u8> {
    let mut offered = pieces(offer, ';').map(str::trim);
    let (kind, subtype) = offered.next()?.split_once('/')?;
    let (range_kind, range_subtype) = range.value.split_once('/')?;
    let mut fit = 0;
    if range_kind.eq_ignore_ascii_case(kind) {
        fit |= 4;
    } else if range_kind != "*" {
        return None;
    }
    if range_subtype.eq_ignore_ascii_case(subtype) {
        fit |= 2;
    } else if range_subtype != "*" {
        return None;
    }
    if range.parameters.is_empty() {
        return Some(fit);
    }
    let own: Vec<(&str, &str)> = offered.filter_map(|piece| piece.split_once('=')).collect();
    let has = |(key, value): &(&str, &str)| {
        *value == "*"
            || own.iter().any(|(name, text)| {
                name.trim().eq_ignore_ascii_case(key)
                    && unquoted(text.trim()).eq_ignore_ascii_case(&unquoted(value))
            })
    };
    range.parameters.iter().all(has).then_some(fit | 1)
}

fn language(offer: &str, range: &Range<'_>) -> Option<u8> {
    let prefix = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    if same(range.value, offer) {
        Some(4)
    } else if same(&prefix(range.value), offer) {
        Some(2)
    } else if same(range.value, &prefix(offer)) {
        Some(1)
    } else {
        (range.value == "*").then_some(0)
    }
}

fn token(offer: &str, range: &Range<'_>) -> Option<u8> {
    if range.value.eq_ignore_ascii_case(offer) { Some(1) } else { (range.value == "*").then_some(0) }
}

#[cfg(test)]
mod tests {
    use super::{best, list, media_type, media_types};
    use crate::Request;
    use http::HeaderMap;

    fn request(name: &str, value: &str) -> Request {
        http::Request::get("/").header(name, value).body("").unwrap().into()
    }

    #[test]
    fn a_type_is_chosen_by_quality_then_precision_then_order() {
        for (accept, offers, wanted) in [
            ("text/html, application/json", &["json", "html"][..], Some("html")),
            ("text/html;q=0.5, application/json", &["html", "json"], Some("json")),
            ("*/*", &["json", "html"], Some("json")),
            ("*/*, application/json", &["html", "json"], Some("json")),
            ("text/*, text/html;q=0", &["html"], None),
            ("text/*, text/html;q=0", &["html", "txt"], Some("txt")),
            ("text/html;level=1", &["text/html"], None),
            ("text/html;level=1", &["text/html;level=1", "text/html"], Some("text/html;level=1")),
            ("TEXT/HTML", &["text/html"], Some("text/html")),
            ("text/html;q=nonsense, text/plain;q=0.1", &["text/html", "text/plain"], Some("text/plain")),
            (
                r#"text/html;a="x,y";q=0.1, text/plain"#,
                &["text/plain", "text/html;a=\"x,y\""],
                Some("text/plain"),
            ),
            ("", &["html"], Some("html")),
        ] {
            assert_eq!(request("accept", accept).accepts(offers), wanted, "{accept}: {offers:?}");
        }
        assert_eq!(request("x", "y").accepts(&["html", "json"]), Some("html"));
        assert_eq!(request("x", "y").accepts(&[]), None);
    }

    #[test]
    fn languages_fit_with_and_without_their_region() {
        for (accept, offers, wanted) in [
            ("en-US", &["fr", "en"][..], Some("en")),
            ("en", &["fr", "en-GB"], Some("en-GB")),
            ("en;q=0.5, fr", &["en", "fr"], Some("fr")),
            ("de, *;q=0.1", &["fr"], Some("fr")),
            ("de", &["fr"], None),
            ("en-US, en;q=0.9", &["en", "en-US"], Some("en-US")),
        ] {
            assert_eq!(request("accept-language", accept).accepts_languages(offers), wanted, "{accept}");
        }
    }

    #[test]
    fn identity_is_taken_unless_it_is_refused() {
        for (accept, offers, wanted) in [
            ("gzip", &["br", "identity"][..], Some("identity")),
            ("gzip, identity;q=0", &["br", "identity"], None),
            ("gzip, *;q=0", &["br", "identity"], None),
            ("*", &["br", "identity"], Some("br")),
            ("gzip;q=0.5, br;q=0.8", &["gzip", "br", "identity"], Some("br")),
            ("", &["gzip", "identity"], Some("identity")),
        ] {
            assert_eq!(request("accept-encoding", accept).accepts_encodings(offers), wanted, "{accept}");
        }
        assert_eq!(request("x", "y").accepts_encodings(&["gzip", "identity"]), Some("identity"));
    }

    #[test]
    fn the_preferred_type_wins_and_of_equals_the_first() {
        const OFFERED: [&str; 3] = ["text/plain", "text/html", "application/json"];
        for (accept, chosen) in [
            (None, Some("text/plain")),
            (Some(""), Some("text/plain")),
            (Some("*/*"), Some("text/plain")),
            (Some("text/html"), Some("text/html")),
            (Some("TEXT/HTML"), Some("text/html")),
            (Some("application/json, text/html"), Some("application/json")),
            (Some("text/*;q=0.5, application/json;q=0.4"), Some("text/plain")),
            (Some("text/*;q=0.5, text/plain;q=0.1, application/json;q=0.4"), Some("text/html")),
            (Some("*/*;q=0.1, text/html"), Some("text/html")),
            (Some("text/plain;q=0, */*"), Some("text/html")),
            (Some("text/html;level=1, application/json;q=0.2"), Some("application/json")),
            (Some("image/png"), None),
            (Some("text/plain;q=x"), None),
            (Some("nonsense"), None),
            // A browser.
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Some("text/html")),
        ] {
            let headers: HeaderMap =
                accept.into_iter().map(|value| (http::header::ACCEPT, value.parse().unwrap())).collect();
            assert_eq!(media_types(&headers, &OFFERED), chosen, "{accept:?}");
        }
    }

    /// The rules of negotiator, Express's library, written naively: rank every offer by its best entry, sort, take the
    /// first.
    fn naive<'a>(accept: &str, offers: &[&'a str]) -> Option<&'a str> {
        let ranges: Vec<_> = list(accept).collect();
        let mut ranked = Vec::new();
        for (i, offer) in offers.iter().enumerate() {
            let mut entries: Vec<_> = ranges.iter().enumerate().collect();
            entries.retain(|(_, range)| media_type(offer, range).is_some());
            entries.sort_by(|(i, a), (j, b)| {
                let precision = media_type(offer, b).cmp(&media_type(offer, a));
                precision.then(b.quality.cmp(&a.quality)).then(i.cmp(j))
            });
            if let Some((place, range)) = entries.first() {
                ranked.push((range.quality, media_type(offer, range), *place, i));
            }
        }
        ranked.retain(|(quality, ..)| *quality > 0);
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)).then(a.3.cmp(&b.3)));
        ranked.first().map(|(.., i)| offers[*i])
    }

    #[test]
    fn every_small_header_is_read_as_the_rules_say() {
        let mut entries = Vec::new();
        for range in ["a/b", "a/c", "a/*", "*/*"] {
            for quality in ["", ";q=0", ";q=0.5", ";q=0.50", ";q=1"] {
                entries.push(format!("{range}{quality}"));
            }
        }
        let offers: [&[&str]; 4] = [&["a/b"], &["a/c", "a/b"], &["d/e", "a/b", "a/c"], &["d/e"]];
        let mut checked = 0;
        for first in &entries {
            for second in &entries {
                for third in &entries {
                    let accept = format!("{first}, {second}, {third}");
                    let req = request("accept", &accept);
                    for offers in offers {
                        let chosen = best(req.headers(), &http::header::ACCEPT, offers, media_type);
                        assert_eq!(chosen, naive(&accept, offers), "{accept}: {offers:?}");
                        checked += 1;
                    }
                }
            }
        }
        assert_eq!(checked, 20 * 20 * 20 * 4);
    }
}
