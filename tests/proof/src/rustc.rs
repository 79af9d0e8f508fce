//! The crate that is written, and what rustc says to it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A program of stacks.
pub(crate) struct Program<'a> {
    /// What the stacks have in common.
    pub(crate) begin: &'a str,
    /// Of each stack: a module `s0`, with a function `make` that makes the app.
    pub(crate) modules: BTreeMap<usize, String>,
    /// A function `run`, which sends a request to an app, and `main`, which reads a script and calls `one`.
    pub(crate) end: &'a str,
}

/// Where the crate is.
pub(crate) struct Crate {
    root: PathBuf,
}

impl Crate {
    pub(crate) fn new() -> Result<Crate, String> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let project = project.canonicalize().map_err(|err| format!("{}: {err}", project.display()))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project.join("target"), PathBuf::from);
        let target = std::path::absolute(&target).map_err(|err| format!("{}: {err}", target.display()))?;
        let made = Crate { root: target.join("proof") };
        let connect = project.join("connect");
        made.write(
            "Cargo.toml",
            &format!("[package]\nname = \"stacks\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nconnect = {{ path = {connect:?} }}\ntokio = {{ version = \"1\", features = [\"rt\"] }}\n\n[profile.dev]\ndebug = false\n\n[workspace]\n"),
        )?;
        // The versions are those of the project.
        let lock = project.join("Cargo.lock");
        fs::copy(&lock, made.root.join("Cargo.lock")).map_err(|err| format!("{}: {err}", lock.display()))?;
        Ok(made)
    }

    fn write(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.root.join(file);
        // Or else cargo would build it anew.
        if fs::read_to_string(&path).is_ok_and(|before| before == text) {
            return Ok(());
        }
        let result = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        result.map_err(|err| format!("{}: {err}", path.display()))
    }

    /// Writes it, and says on which lines the modules begin.
    fn write_program(&self, program: &Program<'_>) -> Result<BTreeMap<u64, usize>, String> {
        let mut text = program.begin.to_owned();
        let mut begins = BTreeMap::new();
        for (n, module) in &program.modules {
            begins.insert(text.lines().count() as u64 + 1, *n);
            text += module;
        }
        let numbers: Vec<usize> = program.modules.keys().copied().collect();
        self.write("src/main.rs", &(text + &table(&numbers) + program.end))?;
        Ok(begins)
    }

    /// The first error of each stack that does not compile, in `cargo check` or `cargo build`. Those that are refused when code
    /// is generated are refused only if nothing else is.
    pub(crate) fn refused(
        &self,
        command: &str,
        program: &Program<'_>,
    ) -> Result<BTreeMap<usize, String>, String> {
        let begins = self.write_program(program)?;
        let output = self.cargo(&[command, "--message-format=json"])?;
        let mut refused = BTreeMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
            let message = &message["message"];
            if message["level"] != "error" {
                continue;
            }
            let rendered = message["rendered"].as_str().unwrap_or_default().to_owned();
            let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
            let place = spans.iter().find(|span| span["is_primary"] == true).and_then(in_main);
            let Some((_, n)) = place.and_then(|line| begins.range(..=line).next_back()) else {
                if rendered.contains("aborting due to") {
                    continue;
                }
                return Err(format!("an error of no stack:\n{rendered}"));
            };
            refused.entry(*n).or_insert(rendered);
        }
        if refused.is_empty() && !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(refused)
    }

    /// Builds a program and runs it by a script.
    pub(crate) fn run(&self, program: &Program<'_>, script: &str) -> Result<String, String> {
        self.write_program(program)?;
        self.write("script", script)?;
        let output = self.cargo(&["build"])?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let program = self.target().join("debug").join("stacks");
        let output = Command::new(&program)
            .arg(self.root.join("script"))
            .output()
            .map_err(|err| format!("{}: {err}", program.display()))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(said),
            // The library prints each error to the standard error.
            false => Err(said),
        }
    }

    fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Output, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Command::new(cargo)
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.target())
            .env_remove("RUSTFLAGS")
            .output()
            .map_err(|err| format!("cargo: {err}"))
    }
}

/// The line of the program that a span is on, or the macro call that it comes from.
fn in_main(span: &Value) -> Option<u64> {
    let mut span = span;
    while span["file_name"] != "src/main.rs" {
        span = span.get("expansion")?.get("span")?;
    }
    span["line_start"].as_u64()
}

/// The function that runs one of these stacks.
fn table(numbers: &[usize]) -> String {
    let mut text = "fn one(stack: usize, request: &str) -> u16 {\n    match stack {\n".to_owned();
    for n in numbers {
        writeln!(
            text,
            "        {n} => {{ thread_local!(static APP: Box<dyn Fn(&str) -> u16> = {{ let app = s{n}::make(); Box::new(move |request| run(&app, request)) }}); APP.with(|app| app(request)) }}"
        )
        .expect("a string");
    }
    text + "        _ => unreachable!(),\n    }\n}\n"
}
