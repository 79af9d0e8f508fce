//! Formats, parsed once.

use std::fmt::Write as _;

use http::HeaderName;

use super::date;
use super::record::Record;

/// A parsed format.
pub(super) struct Format {
    pieces: Vec<Piece>,
}

enum Piece {
    Text(String),
    Token(Known),
}

/// A token, with its argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Date(date::Form),
    Ended,
    HttpVersion,
    Method,
    Pid,
    RemoteAddr,
    RemoteUser,
    /// `:referrer` is this one, too, with its other spelling.
    Request(HeaderName),
    Response(HeaderName),
    ResponseTime(usize),
    Route,
    Status,
    /// The number of the colour of the status.
    Colour,
    TotalTime(usize),
    Url,
    /// The index of one of the user's.
    Own(usize),
}

/// Whether a byte may be part of the name of a token.
pub(super) fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

impl Format {
    /// Parses as morgan does: `:name` of two or more characters, and `[argument]`.
    pub(super) fn parse(format: &str, own: &[&str], colours: bool) -> Result<Self, String> {
        let (mut pieces, mut text, mut rest) = (Vec::new(), String::new(), format);
        while let Some(at) = rest.find(':') {
            text.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            // The one token with a name inside of a text.
            let colour = rest.strip_prefix("status-colour").filter(|_| colours);
            let length = match colour {
                Some(_) => "status-colour".len(),
                None => rest.bytes().take_while(|byte| is_of_name(*byte)).count(),
            };
            if length < 2 {
                text.push(':');
                continue;
            }
            let name = &rest[..length];
            rest = &rest[length..];
            let mut argument = None;
            if let Some((inside, behind)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'))
                && !inside.is_empty()
            {
                (argument, rest) = (Some(inside), behind);
            }
            let token = match colour {
                Some(_) => Known::Colour,
                None => token(name, argument, own)?,
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Token(token));
        }
        text.push_str(rest);
        pieces.push(Piece::Text(text));
        Ok(Format { pieces })
    }

    /// The tokens, in order.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &Known> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Token(token) => Some(token),
        })
    }

    /// The line of a request.
    pub(super) fn line(&self, record: &Record<'_>) -> String {
        let mut line = String::with_capacity(160);
        // How many tokens of the request and of the response there were.
        let mut seen = (0, 0);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Token(token) => {
                    let begin = line.len();
                    record.write(&mut line, &mut seen, token);
                    if line.len() == begin {
                        line.push('-');
                    }
                }
            }
        }
        line
    }
}

fn token(name: &str, argument: Option<&str>, own: &[&str]) -> Result<Known, String> {
    // The last one of a name applies.
    if let Some(index) = own.iter().rposition(|own| *own == name) {
        return match argument {
            None => Ok(Known::Own(index)),
            Some(argument) => Err(format!("the token `:{name}` takes no argument, and has `[{argument}]`")),
        };
    }
    let token = match name {
        "date" => Known::Date(match argument.unwrap_or("web") {
            "clf" => date::Form::Clf,
            "iso" => date::Form::Iso,
            "web" => date::Form::Web,
            other => return Err(format!("`:date[{other}]` is none of `clf`, `iso` and `web`")),
        }),
        "req" | "res" => {
            let header = argument.ok_or_else(|| format!("`:{name}` needs a header: `:{name}[accept]`"))?;
            let header = header.parse().map_err(|_| format!("`:{name}[{header}]` names no header"))?;
            if name == "req" { Known::Request(header) } else { Known::Response(header) }
        }
        "response-time" => Known::ResponseTime(digits(name, argument)?),
        "total-time" => Known::TotalTime(digits(name, argument)?),
        _ => {
            let token = match name {
                "ended" => Known::Ended,
                "http-version" => Known::HttpVersion,
                "method" => Known::Method,
                "pid" => Known::Pid,
                "referrer" => Known::Request(http::header::REFERER),
                "remote-addr" => Known::RemoteAddr,
                "remote-user" => Known::RemoteUser,
                "route" => Known::Route,
                "status" => Known::Status,
                "url" => Known::Url,
                "user-agent" => Known::Request(http::header::USER_AGENT),
                _ => {
                    return Err(format!(
                        "the token `:{name}` is unknown: add it with `.token(\"{name}\", ..)`"
                    ));
                }
            };
            match argument {
                None => token,
                Some(argument) => {
                    return Err(format!("the token `:{name}` takes no argument, and has `[{argument}]`"));
                }
            }
        }
    };
    Ok(token)
}

/// How many digits behind the point a time has.
fn digits(name: &str, argument: Option<&str>) -> Result<usize, String> {
    let Some(argument) = argument else { return Ok(3) };
    match argument.parse() {
        Ok(digits @ 0..=9) => Ok(digits),
        _ => Err(format!("`:{name}[{argument}]` is not a number of digits: 0 to 9")),
    }
}

/// Writes a value that a client may have chosen, so that it is one part of one line: as morgan 1.12 does.
pub(super) fn escape(line: &mut String, value: &str) {
    // What needs no escape, which is nearly all, is added in one piece.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    let plain = value.bytes().take_while(|byte| is_plain(*byte)).count();
    line.push_str(&value[..plain]);
    for letter in value[plain..].chars() {
        match letter {
            '\\' => line.push_str("\\\\"),
            '"' => line.push_str("\\\""),
            '\u{8}' => line.push_str("\\b"),
            '\u{c}' => line.push_str("\\f"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            // Those of C0 and C1, and two line breaks of Unicode.
            _ if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                let _ = write!(line, "\\u{:04x}", u32::from(letter));
            }
            _ => line.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Known, Piece, escape};

    fn error(format: &str) -> String {
        Format::parse(format, &["own"], false).err().unwrap_or_else(|| panic!("`{format}` is accepted"))
    }

    #[test]
    fn colons_that_begin_no_token_are_text() {
        let format = Format::parse("a: :x ::url[] :", &[], false).unwrap_or_else(|why| panic!("{why}"));
        let texts: Vec<_> = format
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Token(token) => {
                    assert_eq!(*token, Known::Url);
                    "URL"
                }
            })
            .collect();
        assert_eq!(texts, ["a: :x :", "URL", "[] :"]);
    }

    #[test]
    fn mistakes_in_a_format_say_what_is_wrong() {
        assert!(error(":method :uri").contains("`:uri` is unknown"));
        assert!(error(":date[unix]").contains("none of `clf`"));
        assert!(error(":req").contains("needs a header"));
        assert!(error(":res[a b]").contains("names no header"));
        assert!(error(":total-time[x]").contains("0 to 9"));
        assert!(error(":status[3]").contains("takes no argument"));
        assert!(error(":own[3]").contains("takes no argument"));
        assert!(error(":status-colour").contains("unknown"));
    }

    #[test]
    fn what_could_end_a_line_or_a_quoted_part_is_escaped() {
        let mut line = String::new();
        escape(&mut line, "a\r\n\"b\\\u{1b}[31m\u{7f}\u{85}\u{2028}é");
        assert_eq!(line, "a\\r\\n\\\"b\\\\\\u001b[31m\\u007f\\u0085\\u2028é");
    }
}
