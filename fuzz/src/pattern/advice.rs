//! Advice that shows a corrected pattern, as a literal that can be copied into the source.

/// The corrected patterns that a message says to write.
pub(super) fn corrected<'m>(text: &str, message: &'m str) -> impl Iterator<Item = &'m str> + use<'m> {
    // With a backtick in it the ends of what is shown are not to be told from the text.
    let advice = message.split_once(": write `").filter(|_| !text.contains('`'));
    let mut shown = advice.map_or("", |(_, advice)| advice).split('`');
    // What is no literal is about a part of the pattern.
    let first = shown.next().and_then(value_of_literal);
    let also = first.is_some() && shown.next() == Some(", or ");
    let other = if also { shown.next().and_then(value_of_literal) } else { None };
    // A name in quotes is a literal too. A pattern begins like this.
    [first, other].into_iter().flatten().filter(|corrected| corrected.starts_with(['/', '{']))
}

/// The value of a literal without escapes. Panics if it begins like a literal and is none.
fn value_of_literal(shown: &str) -> Option<&str> {
    if let Some(rest) = shown.strip_prefix('"') {
        let value = rest.strip_suffix('"').filter(|value| !value.contains(['"', '\\']));
        return Some(value.unwrap_or_else(|| panic!("{shown} is no literal")));
    }
    let hashed = shown.strip_prefix('r')?;
    let quoted = hashed.trim_start_matches('#');
    let close = format!("\"{}", "#".repeat(hashed.len() - quoted.len()));
    let value = quoted.strip_prefix('"')?.strip_suffix(&*close).filter(|value| !value.contains(&*close));
    Some(value.unwrap_or_else(|| panic!("{shown} is no literal")))
}
