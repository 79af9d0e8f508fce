//! The apps: how many routes and middleware, and what the routes are.

/// An app to be written for each framework.
pub(crate) struct App {
    pub(crate) name: &'static str,
    pub(crate) routes: usize,
    pub(crate) middleware: usize,
    /// Each route has a middleware of its own.
    pub(crate) stacked: bool,
}

pub(crate) const APPS: &[App] = &[
    App { name: "5", routes: 5, middleware: 3, stacked: false },
    App { name: "50", routes: 50, middleware: 10, stacked: false },
    App { name: "250", routes: 250, middleware: 20, stacked: false },
    App { name: "1000", routes: 1000, middleware: 10, stacked: false },
    App { name: "1000-deep", routes: 1000, middleware: 40, stacked: false },
    App { name: "1000-stacked", routes: 1000, middleware: 10, stacked: true },
];

/// Those that are started and asked.
pub(crate) const TRIED: &[App] = &[
    App { name: "5", routes: 5, middleware: 3, stacked: false },
    App { name: "5-stacked", routes: 5, middleware: 3, stacked: true },
];

/// How many routes are in one module.
pub(crate) const IN_A_MODULE: usize = 50;

impl App {
    pub(crate) fn label(&self) -> String {
        let stacked = if self.stacked { ", each with its own" } else { "" };
        format!("{} routes{stacked}, {} middleware", self.routes, self.middleware)
    }

    /// The numbers of the routes, module by module.
    pub(crate) fn modules(&self) -> impl Iterator<Item = Vec<usize>> {
        let all: Vec<usize> = (0..self.routes).collect();
        all.chunks(IN_A_MODULE).map(<[usize]>::to_vec).collect::<Vec<_>>().into_iter()
    }
}

/// What a route takes from its path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Id,
    IdAndName,
    Rest,
}

/// A route of an API: static, with one parameter, with two, with all that is left.
pub(crate) fn route(number: usize) -> (String, Takes) {
    const WORDS: [&str; 10] =
        ["users", "accounts", "orders", "items", "carts", "posts", "comments", "photos", "teams", "events"];
    let (version, word) = (number / 50, WORDS[number / 5 % 10]);
    let base = format!("/api/v{version}/{word}");
    match number % 5 {
        0 => (base, Takes::Nothing),
        1 => (format!("{base}/:id"), Takes::Id),
        2 => (format!("{base}/:id/edit"), Takes::Id),
        3 => (format!("{base}/:id/sub/:name"), Takes::IdAndName),
        _ => (format!("{base}/files/*path"), Takes::Rest),
    }
}
