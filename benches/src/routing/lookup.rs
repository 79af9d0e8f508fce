//! Routers alone, from a path to the number of a route, and where the parameters are.
//!
//! The table is private to the library, so its files are taken in by path (`route.rs`). Patterns come as data here,
//! as the macros would write them.

use std::hint::black_box;

use super::case::{Case, case};
use super::routes::Routes;
use crate::route::methods::{Allowed, Methods, Wanted};
use crate::route::pattern::{Options, Part, Pattern};
use crate::route::table::Table;

pub(super) fn ours(routes: &Routes) -> Option<Case> {
    let patterns = routes.patterns.iter().map(|text| (parsed(text), Methods::new(&["GET"])));
    let table = Table::new(patterns, Options::default());
    let get = http::Method::GET;
    let look_up = move |path: &String| {
        let mut allowed = Allowed::default();
        let found = table.find(path, Wanted::new(&get), 0, &mut allowed)?;
        black_box(table.captures(found, path));
        Some(found.route)
    };
    Some(case(&routes.paths, look_up))
}

#[cfg(feature = "peers")]
pub(super) fn matchit(routes: &Routes) -> Option<Case> {
    let mut tree = matchit::Router::new();
    for (i, pattern) in routes.braced(["{", "}"], ["{*", "}"]).into_iter().enumerate() {
        tree.insert(pattern, i).ok()?;
    }
    Some(case(&routes.paths, move |path| black_box(tree.at(path)).ok().map(|found| *found.value)))
}

/// The version that axum has.
#[cfg(feature = "peers")]
pub(super) fn matchit_of_axum(routes: &Routes) -> Option<Case> {
    let mut tree = matchit_of_axum::Router::new();
    for (i, pattern) in routes.braced(["{", "}"], ["{*", "}"]).into_iter().enumerate() {
        tree.insert(pattern, i).ok()?;
    }
    Some(case(&routes.paths, move |path| black_box(tree.at(path)).ok().map(|found| *found.value)))
}

#[cfg(feature = "peers")]
pub(super) fn actix_router(routes: &Routes) -> Option<Case> {
    let mut router = actix_router::Router::<usize>::build();
    for (i, pattern) in routes.braced(["{", "}"], ["{", ":.*}"]).into_iter().enumerate() {
        router.path(pattern, i);
    }
    let router = router.finish();
    let look_up = move |path: &String| {
        let mut path = actix_router::Path::new(path.as_str());
        let found = router.recognize(&mut path).map(|(route, _)| *route);
        black_box(&path);
        found
    };
    Some(case(&routes.paths, look_up))
}

/// What the macros make of a pattern with parameters that are whole segments.
fn parsed(text: &str) -> &'static Pattern {
    let (mut parts, mut names, mut literal) = (Vec::new(), Vec::new(), String::new());
    for segment in text.split('/').skip(1) {
        literal.push('/');
        let index = names.len();
        let (part, name) = match (segment.strip_prefix(':'), segment.strip_prefix('*')) {
            (Some(name), _) => (Part::Param(index, "", false), name),
            (_, Some(name)) => (Part::Splat(index, "", false), name),
            _ => {
                literal.push_str(segment);
                continue;
            }
        };
        parts.extend([Part::Text(leaked(std::mem::take(&mut literal))), part]);
        names.push(leaked(name.to_owned()));
    }
    if !literal.is_empty() {
        parts.push(Part::Text(leaked(literal)));
    }
    let variants: &[&[Part]] = vec![&*parts.leak()].leak();
    Box::leak(Box::new(Pattern { text: leaked(text.to_owned()), names: names.leak(), variants }))
}

fn leaked(text: String) -> &'static str {
    text.leak()
}
