//! The grammar of a pattern.
//!
//! ```text
//! pattern := (text | ':' name | '*' name | '{' pattern '}')*
//! name    := identifier | '"' any '"'
//! text    := '\' any | any but ( ) [ ] { } * : ? + !
//! ```
//!
//! Express 4 meant something else by some of the characters. Each has its Express 5 spelling in its message.

use std::ops::Range;

/// What is wrong, and where in the text.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
}

/// A piece of a pattern.
#[derive(Debug)]
pub(crate) enum Token {
    Text(String),
    Param { name: String, splat: bool, range: Range<usize> },
    Group(Vec<Token>),
}

/// Reads a pattern; one fault is reported, the first.
pub(crate) fn parse(text: &str) -> Result<Vec<Token>, Vec<Fault>> {
    let mut parser = Parser { text, at: 0 };
    parser.begins_right().and_then(|()| parser.tokens(None)).map_err(|fault| vec![fault])
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

type Parsed<T> = Result<T, Fault>;

fn fault<T>(range: Range<usize>, message: impl Into<String>) -> Parsed<T> {
    Err(Fault { range, message: message.into() })
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// The pattern with something else in place of a range.
    fn with(&self, range: Range<usize>, other: &str) -> String {
        format!("{}{other}{}", &self.text[..range.start], &self.text[range.end..])
    }

    fn begins_right(&self) -> Parsed<()> {
        let text = self.text;
        if text.starts_with('/') || text.trim_start_matches('{').starts_with('/') && text.starts_with('{') {
            return Ok(());
        }
        if text.is_empty() {
            return fault(0..0, "a path begins with a slash: write `/`");
        }
        if text == "*" {
            return fault(0..1, "a path begins with a slash: write `{/*path}` for every path");
        }
        let first = text.chars().next().map_or(0, char::len_utf8);
        fault(0..first, format!("a path begins with a slash: write `/{text}`"))
    }

    fn tokens(&mut self, open: Option<usize>) -> Parsed<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut literal = String::new();
        loop {
            let start = self.at;
            let Some(c) = self.next() else {
                return match open {
                    Some(open) => fault(
                        open..open + 1,
                        "this `{` is never closed: write `}` where the optional part ends",
                    ),
                    None => {
                        flush(&mut literal, &mut tokens);
                        Ok(tokens)
                    }
                };
            };
            match c {
                ':' | '*' => {
                    flush(&mut literal, &mut tokens);
                    let name = self.name(c, start)?;
                    tokens.push(Token::Param { name, splat: c == '*', range: start..self.at });
                    self.modifier(c, start)?;
                }
                '{' => {
                    flush(&mut literal, &mut tokens);
                    let inner = self.tokens(Some(start))?;
                    if inner.is_empty() {
                        return fault(start..self.at, "this optional part is empty: leave it out");
                    }
                    tokens.push(Token::Group(inner));
                }
                '}' if open.is_some() => {
                    flush(&mut literal, &mut tokens);
                    return Ok(tokens);
                }
                '\\' => match self.next() {
                    Some(c) => literal.push(c),
                    None => {
                        return fault(
                            start..self.at,
                            r"this `\` escapes nothing: leave it out, or write `\\` for the character itself",
                        );
                    }
                },
                c => {
                    self.literal(c, start)?;
                    literal.push(c);
                }
            }
        }
    }

    /// Whether a character may stand for itself.
    fn literal(&self, c: char, start: usize) -> Parsed<()> {
        let end = self.at;
        let here = start..end;
        let itself = |parser: &Self| parser.with(here.clone(), &format!("\\{c}"));
        match c {
            '}' => fault(
                here.clone(),
                format!("this `}}` closes nothing: leave it out, or write `{}`", itself(self)),
            ),
            '(' => {
                let close = self.text[start..].find(')').map_or(self.text.len(), |len| start + len + 1);
                let group = start..close;
                fault(
                    group.clone(),
                    format!(
                        "patterns have no regular expressions: take it as a parameter and let its type refuse (`id: u64`), \
                         write `{{..}}` around what is optional, or `{}` for the character itself",
                        itself(self)
                    ),
                )
            }
            ')' | '[' | ']' | '!' => fault(
                here.clone(),
                format!(
                    "`{c}` has no meaning in patterns: write `{}` for the character itself",
                    itself(self)
                ),
            ),
            '?' | '+' => {
                let before = self.text[..start].char_indices().next_back();
                let advice = match (c, before) {
                    ('?', Some((at, optional))) if optional != '/' && optional != '}' => {
                        format!(
                            "for an optional `{optional}` write `{}`",
                            self.with(at..end, &format!("{{{optional}}}"))
                        )
                    }
                    _ => "write `{..}` around what is optional".to_owned(),
                };
                fault(
                    here.clone(),
                    format!(
                        "`{c}` was Express 4's: {advice}, or `{}` for the character itself{}",
                        itself(self),
                        if c == '?' { " (the query is no part of a pattern)" } else { "" }
                    ),
                )
            }
            '#' => fault(
                start..self.text.len(),
                "`#` cannot be part of a path: a client does not send what follows it",
            ),
            c if !c.is_ascii() || c == ' ' || c.is_ascii_control() => {
                let mut bytes = [0; 4];
                let encoded: String =
                    c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")).collect();
                fault(
                    here.clone(),
                    format!(
                        "paths are compared as clients send them, encoded: write `{}`",
                        self.with(here, &encoded)
                    ),
                )
            }
            _ => Ok(()),
        }
    }

    fn name(&mut self, sign: char, start: usize) -> Parsed<String> {
        let mut name = String::new();
        if self.peek() == Some('"') {
            let open = self.at;
            self.next();
            loop {
                match self.next() {
                    Some('"') => break,
                    Some('\\') => name.extend(self.next()),
                    Some(c) => name.push(c),
                    None => {
                        return fault(
                            open..self.at,
                            "this quoted name is never closed: write `\"` at its end",
                        );
                    }
                }
            }
            if name.is_empty() {
                return fault(open..self.at, "a parameter needs a name between the quotes");
            }
            return Ok(name);
        }
        while let Some(c) = self.peek() {
            let fits = if name.is_empty() {
                unicode_ident::is_xid_start(c)
            } else {
                unicode_ident::is_xid_continue(c)
            };
            if !fits && c != '_' && c != '$' {
                break;
            }
            name.push(c);
            self.at += c.len_utf8();
        }
        if name.is_empty() {
            let example = if sign == ':' { ":id" } else { "*path" };
            let whole = self.with(start..self.at, example);
            let message = if sign == ':' {
                format!("a parameter needs a name: write `{whole}`, or `\\:` for the character itself")
            } else {
                let begin = if self.text[..start].ends_with('/') { start - 1 } else { start };
                let slash = if begin < start { "/" } else { "" };
                let nothing = self.with(begin..self.at, &format!("{{{slash}*path}}"));
                format!(
                    "`*` needs a name since Express 5: write `{whole}`, or `{nothing}` to match nothing too"
                )
            };
            return fault(start..self.at, message);
        }
        Ok(name)
    }

    /// What Express 4 could put behind a parameter.
    fn modifier(&self, sign: char, start: usize) -> Parsed<()> {
        let Some(c @ ('?' | '+' | '*' | '(')) = self.peek() else { return Ok(()) };
        // A wildcard of its own.
        if c == '*'
            && self.text[self.at + 1..].starts_with(|c: char| unicode_ident::is_xid_start(c) || c == '"')
        {
            return Ok(());
        }
        let name = &self.text[start + 1..self.at];
        let begin = if self.text[..start].ends_with('/') { start - 1 } else { start };
        let slash = &self.text[begin..start];
        if c == '(' {
            let close = self.text[self.at..].find(')').map_or(self.text.len(), |len| self.at + len + 1);
            return fault(
                self.at..close,
                format!(
                    "patterns have no regular expressions: write `{}` and let the parameter's type refuse: `{name}: u64`",
                    self.with(self.at..close, "")
                ),
            );
        }
        let whole = begin..self.at + 1;
        let spelled = match c {
            '?' => format!("{{{slash}{sign}{name}}}"),
            '+' => format!("{slash}*{name}"),
            _ => format!("{{{slash}*{name}}}"),
        };
        fault(self.at..self.at + 1, format!("`{c}` was Express 4's: write `{}`", self.with(whole, &spelled)))
    }
}

fn flush(literal: &mut String, tokens: &mut Vec<Token>) {
    if !literal.is_empty() {
        tokens.push(Token::Text(std::mem::take(literal)));
    }
}

#[cfg(test)]
mod tests {
    use crate::pattern::read;

    #[test]
    fn what_express_refuses_is_refused_with_the_way_to_write_it() {
        for (pattern, at, advice) in [
            ("*", 0, "{/*path}"),
            ("/*", 1, "`/*path`"),
            ("/user/:id?", 9, "`/user{/:id}`"),
            ("/user/:id+", 9, "`/user/*id`"),
            ("/user/:id*", 9, "`/user{/*id}`"),
            (r"/user/:id(\d+)", 9, "`/user/:id`"),
            (r"/user/(\d+)", 6, "its type refuse"),
            ("/[ab]", 1, r"`/\[ab]`"),
            ("/{:id", 1, "never closed"),
            ("/:id}", 4, "closes nothing"),
            ("/user/:", 6, "`/user/:id`"),
            ("/:a:b", 3, "text between"),
            ("/!", 1, r"`/\!`"),
            ("/:\"abc", 2, "never closed"),
            ("/abc\\", 4, "escapes nothing"),
            ("/ab?cd", 3, "`/a{b}cd`"),
            ("/caf\u{e9}", 4, "`/caf%C3%A9`"),
            ("user", 0, "`/user`"),
            ("", 0, "write `/`"),
            ("/:id/:id", 5, "twice"),
        ] {
            let faults = read(pattern).err().unwrap_or_else(|| panic!("{pattern} is taken"));
            assert_eq!(faults.len(), 1, "{pattern}");
            assert!(faults[0].message.contains(advice), "{pattern}: {}", faults[0].message);
            assert_eq!(faults[0].range.start, at, "{pattern}: {}", faults[0].message);
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        let alphabet: Vec<char> = "/:*{}\"()[]?+!ab\\.- \u{e9}".chars().collect();
        let mut state = 1_u64;
        for _ in 0..50_000 {
            let mut text = String::new();
            for _ in 0..state % 12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push(alphabet[(state >> 33) as usize % alphabet.len()]);
            }
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if let Err(faults) = read(&text) {
                assert!(faults.iter().all(|fault| text.get(fault.range.clone()).is_some()), "{text}");
            }
        }
    }
}
