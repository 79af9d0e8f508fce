//! Many patterns and one path.

use std::collections::BTreeSet;

use http::Method;

use super::input::Input;
use crate::route::matcher::Match;
use crate::route::methods::{Allowed, Wanted};
use crate::route::table::{Found, Table};

const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "DELETE", "PURGE"];

/// Searches as a router does, behind each route that was found, and compares with how each route matches by itself.
pub(super) fn check(input: &Input<'_>, path: &str, matches: &[Option<Match>]) {
    let routes = input.routes.iter().map(|route| (route.pattern.pattern, route.methods));
    let table = Table::new(routes, input.options);
    assert_eq!(table.routes().len(), input.routes.len());
    let matching = || {
        let all = input.routes.iter().zip(matches).enumerate();
        all.filter_map(|(i, (route, found))| Some((i, route, found.as_ref()?)))
    };
    let at = || {
        let texts: Vec<_> = input.routes.iter().map(|it| (it.names, it.pattern.pattern.text)).collect();
        format!("{path:?} {:?} {texts:?}", input.options)
    };

    let mut from = 0;
    for (route, _, found) in matching() {
        let expected = Found { route, variant: found.variant };
        assert_eq!(table.find_any(path, from), Some(expected), "{}", at());
        let spans = table.captures(expected, path);
        assert_eq!(spans, found.spans, "{}", at());
        from = route + 1;
    }
    assert_eq!(table.find_any(path, from), None, "{}", at());

    for name in METHODS {
        let method = Method::from_bytes(name.as_bytes()).expect("a method");
        let mut allowed = Allowed::default();
        let mut refused: BTreeSet<&str> = BTreeSet::new();
        let mut from = 0;
        for (i, route, found) in matching() {
            if !route.names.is_empty() && !route.names.contains(&name) {
                refused.extend(route.names);
                continue;
            }
            let expected = Some(Found { route: i, variant: found.variant });
            assert_eq!(
                table.find(path, Wanted::new(&method), from, &mut allowed),
                expected,
                "{name} {}",
                at()
            );
            from = i + 1;
        }
        assert_eq!(table.find(path, Wanted::new(&method), from, &mut allowed), None, "{name} {}", at());
        assert_eq!(allowed.is_empty(), refused.is_empty(), "{name} {}", at());
        let refused: Vec<_> = refused.into_iter().collect();
        assert_eq!(allowed.to_header(), refused.join(", "), "{name} {}", at());
    }
}
