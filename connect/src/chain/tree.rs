//! The printed stack.

use std::fmt::{self, Write};

use crate::route::info::Info;

/// Writes one line a layer, indented by two spaces a level.
///
/// It stops at the first error of the formatter and remembers it, so that those who describe themselves need
/// not pass it on.
pub struct Tree<'a> {
    out: &'a mut dyn Write,
    depth: usize,
    /// What to write before the next line: nothing before the first.
    line_end: &'static str,
    result: fmt::Result,
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("depth", &self.depth).finish_non_exhaustive()
    }
}

impl<'a> Tree<'a> {
    /// Prints what `describe` adds.
    pub(crate) fn print(out: &'a mut dyn Write, describe: impl FnOnce(&mut Tree<'a>)) -> fmt::Result {
        let mut tree = Tree { out, depth: 0, line_end: "", result: Ok(()) };
        describe(&mut tree);
        tree.result
    }

    /// A line of its own.
    pub(crate) fn leaf(&mut self, name: &str) {
        if self.result.is_ok() {
            self.result = write!(self.out, "{}{:2$}{name}", self.line_end, "", self.depth * 2);
            self.line_end = "\n";
        }
    }

    /// A route, with the layers of its own stack below it.
    pub(crate) fn route(&mut self, info: &'static Info, inside: impl FnOnce(&mut Self)) {
        self.branch(&format!("{} {} {}", info.methods, info.pattern.text, info.name), inside);
    }

    /// A line, with lines below it.
    pub(crate) fn branch(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.leaf(name);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }
}
