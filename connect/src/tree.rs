//! The stack, walked once it is built: to print it, and to list its routes.

use std::any::TypeId;
use std::fmt::{self, Write};

use crate::route::info::Info;
use crate::route::pattern::Pattern;

/// A walk through a stack, in order.
pub struct Tree<'a> {
    out: Out<'a>,
    /// The mounts around, the outermost first; nothing for a stack without a path.
    around: Vec<Option<&'static Pattern>>,
}

enum Out<'a> {
    /// One line a layer, indented by two spaces a level.
    ///
    /// It stops at the first error of the formatter and remembers it, so that layers which describe themselves need
    /// not return it.
    Text {
        /// A `dyn`, so that no layer's description is compiled once more for each writer. A stack is printed, not served.
        to: &'a mut dyn Write,
        /// What to write before the next line: nothing before the first.
        line_end: &'static str,
        result: fmt::Result,
    },
    Routes(&'a mut Vec<Found>),
}

/// A route in its place.
pub(crate) struct Found {
    pub(crate) info: &'static Info,
    pub(crate) id: TypeId,
    pub(crate) mounts: Vec<&'static Pattern>,
}

impl fmt::Debug for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("depth", &self.around.len()).finish_non_exhaustive()
    }
}

impl<'a> Tree<'a> {
    /// Prints what `describe` adds.
    pub(crate) fn print(to: &'a mut dyn Write, describe: impl FnOnce(&mut Tree<'a>)) -> fmt::Result {
        let mut tree = Tree { out: Out::Text { to, line_end: "", result: Ok(()) }, around: Vec::new() };
        describe(&mut tree);
        match tree.out {
            Out::Text { result, .. } => result,
            Out::Routes(_) => Ok(()),
        }
    }

    /// Lists the routes of what `describe` adds.
    pub(crate) fn routes(list: &'a mut Vec<Found>, describe: impl FnOnce(&mut Tree<'a>)) {
        describe(&mut Tree { out: Out::Routes(list), around: Vec::new() });
    }

    /// A layer.
    pub(crate) fn leaf(&mut self, name: &str) {
        if let Out::Text { to, line_end, result: result @ Ok(()) } = &mut self.out {
            *result = write!(to, "{line_end}{:1$}{name}", "", self.around.len() * 2);
            *line_end = "\n";
        }
    }

    /// A route, with the layers of its own stack below it.
    pub(crate) fn route(&mut self, info: &'static Info, id: TypeId, inside: impl FnOnce(&mut Self)) {
        if let Out::Routes(list) = &mut self.out {
            let mounts = self.around.iter().copied().flatten().collect();
            list.push(Found { info, id, mounts });
        } else {
            self.branch(&format!("{} {} {}", info.methods, info.pattern.text, info.name), None, inside);
        }
    }

    /// A stack, with its layers below it.
    pub(crate) fn branch(
        &mut self,
        name: &str,
        mount: Option<&'static Pattern>,
        inside: impl FnOnce(&mut Self),
    ) {
        self.leaf(name);
        self.around.push(mount);
        inside(self);
        self.around.pop();
    }
}

/// The type's name without its path and its arguments.
pub(crate) fn short_type_name<T: ?Sized>() -> &'static str {
    // Not generic, and thus compiled here and not once for each layer.
    fn short(full: &'static str) -> &'static str {
        let path = full.split('<').next().unwrap_or(full);
        path.rsplit("::").next().unwrap_or(path)
    }
    short(std::any::type_name::<T>())
}
