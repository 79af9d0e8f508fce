//! Rust files as tokens.

/// A token and its line.
pub(crate) type Token = (String, usize);

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The tokens of a file without its comments. A string is one token, a character none.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let text: Vec<char> = text.chars().collect();
    let at = |i: usize| text.get(i).copied().unwrap_or('\0');
    let (mut all, mut i, mut line) = (Vec::new(), 0, 1);
    while i < text.len() {
        let start = i;
        match (at(i), at(i + 1)) {
            ('/', '/') => i += text[i..].iter().take_while(|c| **c != '\n').count(),
            ('r', '"' | '#') if !is_word(at(i.wrapping_sub(1))) && at(i + 2) != '[' => {
                let hashes = text[i + 1..].iter().take_while(|c| **c == '#').count();
                let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
                let rest: String = text[i + hashes + 2..].iter().collect();
                let length = rest.find(&end).map_or(rest.len(), |to| rest[..to].chars().count() + end.len());
                i += hashes + 2 + length;
            }
            ('"', _) => {
                i += 1;
                while at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
                all.push((text[start..i].iter().collect(), line));
            }
            ('\'', '\\') => i += 3 + text[i + 3..].iter().take_while(|c| **c != '\'').count() + 1,
            ('\'', _) if at(i + 2) == '\'' => i += 3,
            (':', ':') => {
                i += 2;
                all.push(("::".to_owned(), line));
            }
            (c, _) if is_word(c) => {
                i += text[i..].iter().take_while(|c| is_word(**c)).count();
                all.push((text[start..i].iter().collect(), line));
            }
            (c, _) => {
                i += 1;
                if !c.is_whitespace() {
                    all.push((c.to_string(), line));
                }
            }
        }
        line += text[start..i.min(text.len())].iter().filter(|c| **c == '\n').count();
    }
    all
}

/// The index after the first group in brackets that begins at `from` or later.
pub(crate) fn end_of_group(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0;
    for (i, (token, _)) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" if depth == 1 => return i + 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The index after the item at `at`, which may begin with attributes.
pub(crate) fn end_of_item(tokens: &[Token], mut at: usize) -> usize {
    while tokens[at].0 == "#" {
        at = end_of_group(tokens, at);
    }
    while !matches!(tokens[at].0.as_str(), ";" | "{") {
        at = if matches!(tokens[at].0.as_str(), "(" | "[") { end_of_group(tokens, at) } else { at + 1 };
    }
    if tokens[at].0 == ";" { at + 1 } else { end_of_group(tokens, at) }
}
