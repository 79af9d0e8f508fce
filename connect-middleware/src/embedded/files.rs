//! The files of a folder, as the macro writes them into the binary.

/// A file in the binary. [`serve_embedded!`](super::serve_embedded) writes them.
#[derive(Debug)]
pub struct EmbeddedFile {
    pub(super) name: &'static str,
    pub(super) bytes: &'static [u8],
    pub(super) brotli: Option<&'static [u8]>,
    pub(super) gzip: Option<&'static [u8]>,
}

impl EmbeddedFile {
    /// A file, by its name from the folder, and compressed if that is shorter.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        bytes: &'static [u8],
        brotli: Option<&'static [u8]>,
        gzip: Option<&'static [u8]>,
    ) -> Self {
        EmbeddedFile { name, bytes, brotli, gzip }
    }
}

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The file at this place.
    File(usize),
    Folder,
    Nothing,
}

/// Finds a decoded path, from the folder and without a slash in front. `files` are sorted.
pub(super) fn find(files: &[EmbeddedFile], path: &str, index: &[String], extensions: &[String]) -> Found {
    let place = |name: &str| files.binary_search_by(|file| file.name.cmp(name)).ok();
    if path.is_empty() || path.ends_with('/') {
        let found = index.iter().find_map(|index| place(&format!("{path}{index}")));
        return found.map_or(Found::Nothing, Found::File);
    }
    if let Some(place) = place(path) {
        return Found::File(place);
    }
    if is_folder(files, path) {
        return Found::Folder;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.contains('.') {
        return Found::Nothing;
    }
    let found = extensions.iter().find_map(|extension| place(&format!("{path}.{extension}")));
    found.map_or(Found::Nothing, Found::File)
}

/// Whether a file lies in a folder of this path. Such files stand together.
fn is_folder(files: &[EmbeddedFile], path: &str) -> bool {
    let inside = |name: &str| name.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    // `path` with a slash is in order before all files in it.
    let before = |name: &str| name.bytes().lt(path.bytes().chain([b'/']));
    let first = files.partition_point(|file| before(file.name));
    files.get(first).is_some_and(|file| inside(file.name))
}

#[cfg(test)]
mod tests {
    use super::{EmbeddedFile, Found, find};

    #[test]
    fn files_are_found_by_their_exact_name() {
        let mut names = [
            "a.txt",
            "about.html",
            "index.html",
            "sub-x",
            "sub.css",
            "sub/deep/z",
            "sub/index.html",
            "suba",
            "é",
        ];
        names.sort_unstable();
        let files = names.map(|name| EmbeddedFile::new(name, b"", None, None));
        let found = |path| match find(&files, path, &["index.html".into()], &["html".into(), "txt".into()]) {
            Found::File(place) => names[place],
            Found::Folder => "a folder",
            Found::Nothing => "nothing",
        };
        for (path, wanted) in [
            ("", "index.html"),
            ("a.txt", "a.txt"),
            ("a", "a.txt"),
            ("about", "about.html"),
            ("sub", "a folder"),
            ("sub/", "sub/index.html"),
            ("sub/deep", "a folder"),
            ("sub/deep/", "nothing"),
            ("sub/deep/z", "sub/deep/z"),
            ("suba", "suba"),
            ("é", "é"),
            ("su", "nothing"),
            ("A.txt", "nothing"),
            ("/a.txt", "nothing"),
            ("sub//index.html", "nothing"),
            ("a.txt/", "nothing"),
            ("sub/../a.txt", "nothing"),
            ("./a.txt", "nothing"),
            ("zz", "nothing"),
        ] {
            assert_eq!(found(path), wanted, "{path}");
        }
        assert_eq!(find(&[], "a", &[], &[]), Found::Nothing);
    }
}
