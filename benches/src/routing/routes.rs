//! The routes, and the paths to look up.

use super::{api, list};

/// Patterns are written `/users/:id` and `/static/*path`.
pub(crate) struct Routes {
    /// The name on the command line.
    pub(crate) name: String,
    /// The name in the report.
    pub(crate) label: String,
    pub(crate) patterns: Vec<String>,
    pub(crate) paths: Vec<String>,
}

pub(crate) fn all() -> Vec<Routes> {
    let github = |name: &str, label: &str, values: [&str; 3]| {
        let patterns: Vec<String> = list::PATTERNS.iter().map(|text| (*text).to_owned()).collect();
        let with = |text: &String| {
            text.replace(":p1", values[0])
                .replace(":p2", values[1])
                .replace(":p3", values[2])
                .replace(":p4", "4")
        };
        let paths = patterns.iter().map(with).collect();
        Routes { name: name.to_owned(), label: label.to_owned(), patterns, paths }
    };
    let api = |n: usize| Routes {
        name: format!("api-{n}"),
        label: format!("an API of {n}"),
        patterns: api::patterns(n),
        // As many lookups for every size, of routes all over the table.
        paths: (0..200).map(|i| api::api(i * 7919 % n, "12345", "67", "css/site.css")).collect(),
    };
    let mut routes = vec![
        github("github", "matchit's list of 130", ["p1", "p2", "p3"]),
        github("github-long", "the same, longer values", ["rust-lang", "some-repository", "1234567"]),
    ];
    routes.extend(api::SIZES.map(api));
    routes
}

impl Routes {
    /// The patterns as the peers write them, from what is around a name with `:` and with `*`.
    pub(super) fn braced(&self, param: [&str; 2], splat: [&str; 2]) -> Vec<String> {
        let segment = |segment: &str| {
            let around = |[before, behind]: [&str; 2], name| format!("{before}{name}{behind}");
            match (segment.strip_prefix(':'), segment.strip_prefix('*')) {
                (Some(name), _) => around(param, name),
                (_, Some(name)) => around(splat, name),
                _ => segment.to_owned(),
            }
        };
        let pattern = |text: &String| text.split('/').map(segment).collect::<Vec<_>>().join("/");
        self.patterns.iter().map(pattern).collect()
    }
}
