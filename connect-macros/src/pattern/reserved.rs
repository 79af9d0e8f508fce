//! Characters that mean nothing in a pattern, and did in Express 4. The advice is for what was probably meant.

use super::fault::Draft;
use super::parse::{Reader, Token, is_continue};

impl Reader<'_> {
    pub(super) fn question_mark(&mut self, start: usize) {
        let range = start..self.at;
        let means = "braces mark what may be missing, not `?`";
        if self.rest().contains('=') {
            self.at = self.text.len();
            let fault = Draft::new(start..self.at, "`?` begins a query, and a pattern sees none");
            self.faults.push(fault.edit(start..self.at, "").otherwise("leave it out"));
        } else if let Some((capture, from)) = self.capture_before() {
            let part = &self.text[from..capture.range.end];
            let otherwise = format!("write `{{{part}}}` in place of `{part}?`");
            let fault = Draft::new(range.clone(), means).edit(from..from, "{").edit(range, "}");
            self.faults.push(fault.otherwise(otherwise));
        } else if let Some((c, before)) = self.before() {
            let fault = if c == '/' && before.start > 0 && self.rest().is_empty() {
                let fault = Draft::new(before.start..self.at, "a slash at the end does not count anyway");
                fault.edit(before.start..self.at, "")
            } else {
                Draft::new(range.clone(), means).edit(before.start..before.start, "{").edit(range, "}")
            };
            let written = &self.text[before];
            self.faults.push(fault.otherwise(format!("write `{{{written}}}` in place of `{written}?`")));
        } else {
            let problem = match self.level.last() {
                Some(Token::Group(..)) => "what is in braces may be missing without a `?`",
                _ => "`?` means nothing here",
            };
            self.faults.push(Draft::new(range.clone(), problem).edit(range, "").otherwise("leave it out"));
        }
    }

    pub(super) fn plus(&mut self, start: usize) {
        let Some((capture, _)) = self.capture_before() else { return self.reserved('+', start) };
        let problem = "`+` does not repeat what is before it; `*` before a name takes several segments";
        let otherwise = format!("write `*{}`", capture.name);
        let sigil = capture.range.start..capture.range.start + 1;
        let fault = Draft::new(start..self.at, problem).edit(sigil, "*").edit(start..self.at, "");
        self.faults.push(fault.otherwise(otherwise));
    }

    pub(super) fn parenthesis(&mut self, start: usize) {
        let Some(length) = length_of_group(&self.text[start..]) else { return self.reserved('(', start) };
        let none = "a pattern takes no regular expressions";
        self.at = start + length;
        let inside = &self.text[start + 1..self.at - 1];
        if let Some((capture, _)) = self.capture_before() {
            let argument = match capture.name.chars().all(|c| c != '$' && is_continue(c)) {
                true => format!("`{}: u64`", capture.name),
                false => "`id: u64`".to_owned(),
            };
            let problem = format!("{none}; a typed parameter, such as {argument}, refuses what it cannot be");
            let fault = Draft::new(start..self.at, problem).edit(start..self.at, "");
            self.faults.push(fault.otherwise("leave this out"));
            return;
        }
        let plain = !inside.is_empty() && inside.chars().all(|c| c.is_alphanumeric() || "-_/~%".contains(c));
        if plain && self.rest().starts_with('?') {
            let written = format!("{{{inside}}}");
            self.at += 1;
            let fault = Draft::new(start..self.at, "braces mark what may be missing, not `( )?`");
            self.faults
                .push(fault.edit(start..self.at, written.as_str()).otherwise(format!("write `{written}`")));
            return;
        }
        if plain {
            let problem = "parentheses are reserved, and group nothing in a pattern";
            let end = self.at - 1;
            let fault = Draft::new(start..self.at, problem).edit(start..start, "\\").edit(end..end, "\\");
            self.faults
                .push(fault.otherwise(format!("write `\\({inside}\\)` for the characters themselves")));
            return;
        }
        let end = self.at;
        self.skip_modifiers();
        let (splat, base) = if matches!(inside, ".*" | ".+") { (true, "splat") } else { (false, "id") };
        let name = self.made_up_name(base);
        let written = format!("{}{name}", if splat { '*' } else { ':' });
        let mut fault = Draft::new(start..self.at, format!("{none}; a parameter can stand in its place"));
        if self.at == end {
            fault = fault.edit(start..end, written.as_str());
        }
        self.faults.push(fault.otherwise(format!("write `{written}`, and look at its value")));
        self.capture(splat, name, start);
    }

    pub(super) fn bracket(&mut self, start: usize) {
        let Some(length) = self.text[start..].find(']') else { return self.reserved('[', start) };
        self.at = start + length + 1;
        self.skip_modifiers();
        let advice =
            "write a parameter in its place and look at its value, or `\\[` for the character itself";
        self.faults
            .push(Draft::new(start..self.at, "a pattern takes no regular expressions").otherwise(advice));
        // A placeholder, so that the parameters around it do not count as neighbours.
        self.level.push(Token::Text(vec![('x', start..self.at)]));
    }

    /// What belongs to a regular expression that was refused.
    fn skip_modifiers(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(['?', '+', '*']).len();
    }

    pub(super) fn reserved(&mut self, c: char, start: usize) {
        let problem = format!("`{c}` is reserved, and means nothing in a pattern");
        let fault = Draft::new(start..self.at, problem).edit(start..start, "\\");
        self.faults.push(fault.otherwise(format!("write `\\{c}` for the character itself")));
        self.character(c, start);
    }
}

/// How long a group in parentheses is, from one to the other.
fn length_of_group(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' if depth == 1 => return Some(i + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}
