//! APIs of any size. The build script uses this too.

/// How many routes they have.
pub(crate) const SIZES: [usize; 3] = [10, 100, 1000];

/// A route of an API, or a path to it: static, with one parameter, with two, with a splat.
pub(crate) fn api(i: usize, id: &str, sub: &str, path: &str) -> String {
    const WORDS: [&str; 10] =
        ["users", "accounts", "orders", "items", "carts", "posts", "comments", "photos", "teams", "events"];
    let (version, word) = (i / 60, WORDS[i / 6 % 10]);
    match i % 6 {
        0 => format!("/api/v{version}/{word}"),
        1 => format!("/api/v{version}/{word}/{id}"),
        2 => format!("/api/v{version}/{word}/{id}/edit"),
        3 => format!("/api/v{version}/{word}/{id}/sub/{sub}"),
        4 => format!("/api/v{version}/{word}/{id}/history"),
        _ => format!("/static/v{version}/{word}/{path}"),
    }
}

/// The routes of an API of so many.
pub(crate) fn patterns(n: usize) -> Vec<String> {
    (0..n).map(|i| api(i, ":id", ":sub", "*path")).collect()
}
