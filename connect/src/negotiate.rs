//! Which of several media types a client likes best (RFC 9110, section 12.5.1), as Express chooses.

use http::HeaderMap;
use http::header::{self, HeaderValue};

/// The type that the client likes best, or nothing if it accepts none of them. They are written without parameters.
///
/// The most exact range says how welcome a type is. Of two that are equally welcome the one that was named more exactly
/// counts, then the one that was named first, then the one that is offered first. Without an `Accept` all are welcome.
pub(crate) fn accepts<'a>(headers: &HeaderMap, offers: &[&'a str]) -> Option<&'a str> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value: &HeaderValue| value.to_str().ok());
    let values: Vec<&str> = values.filter(|value| !value.trim().is_empty()).collect();
    if values.is_empty() {
        return offers.first().copied();
    }
    let ranges: Vec<MediaRange<'_>> =
        values.into_iter().flat_map(|value| value.split(',')).filter_map(media_range).collect();
    let mut best: Option<(Welcome, &str)> = None;
    for &offer in offers {
        if let Some(welcome) = welcome(&ranges, offer)
            && best.is_none_or(|(other, _)| welcome > other)
        {
            best = Some((welcome, offer));
        }
    }
    best.map(|(_, offer)| offer)
}

#[derive(Debug)]
struct MediaRange<'a> {
    main: &'a str,
    sub: &'a str,
    /// In thousandths.
    quality: u16,
}

/// How welcome a type is: the greatest is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Welcome {
    quality: u16,
    /// How exactly it was named.
    exactness: u8,
    /// The place in the header, counted from the end.
    place: usize,
}

fn welcome(ranges: &[MediaRange<'_>], offer: &str) -> Option<Welcome> {
    let (main, sub) = offer.split_once('/')?;
    let fitting = ranges.iter().enumerate().filter_map(|(i, range)| {
        let exactness = match (range.main, range.sub) {
            (m, s) if m.eq_ignore_ascii_case(main) && s.eq_ignore_ascii_case(sub) => 2,
            (m, "*") if m.eq_ignore_ascii_case(main) => 1,
            ("*", "*") => 0,
            _ => return None,
        };
        Some(Welcome { quality: range.quality, exactness, place: ranges.len() - i })
    });
    let best = fitting.max_by_key(|welcome| (welcome.exactness, welcome.quality, welcome.place));
    best.filter(|welcome| welcome.quality > 0)
}

fn media_range(text: &str) -> Option<MediaRange<'_>> {
    let mut parts = text.split(';');
    let (main, sub) = parts.next()?.trim().split_once('/')?;
    let mut quality = 1000;
    // What comes after the quality is not about the type; what comes before it narrows the type down, and none that
    // is offered has parameters.
    if let Some(parameter) = parts.next() {
        let (name, value) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("q") {
            return None;
        }
        let value: f32 = value.trim().parse().ok()?;
        quality = (value.clamp(0.0, 1.0) * 1000.0) as u16;
    }
    Some(MediaRange { main, sub, quality })
}

#[cfg(test)]
mod tests {
    use super::accepts;
    use http::HeaderMap;

    #[test]
    fn the_most_welcome_type_wins_and_of_equals_the_first() {
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
            assert_eq!(accepts(&headers, &OFFERED), chosen, "{accept:?}");
        }
    }
}
