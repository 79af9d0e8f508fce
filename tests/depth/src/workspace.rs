//! The crates that are written, and cargo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::program::{Program, main_of, test_of};

/// How a program is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    Check,
    Debug,
    /// As the release profile is by default.
    Release,
    /// With `lto = \"thin\"`.
    ThinLto,
    /// `cargo test`, of three files.
    Tests,
}

impl Build {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Build::Check => "check",
            Build::Debug => "debug",
            Build::Release => "release",
            Build::ThinLto => "release, thin LTO",
            Build::Tests => "test",
        }
    }

    /// The build with that name, in short.
    pub(crate) fn named(name: &str) -> Result<Build, String> {
        match name {
            "check" => Ok(Build::Check),
            "debug" => Ok(Build::Debug),
            "release" => Ok(Build::Release),
            "thin" => Ok(Build::ThinLto),
            "test" => Ok(Build::Tests),
            _ => Err(format!("`{name}` is no build: check, debug, release, thin, or test")),
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Build::Check => &["check"],
            Build::Debug => &["build"],
            Build::Release => &["build", "--release"],
            Build::ThinLto => &["build", "--profile", "thin"],
            Build::Tests => &["test"],
        }
    }

    fn folder(self) -> Option<&'static str> {
        match self {
            Build::Check | Build::Tests => None,
            Build::Debug => Some("debug"),
            Build::Release => Some("release"),
            Build::ThinLto => Some("thin"),
        }
    }
}

/// Where the crates are.
pub(crate) struct Workspace {
    root: PathBuf,
    /// Of the project.
    project: PathBuf,
}

impl Workspace {
    /// One with crates that have nothing in them.
    pub(crate) fn new() -> Result<Workspace, String> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let project = project.canonicalize().map_err(|err| format!("{}: {err}", project.display()))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project.join("target"), PathBuf::from);
        let target = std::path::absolute(&target).map_err(|err| format!("{}: {err}", target.display()))?;
        let root = target.join("depth");
        let workspace = Workspace { root, project };
        workspace.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"app\", \"one\", \"host\"]\n\n[profile.thin]\ninherits = \"release\"\nlto = \"thin\"\n")?;
        // The versions are those of the project.
        let lock = workspace.project.join("Cargo.lock");
        fs::copy(&lock, workspace.root.join("Cargo.lock"))
            .map_err(|err| format!("{}: {err}", lock.display()))?;
        for (name, kind, more) in [
            ("app", "lib", ""),
            ("one", "main", ""),
            ("host", "main", "depth_app = { package = \"depth_app\", path = \"../app\" }\n"),
        ] {
            let (connect, hosts) =
                (workspace.project.join("connect"), workspace.project.join("tests/depth/hosts"));
            workspace.write(
                &format!("{name}/Cargo.toml"),
                &format!("[package]\nname = \"depth_{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nconnect = {{ path = {connect:?} }}\ntracing = \"0.1\"\nconnect-depth-hosts = {{ path = {hosts:?} }}\n{more}"),
            )?;
            workspace
                .write(&format!("{name}/src/{kind}.rs"), if kind == "lib" { "" } else { "fn main() {}\n" })?;
        }
        Ok(workspace)
    }

    fn write(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.root.join(file);
        let result = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        result.map_err(|err| format!("{}: {err}", path.display()))
    }

    /// Builds what does not change, so that it is not a part of the times.
    pub(crate) fn prepare(&self, builds: &[Build]) -> Result<(), String> {
        for build in builds {
            let mut arguments = build.arguments().to_vec();
            arguments.extend(["--package", "connect-depth-hosts"]);
            self.cargo(&arguments)?;
        }
        Ok(())
    }

    /// Builds and runs a program in one crate: how long the build took.
    pub(crate) fn one(&self, program: &Program<'_>, build: Build) -> Result<Duration, String> {
        self.write("one/src/main.rs", &(program.text() + &main_of(program)))?;
        self.built("one", build)
    }

    /// The same with the app in a library, and the host in a program and in three tests.
    pub(crate) fn apart(&self, program: &Program<'_>, build: Build) -> Result<Duration, String> {
        self.write("app/src/lib.rs", &program.text())?;
        let path = program.path();
        self.write("host/src/main.rs", &format!("use depth_app::make_app;\n{}", main_of(program)))?;
        for test in ["a", "b", "c"] {
            self.write(&format!("host/tests/{test}.rs"), &test_of(&path))?;
        }
        self.built("host", build)
    }

    fn built(&self, name: &str, build: Build) -> Result<Duration, String> {
        let package = format!("depth_{name}");
        let mut arguments = build.arguments().to_vec();
        arguments.extend(["--package", &package]);
        let started = Instant::now();
        self.cargo(&arguments)?;
        let took = started.elapsed();
        if let Some(folder) = build.folder() {
            let program = self.target().join(folder).join(&package);
            let output =
                Command::new(&program).output().map_err(|err| format!("{}: {err}", program.display()))?;
            if !output.status.success() {
                return Err(format!("it was built, but failed: {}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        Ok(took)
    }

    fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    fn cargo(&self, arguments: &[&str]) -> Result<(), String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.target())
            .env_remove("RUSTFLAGS")
            // A user's build is incremental, which divides the code otherwise.
            .env_remove("CARGO_INCREMENTAL")
            .output()
            .map_err(|err| format!("cargo: {err}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout))
    }
}

/// The line of cargo's output that says what was wrong.
pub(crate) fn first_error(output: &str) -> &str {
    let is_error =
        |line: &&str| line.starts_with("error") || line.contains("panicked") || line.starts_with("it was");
    output.lines().find(is_error).unwrap_or_else(|| output.lines().next_back().unwrap_or_default())
}
