//! The characters of a pattern.
//!
//! ```text
//! pattern := ( text | param | splat | '{' pattern '}' )*
//! param   := ':' name
//! splat   := '*' name
//! name    := identifier | '"' ( '\' any | any )+ '"'
//! text    := '\' any | any but \ : * { } ( ) [ ] + ? !
//! ```

use std::ops::Range;

use super::fault::Draft;

/// A piece of a pattern.
#[derive(Debug)]
pub(crate) enum Token {
    /// Characters, each with the bytes it was written with.
    Text(Vec<(char, Range<usize>)>),
    Capture(Capture),
    Group(Vec<Token>, Range<usize>),
}

/// A parameter.
#[derive(Debug)]
pub(crate) struct Capture {
    /// Whether it is `*name` and not `:name`.
    pub(crate) splat: bool,
    pub(crate) name: String,
    pub(crate) range: Range<usize>,
}

/// How deep groups may be nested. Each makes a variant, so that deeper ones are refused in any case.
const DEPTH: usize = 256;

/// Parses a pattern. What is not understood is replaced by something valid, so that parsing can continue.
pub(crate) fn tokens(text: &str) -> (Vec<Token>, Vec<Draft>) {
    let mut reader =
        Reader { text, at: 0, level: Vec::new(), open: Vec::new(), made_up: Vec::new(), faults: Vec::new() };
    while let Some(c) = reader.next() {
        reader.one(c, reader.at - c.len_utf8());
    }
    while let Some((start, outer)) = reader.open.pop() {
        let fault = Draft::new(start..start + 1, "this `{` is not closed");
        let fault = fault.edit(text.len()..text.len(), "}").otherwise("write a `}` after what is optional");
        reader.faults.push(fault);
        let inside = std::mem::replace(&mut reader.level, outer);
        reader.level.push(Token::Group(inside, start..text.len()));
    }
    (reader.level, reader.faults)
}

/// The state of the parser.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// What was read of the group that is open, or of the whole.
    pub(super) level: Vec<Token>,
    /// Where the groups around it begin, and what is in them before it.
    open: Vec<(usize, Vec<Token>)>,
    /// The names that were made up.
    made_up: Vec<String>,
    pub(super) faults: Vec<Draft>,
}

impl Reader<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// One character, and what belongs to it.
    fn one(&mut self, c: char, start: usize) {
        match c {
            '\\' => match self.next() {
                Some(c) => self.character(c, start),
                None => {
                    let fault = Draft::new(start..self.at, "the `\\` at the end escapes nothing");
                    self.faults.push(fault.edit(start..self.at, "").otherwise("leave it out"));
                }
            },
            '{' if self.open.len() == DEPTH => {
                let problem = "the optional parts are in one another too deeply";
                self.faults.push(Draft::new(start..self.at, problem).otherwise("write several routes"));
                self.open.clear();
                self.at = self.text.len();
            }
            '{' => self.open.push((start, std::mem::take(&mut self.level))),
            '}' => self.close(start),
            ':' => self.param(start),
            '*' => self.splat(start),
            '?' => self.question_mark(start),
            '+' => self.plus(start),
            '(' => self.parenthesis(start),
            '[' => self.bracket(start),
            '!' | ')' | ']' => self.reserved(c, start),
            c => self.character(c, start),
        }
    }

    pub(super) fn character(&mut self, c: char, start: usize) {
        let c = (c, start..self.at);
        match self.level.last_mut() {
            Some(Token::Text(text)) => text.push(c),
            _ => self.level.push(Token::Text(vec![c])),
        }
    }

    pub(super) fn capture(&mut self, splat: bool, name: String, start: usize) {
        self.level.push(Token::Capture(Capture { splat, name, range: start..self.at }));
    }

    /// The character just before, if it is literal text.
    pub(super) fn before(&self) -> Option<(char, Range<usize>)> {
        match self.level.last() {
            Some(Token::Text(text)) => text.last().cloned(),
            _ => None,
        }
    }

    /// The parameter just before, and where it begins: the slash or dot before it goes with it.
    pub(super) fn capture_before(&self) -> Option<(&Capture, usize)> {
        let [before @ .., Token::Capture(capture)] = &self.level[..] else { return None };
        let start = match before.last() {
            Some(Token::Text(text)) => match text.last() {
                Some(('/' | '.', range)) => range.start,
                _ => capture.range.start,
            },
            _ => capture.range.start,
        };
        Some((capture, start))
    }

    fn close(&mut self, start: usize) {
        let Some((opened, outer)) = self.open.pop() else {
            let fault = Draft::new(start..self.at, "this `}` closes nothing").edit(start..self.at, "");
            self.faults.push(fault.otherwise("leave it out, or write `\\}` for the character itself"));
            return;
        };
        let inside = std::mem::replace(&mut self.level, outer);
        let range = opened..self.at;
        if inside.is_empty() && opened + 1 == start {
            let fault = Draft::new(range.clone(), "there is nothing between these braces");
            self.faults.push(fault.edit(range.clone(), "").otherwise("leave them out"));
        }
        self.level.push(Token::Group(inside, range));
    }

    /// The name after a `:` or `*`. A fault with it was added, if there is none.
    fn name(&mut self, start: usize) -> Option<String> {
        let rest = self.rest();
        let mut name = String::new();
        if rest.starts_with(is_start) {
            let end = rest.find(|c| !is_continue(c)).unwrap_or(rest.len());
            name += &rest[..end];
            self.at += end;
        } else if rest.starts_with('"') {
            let quote = self.at;
            self.at += 1;
            loop {
                match self.next() {
                    Some('"') => break,
                    Some('\\') => name.extend(self.next()),
                    Some(c) => name.push(c),
                    None => {
                        self.open_quote(quote);
                        break;
                    }
                }
            }
            if name.is_empty() {
                if self.text.get(quote..self.at) == Some("\"\"") {
                    let made_up = self.made_up_name("id");
                    let fault = Draft::new(start..self.at, "there is no name between these quotes");
                    let fault = fault.edit(quote..self.at, made_up.as_str()).otherwise("write one");
                    self.faults.push(fault);
                }
                name += "?";
            }
        } else if rest.starts_with(is_continue) {
            let end = rest.find(|c| !is_continue(c)).unwrap_or(rest.len());
            name += &rest[..end];
            let range = self.at..self.at + end;
            self.at = range.end;
            let quoted = format!("\"{name}\"");
            let fault = Draft::new(start..range.end, "a name begins with a letter, `_` or `$`, or is quoted");
            self.faults.push(fault.edit(range, quoted.as_str()).otherwise(format!("write `{quoted}`")));
        } else {
            return None;
        }
        Some(name)
    }

    fn open_quote(&mut self, quote: usize) {
        let rest = &self.text[quote..];
        let end = quote + rest.find(['/', '{', '}']).unwrap_or(rest.len());
        let fault = Draft::new(quote..self.text.len(), "this quote is not closed").edit(end..end, "\"");
        self.faults.push(fault.otherwise("write a `\"` after the name"));
    }

    fn param(&mut self, start: usize) {
        if let Some(name) = self.name(start) {
            return self.capture(false, name, start);
        }
        let fault = Draft::new(start..self.at, "a name is missing after this `:`");
        if self.before().is_none_or(|(c, _)| c == '/') {
            let name = self.made_up_name("id");
            let otherwise = format!("write `:{name}`, or `\\:` for the character itself");
            self.faults.push(fault.edit(self.at..self.at, name.as_str()).otherwise(otherwise));
            self.capture(false, name, start);
        } else {
            let otherwise = "write one, or `\\:` for the character itself";
            self.faults.push(fault.edit(start..start, "\\").otherwise(otherwise));
            self.character(':', start);
        }
    }

    fn splat(&mut self, start: usize) {
        if let Some(name) = self.name(start) {
            return self.capture(true, name, start);
        }
        if let Some((capture, from)) = self.capture_before() {
            let problem =
                "`*` does not repeat what is before it; before a name it takes any number of segments";
            let slash = &self.text[from..capture.range.start];
            let otherwise = format!("write `{{{slash}*{}}}`", capture.name);
            let sigil = capture.range.start..capture.range.start + 1;
            let fault = Draft::new(start..self.at, problem).edit(from..from, "{").edit(sigil, "*");
            self.faults.push(fault.edit(start..self.at, "}").otherwise(otherwise));
            return;
        }
        // `**` and more are one mistake.
        self.at += self.rest().len() - self.rest().trim_start_matches('*').len();
        let name = self.made_up_name("splat");
        let range = start..self.at;
        let before = self.before();
        // An `*` that is the whole pattern was meant for every path.
        let slash = if start == 0 { "/" } else { "" };
        let mut fault = Draft::new(range.clone(), "`*` needs a name")
            .edit(range.clone(), format!("{slash}*{name}"))
            .otherwise(format!("write `*{name}`"));
        let from = match before {
            Some(('/', slash)) => Some(slash.start),
            _ => (start == 0).then_some(0),
        };
        if let Some(from) = from.filter(|_| self.rest().is_empty()) {
            fault = fault
                .or(vec![(from..range.end, format!("{{/*{name}}}"))], "to match when nothing is there, too");
        }
        self.faults.push(fault);
        self.capture(true, name, start);
    }

    /// A name that does not occur.
    pub(super) fn made_up_name(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        for i in 2.. {
            let used = self.text.contains(&format!(":{name}")) || self.text.contains(&format!("*{name}"));
            if !used && !self.made_up.contains(&name) {
                break;
            }
            name = format!("{base}{i}");
        }
        self.made_up.push(name.clone());
        name
    }
}

fn is_start(c: char) -> bool {
    matches!(c, '$' | '_') || unicode_ident::is_xid_start(c)
}

pub(super) fn is_continue(c: char) -> bool {
    matches!(c, '$' | '\u{200c}' | '\u{200d}') || unicode_ident::is_xid_continue(c)
}
