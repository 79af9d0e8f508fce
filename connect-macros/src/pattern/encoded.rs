//! Percent-encoded characters that no path has once it is normalized.

use super::fault::Draft;
use super::parse::Token;

/// Reports letters, digits and `-._~` that are percent-encoded: `connect` decodes them in a request's path before it
/// matches (RFC 3986, section 6.2.2.2), so such a pattern would match nothing.
pub(super) fn unreserved(tokens: &[Token], faults: &mut Vec<Draft>) {
    let mut behind_capture = false;
    for token in tokens {
        match token {
            Token::Text(text) => {
                let mut at = 0;
                while let Some([(percent, first), (high, _), (low, last), ..]) = text.get(at..) {
                    let byte = if *percent == '%' { byte_of(*high, *low) } else { None };
                    if let Some(c) = byte.filter(|c| is_unreserved(*c)) {
                        // Else it would become part of the parameter's name.
                        let decoded =
                            if at == 0 && behind_capture { format!("\\{c}") } else { c.to_string() };
                        let range = first.start..last.end;
                        let problem = format!("`{c}` is never percent-encoded in a path that is matched");
                        faults.push(
                            Draft::new(range.clone(), problem)
                                .edit(range, decoded.as_str())
                                .otherwise(format!("write it as `{decoded}`")),
                        );
                    }
                    at += if byte.is_some() { 3 } else { 1 };
                }
            }
            Token::Group(inside, _) => unreserved(inside, faults),
            Token::Capture(_) => {}
        }
        behind_capture = matches!(token, Token::Capture(_));
    }
}

/// The byte of a sequence, as a character.
fn byte_of(high: char, low: char) -> Option<char> {
    let byte = high.to_digit(16)? << 4 | low.to_digit(16)?;
    char::from_u32(byte)
}

/// RFC 3986, section 2.3.
fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}
