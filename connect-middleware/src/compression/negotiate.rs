//! `Accept-Encoding`: RFC 9110, section 12.5.3.

use http::header::{self, HeaderMap};

use super::Coding;

/// The coding that a client likes most, and of those that it likes equally the first; `None` if it wants none of them, or likes the body
/// as it is better.
pub(super) fn choose(headers: &HeaderMap, codings: &[Coding]) -> Option<Coding> {
    let mut weights = Weights::default();
    for line in headers.get_all(header::ACCEPT_ENCODING) {
        let parts = line.to_str().unwrap_or("").split(',');
        parts.filter_map(parse).for_each(|(name, weight)| weights.add(name, weight));
    }
    let mut best = None;
    for coding in codings {
        let weight = weights.of(*coding);
        if weight > 0 && weight >= weights.identity && best.is_none_or(|(_, most)| weight > most) {
            best = Some((*coding, weight));
        }
    }
    best.map(|(coding, _)| coding)
}

/// What a client has said about each coding, in thousandths; the first word counts.
#[derive(Default)]
struct Weights {
    br: Option<u16>,
    gzip: Option<u16>,
    x_gzip: Option<u16>,
    zstd: Option<u16>,
    any: Option<u16>,
    /// Without a word about it, everything that is accepted is better.
    identity: u16,
    has_identity: bool,
}

impl Weights {
    fn add(&mut self, name: &str, weight: u16) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let place = match name.len() {
            1 if is("*") => &mut self.any,
            2 if is("br") => &mut self.br,
            4 if is("gzip") => &mut self.gzip,
            4 if is("zstd") => &mut self.zstd,
            6 if is("x-gzip") => &mut self.x_gzip,
            8 if is("identity") && !self.has_identity => {
                (self.identity, self.has_identity) = (weight, true);
                return;
            }
            _ => return,
        };
        place.get_or_insert(weight);
    }

    fn of(&self, coding: Coding) -> u16 {
        let named = match coding {
            Coding::Br => self.br,
            Coding::Gzip => self.gzip.or(self.x_gzip),
            Coding::Zstd => self.zstd,
        };
        named.or(self.any).unwrap_or(0)
    }
}

/// A coding and its weight in thousandths; `None` if it is malformed.
fn parse(part: &str) -> Option<(&str, u16)> {
    let (name, mut rest) = part.split_once(';').unwrap_or((part, ""));
    let name = name.trim_ascii();
    if name.is_empty() {
        return None;
    }
    let mut weight = 1000;
    while !rest.is_empty() {
        let (parameter, behind) = rest.split_once(';').unwrap_or((rest, ""));
        rest = behind;
        let (key, value) = parameter.split_once('=')?;
        if key.trim_ascii().eq_ignore_ascii_case("q") {
            weight = thousandths(value.trim_ascii())?;
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
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
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
