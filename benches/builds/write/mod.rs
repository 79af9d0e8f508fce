//! Writes an app as a package.

mod actix;
mod axum;
mod connect;

use std::fs;
use std::path::{Path, PathBuf};

use crate::app::App;

/// A framework, and how an app is written for it.
pub(crate) struct Framework {
    pub(crate) name: &'static str,
    /// Of the package.
    dependencies: &'static str,
    source: fn(&App, changed: usize) -> Vec<File>,
}

/// A file below `src`.
struct File {
    name: String,
    text: String,
}

pub(crate) const FRAMEWORKS: &[Framework] = &[
    Framework {
        name: "connect",
        dependencies: "connect = { path = \"@connect\" }\n\
                       tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
        source: connect::source,
    },
    Framework {
        name: "axum",
        dependencies: "axum = \"0.8\"\ntower = \"0.5\"\n\
                       tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n",
        source: axum::source,
    },
    Framework { name: "actix-web", dependencies: "actix-web = \"4\"\n", source: actix::source },
];

impl Framework {
    /// Where its version of an app is.
    pub(crate) fn package(&self, app: &App) -> PathBuf {
        crate::folder().join(format!("{}-{}", self.name, app.name))
    }

    /// Writes the package, with the versions of this workspace's lock file.
    pub(crate) fn write(&self, app: &App) -> Result<(), String> {
        let package = self.package(app);
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let connect = here.join("../connect");
        let manifest = format!(
            "[workspace]\n\n[package]\nname = \"{}-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{}\n[profile.release]\nlto = \"thin\"\n",
            self.name,
            app.name,
            self.dependencies.replace("@connect", &connect.to_string_lossy()),
        );
        put(&package.join("Cargo.toml"), &manifest)?;
        let lock = fs::read_to_string(here.join("Cargo.lock")).map_err(|err| format!("Cargo.lock: {err}"))?;
        put(&package.join("Cargo.lock"), &lock)?;
        self.change(app, 0)
    }

    /// Writes the source, with a number that changes in one line of it.
    pub(crate) fn change(&self, app: &App, changed: usize) -> Result<(), String> {
        let folder = self.package(app).join("src");
        for File { name, text } in (self.source)(app, changed) {
            let path = folder.join(name);
            // What is as it was keeps its time.
            if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                put(&path, &text)?;
            }
        }
        Ok(())
    }
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let write = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)
    };
    write().map_err(|err| format!("{}: {err}", path.display()))
}

/// What the route with this number answers: the first one's text has the line that changes.
fn response_text(number: usize, changed: usize) -> String {
    if number == 0 { format!("change {changed}") } else { format!("route {number}") }
}
