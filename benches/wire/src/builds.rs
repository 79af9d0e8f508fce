//! The programs with servers, and the folders that hold them.

use std::fs;
use std::path::{Path, PathBuf};

/// How the servers are built. Cargo unifies the features of all crates in a program, so there are several programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Servers without HTTP/2.
    Plain,
    /// Servers with HTTP/2 by default, or with an HTTP implementation of their own.
    More,
    /// Servers that are measured with HTTP/2.
    Http2,
    /// Servers that run on Node.
    Node,
}

pub(crate) const BENCHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A folder for files of the benchmarks, created if it is missing.
pub(crate) fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = Path::new(BENCHES).join("target/wire").join(name);
    fs::create_dir_all(&folder).map_err(|err| format!("{}: {err}", folder.display()))?;
    Ok(folder)
}

/// The folder that Node's servers are installed in.
pub(crate) fn node_folder() -> PathBuf {
    Path::new(BENCHES).join("target/wire/node")
}

/// The program with the servers of a build.
pub(crate) fn program(build: Build) -> PathBuf {
    Path::new(BENCHES).join(format!("target/wire/servers-{build:?}"))
}
