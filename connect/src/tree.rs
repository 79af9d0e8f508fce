//! The stack, walked once it is built: to print it, to list its routes, and to ask its layers what they do at startup.

use std::any::TypeId;
use std::fmt::{self, Write};

use crate::Startup;
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
    /// With the chains that were entered and may be met again.
    Startup(&'a mut Startup, Vec<usize>),
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
            Out::Routes(_) | Out::Startup(..) => Ok(()),
        }
    }

    /// Lists the routes of what `describe` adds.
    pub(crate) fn routes(list: &'a mut Vec<Found>, describe: impl FnOnce(&mut Tree<'a>)) {
        describe(&mut Tree { out: Out::Routes(list), around: Vec::new() });
    }

    /// Asks each layer of what `describe` adds, once.
    pub(crate) fn startup(startup: &'a mut Startup, describe: impl FnOnce(&mut Tree<'a>)) {
        describe(&mut Tree { out: Out::Startup(startup, Vec::new()), around: Vec::new() });
    }

    /// A layer, which is to be asked if it gets a `Startup`.
    // Not generic, so that a layer compiles a call and nothing else.
    pub(crate) fn layer(&mut self, name: &str) -> Option<&mut Startup> {
        self.leaf(name);
        let Out::Startup(startup, _) = &mut self.out else { return None };
        startup.begin_layer(name);
        Some(startup)
    }

    /// Whether to enter a chain that may be listed in several places, by its address.
    pub(crate) fn enters(&mut self, chain: usize) -> bool {
        let Out::Startup(_, entered) = &mut self.out else { return true };
        let is_new = !entered.contains(&chain);
        entered.push(chain);
        is_new
    }

    /// What is no layer, or has no more than a name.
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
