//! `Accept-Encoding`: RFC 9110, section 12.5.3.

use http::header::{self, HeaderMap};

use super::Coding;

/// The coding that a client likes most, and of those that it likes equally the first; `None` if it wants none of them, or likes the body
/// as it is better.
pub(super) fn choose(headers: &HeaderMap, codings: &[Coding]) -> Option<Coding> {
    let lines = headers.get_all(header::ACCEPT_ENCODING);
    let named = || {
        let lines = lines.iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).filter_map(parse)
    };
    let weight =
        |name: &str| named().find(|(coding, _)| name.eq_ignore_ascii_case(coding)).map(|(_, weight)| weight);
    let any = weight("*");
    // Without a word about it, everything that is accepted is better.
    let as_it_is = weight("identity").unwrap_or(0);
    let mut best = None;
    for coding in codings {
        let gzip = || weight("x-gzip").filter(|_| *coding == Coding::Gzip);
        let weight = weight(coding.name()).or_else(gzip).or(any).unwrap_or(0);
        if weight > 0 && weight >= as_it_is && best.is_none_or(|(_, most)| weight > most) {
            best = Some((*coding, weight));
        }
    }
    best.map(|(coding, _)| coding)
}

/// A coding and its weight in thousandths; `None` if it is malformed.
fn parse(part: &str) -> Option<(&str, u16)> {
    let mut parts = part.split(';');
    let name = parts.next()?.trim();
    if name.is_empty() {
        return None;
    }
    let mut weight = 1000;
    for parameter in parts {
        let (key, value) = parameter.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("q") {
            weight = thousandths(value.trim())?;
        }
    }
    Some((name, weight))
}

fn thousandths(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if !matches!(whole, "0" | "1")
        || fraction.len() > 3
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some((u16::from(whole == "1") * 1000 + fraction).min(1000))
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

    use super::super::Coding::{self, Br, Gzip, Zstd};
    use super::choose;

    fn of(lines: &[&str]) -> Option<Coding> {
        let lines = lines.iter().map(|line| (ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap()));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, value)| {
            headers.append(name, value);
        });
        choose(&headers, &[Br, Zstd, Gzip])
    }

    #[test]
    fn the_heaviest_wins_and_then_the_first_of_ours() {
        for (line, chosen) in [
            ("gzip", Some(Gzip)),
            ("x-gzip", Some(Gzip)),
            ("gzip, deflate, br, zstd", Some(Br)),
            ("zstd, gzip", Some(Zstd)),
            ("br;q=0.5, gzip", Some(Gzip)),
            ("br;q=0.001, gzip;q=0", Some(Br)),
            ("*", Some(Br)),
            ("*, br;q=0", Some(Zstd)),
            ("*;q=0", None),
            ("identity", None),
            ("identity, gzip", Some(Gzip)),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.1, gzip;q=0.5", Some(Gzip)),
            ("identity;q=0", None),
            ("GZIP;Q=1.0", Some(Gzip)),
            ("gzip;q=2, br;q=0.1", Some(Br)),
            ("gzip;q=0.1234", None),
            ("gzip;q", None),
            ("", None),
            (",,;", None),
            ("deflate", None),
        ] {
            assert_eq!(of(&[line]), chosen, "{line}");
        }
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["br;q=0.1", "gzip"]), Some(Gzip));
    }

    /// Every list of up to three codings with these weights, against a map that is filled and searched.
    #[test]
    fn all_short_lists_against_a_naive_model() {
        let names = ["gzip", "br", "zstd", "identity", "*", "other"];
        let weights = [("", 10), (";q=0", 0), (";q=0.5", 5), (";q=1", 10)];
        let parts: Vec<(usize, usize)> =
            (0..names.len()).flat_map(|n| (0..weights.len()).map(move |w| (n, w))).collect();
        for &one in &parts {
            for &two in &parts {
                for &three in &parts {
                    let list = [one, two, three];
                    let line: Vec<String> =
                        list.iter().map(|(n, w)| format!("{}{}", names[*n], weights[*w].0)).collect();
                    let of_name =
                        |name: &str| list.iter().find(|(n, _)| names[*n] == name).map(|(_, w)| weights[*w].1);
                    let weighed = [("br", Br), ("zstd", Zstd), ("gzip", Gzip)]
                        .map(|(name, coding)| (of_name(name).or(of_name("*")).unwrap_or(0), coding));
                    let most = weighed.iter().map(|(weight, _)| *weight).max().unwrap();
                    let expected =
                        weighed.iter().find(|(weight, _)| *weight == most).map(|(_, coding)| *coding);
                    let expected = expected.filter(|_| most > 0 && most >= of_name("identity").unwrap_or(0));
                    assert_eq!(of(&[&line.join(", ")]), expected, "{line:?}");
                }
            }
        }
    }
}
