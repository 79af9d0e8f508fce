//! Counts what rustc printed, the same way for a golden file and for what cargo says.

/// The errors among what was printed, and the lines that they take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) errors: usize,
    pub(crate) lines: usize,
}

/// Blank lines and warnings do not count, nor what closes a build or differs from one machine to the next.
pub(crate) fn count(printed: &str) -> Counted {
    let mut counted = Counted::default();
    for line in of_errors(printed) {
        counted.lines += 1;
        counted.errors += usize::from(line.starts_with("error"));
    }
    counted
}

/// The first error's title.
pub(crate) fn title(printed: &str) -> Option<&str> {
    of_errors(printed).next()
}

/// The first error to the end of its code: title, place, the line, and what stands under it.
pub(crate) fn head(printed: &str) -> Vec<&str> {
    let mut lines = of_errors(printed);
    let title = lines.next().into_iter();
    let code = lines.take_while(|line| {
        let line = line.trim_start();
        !["=", "note:", "help:", "error"].iter().any(|start| line.starts_with(start))
    });
    let mut head: Vec<&str> = title.chain(code).collect();
    while head.last().is_some_and(|line| line.trim() == "|") {
        head.pop();
    }
    head
}

fn of_errors(printed: &str) -> impl Iterator<Item = &str> {
    let mut in_error = false;
    printed.lines().filter(move |line| {
        if line.starts_with("error") {
            in_error = !line.starts_with("error: could not compile") && !line.starts_with("error: aborting");
        } else if ["warning", "For more information", "Some errors have detailed"]
            .iter()
            .any(|it| line.starts_with(it))
        {
            in_error = false;
        }
        let of_the_machine =
            ["the full name for the type has been written to", "consider using `--verbose` to print"];
        in_error && !line.trim().is_empty() && !of_the_machine.iter().any(|it| line.contains(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
warning: unused import
 --> a.rs:1:1

error[E0277]: not a layer
 --> a.rs:2:1
  |
2 | app![a]
  |      ^ here
  |
  = note: more

error: could not compile `a` (bin \"a\") due to 1 previous error
";

    #[test]
    fn only_errors_are_counted() {
        assert_eq!(count(PRINTED), Counted { errors: 1, lines: 7 });
    }

    #[test]
    fn the_head_ends_after_the_source_lines() {
        assert_eq!(head(PRINTED).last(), Some(&"  |      ^ here"));
    }
}
