//! What is known of a route at compile time.

use std::fmt;

use super::methods::Methods;
use super::pattern::Pattern;

/// A route without its function.
#[doc(hidden)]
#[derive(Debug)]
pub struct Info {
    pub pattern: &'static Pattern,
    pub methods: Methods,
    /// The function's name.
    pub name: &'static str,
    pub file: &'static str,
    pub line: u32,
    /// Whether a matching request never reaches the next layer: the route takes no `next` and has no stack of its own.
    pub closed: bool,
    /// Whether its function may set the URL or the method.
    pub rewrites: bool,
    /// The parameters of mounts that it takes.
    pub mounts: &'static [&'static str],
}

impl Info {
    /// The pattern after those of the mounts around it, the outermost first.
    pub(crate) fn full_path<'a>(&self, mounts: impl Iterator<Item = &'a Pattern>) -> String {
        let mut full: String = mounts.map(|mount| mount.text.trim_end_matches('/')).collect();
        if full.is_empty() || self.pattern.text != "/" {
            full.push_str(self.pattern.text);
        }
        full
    }
}

/// A route of an app, from [`App::routes`](crate::App::routes).
///
/// It is displayed as `GET /users/:id show_user`.
#[derive(Debug, Clone)]
pub struct ListedRoute {
    info: &'static Info,
    path: String,
}

impl ListedRoute {
    pub(crate) fn new(info: &'static Info, mounts: &[&'static Pattern]) -> Self {
        ListedRoute { info, path: info.full_path(mounts.iter().copied()) }
    }

    /// The methods, separated by commas; `ALL` for all of them.
    #[must_use]
    pub fn methods(&self) -> String {
        self.info.methods.to_string()
    }

    /// The pattern after those of the mounts around it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name of the function.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.info.name
    }

    /// The file that the function is in.
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.info.file
    }

    /// The line of the file.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.info.line
    }
}

impl fmt::Display for ListedRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.info.methods, self.path, self.info.name)
    }
}
