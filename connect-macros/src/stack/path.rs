//! The text of a mount path.

/// The literal text of a mount path, with its escapes taken out; or what is wrong with it.
///
/// The characters that Express 5 gives a meaning to in patterns are reserved here: with a `\` before them they
/// mean themselves.
pub(crate) fn literal(path: &str) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err(format!("a mount path begins with a slash: write `\"/{path}\"`"));
    }
    let mut text = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c) => text.push(c),
                None => return Err("the path ends with a `\\` that escapes nothing".to_owned()),
            },
            '(' | ')' | '[' | ']' | '{' | '}' | '*' | ':' | '?' | '+' | '!' => {
                let meaning = if matches!(c, ':' | '*' | '{' | '}') {
                    "parameters, which mount paths do not take yet"
                } else {
                    "patterns"
                };
                return Err(format!(
                    "`{c}` is reserved for {meaning}: write `\\\\{c}` to mean the character itself"
                ));
            }
            '#' => {
                return Err("`#` cannot be part of a path: a client does not send what follows it".to_owned());
            }
            c => text.push(c),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn escapes_are_taken_out() {
        assert_eq!(literal("/a/b"), Ok("/a/b".to_owned()));
        assert_eq!(literal("/"), Ok("/".to_owned()));
        assert_eq!(literal(r"/user/\:id"), Ok("/user/:id".to_owned()));
        assert_eq!(literal(r"/a\\b"), Ok(r"/a\b".to_owned()));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", "a", "/:id", "/*", "/a?", "/a\\", "/(x)", "/a#b"] {
            assert!(literal(path).is_err(), "{path}");
        }
    }
}
