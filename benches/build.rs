//! Writes the lists of routes as apps, since what is in an app's list is written in the program.

#[allow(dead_code, reason = "paths are made at run time")]
#[path = "src/routing/api.rs"]
mod api;
#[path = "src/routing/list.rs"]
mod list;

use std::path::Path;

fn main() {
    let list = list::PATTERNS.iter().map(|pattern| (*pattern).to_owned()).collect();
    // Without peers there is the guard alone, which is built for every change: it has the smallest.
    let all = std::env::var_os("CARGO_FEATURE_PEERS").is_some();
    let mut modules = if all { module("github", list) } else { String::new() };
    for n in api::SIZES.into_iter().take(if all { api::SIZES.len() } else { 1 }) {
        modules += &module(&format!("api_{n}"), api::patterns(n));
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("apps.rs"), modules)
        .expect("the directory is there to be written in");
    println!("cargo::rerun-if-changed=src/routing");
}

fn module(name: &str, patterns: Vec<String>) -> String {
    let routes: String = patterns.iter().enumerate().map(|(i, pattern)| route(i, pattern)).collect();
    let names: Vec<String> = (0..patterns.len()).map(|i| format!("r{i}")).collect();
    let names = names.join(", ");
    format!(
        "mod {name} {{\nuse super::*;\n{routes}pub(super) fn app() -> App<impl Chain, Outermost> {{ app![{names}].etag(false) }}\n}}\n"
    )
}

/// A route that reads its parameters and answers with its pattern.
fn route(i: usize, pattern: &str) -> String {
    let of =
        |sigil, ty| pattern.split('/').filter_map(move |segment| Some((segment.strip_prefix(sigil)?, ty)));
    let (mut params, mut reads) = (String::new(), String::new());
    for (name, ty) in of(':', "&str").chain(of('*', "Vec<&str>")) {
        params += &format!("{name}: {ty}, ");
        reads += &format!("black_box({name}); ");
    }
    format!("#[get({pattern:?})] async fn r{i}({params}) -> &'static str {{ {reads}{pattern:?} }}\n")
}
