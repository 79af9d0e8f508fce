//! Routes and paths, whatever they are: the table finds what a search in order finds, and the matcher finds what the
//! plainest one finds.

#[path = "routes/input.rs"]
mod input;
#[path = "routes/interned.rs"]
mod interned;
#[path = "routes/matched.rs"]
mod matched;
#[path = "routes/plain.rs"]
mod plain;
#[path = "routes/searched.rs"]
mod searched;

/// Reads routes and paths from text, of which `input` says how it is written, and looks for the paths.
///
/// # Panics
/// If a path is not found as it should be.
pub fn routes(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let input = input::Input::read(text);
    for path in &input.paths {
        let matches: Vec<_> =
            input.routes.iter().map(|route| matched::check(&route.pattern, path, input.options)).collect();
        searched::check(&input, path, &matches);
    }
}
