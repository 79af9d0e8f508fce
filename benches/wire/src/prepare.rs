//! Builds the servers, and installs the packages of Node's.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::builds::{BENCHES, Build, folder, program};
use crate::peers::Server;
use crate::process::Running;

/// The results of the builds.
pub(crate) struct Built(Vec<(Build, Result<(), String>)>);

impl Built {
    pub(crate) fn all(builds: &[Build]) -> Self {
        let built = |&one: &Build| {
            eprintln!("building the servers: {one:?}");
            (one, build(one))
        };
        Built(builds.iter().map(built).collect())
    }

    /// Starts a server, if it could be built.
    pub(crate) fn start(&self, server: &Server, core: Option<usize>) -> Result<Running, String> {
        let built = self.0.iter().find(|(build, _)| *build == server.build);
        built.map_or_else(|| Err("it was not built".to_owned()), |(_, result)| result.clone())?;
        Running::start(server, core)
    }
}

/// Builds the servers of a kind, or says why they cannot be measured.
pub(crate) fn build(build: Build) -> Result<(), String> {
    match build {
        Build::Plain => servers(build, None),
        Build::More => servers(build, Some("more-peers")),
        Build::Http2 => servers(build, Some("http2")),
        Build::Node => node(),
    }
}

fn servers(build: Build, features: Option<&str>) -> Result<(), String> {
    folder("logs")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--quiet", "-p", "servers", "--manifest-path"]);
    command.arg(format!("{BENCHES}/Cargo.toml")).arg("--target-dir").arg(format!("{BENCHES}/target"));
    command.args(features.map(|features| format!("--features={features}")));
    run(&mut command)?;
    // The next build has the same name.
    fs::copy(Path::new(BENCHES).join("target/release/servers"), program(build))
        .map_err(|err| format!("{}: {err}", program(build).display()))?;
    Ok(())
}

fn node() -> Result<(), String> {
    let has =
        |program: &str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    if !has("node") || !has("npm") {
        return Err("Node and npm are not installed".to_owned());
    }
    let folder = folder("node")?;
    for name in ["package.json", "connect.js", "express.js"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("node").join(name);
        fs::copy(&from, folder.join(name)).map_err(|err| format!("{}: {err}", from.display()))?;
    }
    run(Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--omit=dev"])
        .current_dir(folder))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let output = command.output().map_err(|err| format!("{name}: {err}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.starts_with("error")).or_else(|| said.lines().next());
    Err(format!("{name} failed: {}", line.unwrap_or("it said nothing")))
}
