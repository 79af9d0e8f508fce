//! How many tokens the macros write. The compiler shows what a program is after expansion only in its nightly version.

use std::path::Path;
use std::process::Command;

use crate::cargo::folder;

/// Two programs that differ in one thing, and what that is.
const PAIRS: &[(&str, &str, &str)] = &[
    (
        "a middleware, `fn`",
        "",
        "#[middleware] fn x(_q: &mut Request, _s: &mut Response, n: Next) -> Result { n.pass() }",
    ),
    (
        "a middleware, `async fn`",
        "",
        "#[middleware] async fn x(q: &mut Request, s: &mut Response, n: Next) -> Result { Ok(n.run(q, s).await) }",
    ),
    (
        "an error handler",
        "",
        "#[error_handler] async fn x(e: Error, _q: &mut Request, _s: &mut Response, n: Next) -> Result { n.fail(e) }",
    ),
    ("a route", "", "#[get(\"/x\")] async fn x(s: &mut Response) -> Result { s.send(\"x\") }"),
    (
        "a route with two parameters",
        "",
        "#[get(\"/x/:a/:b\")] async fn x(a: u64, b: &str) -> String { format!(\"{a}{b}\") }",
    ),
    (
        "a route with a stack of its own",
        "",
        "#[get(\"/x\", a)] async fn x(s: &mut Response) -> Result { s.send(\"x\") }",
    ),
    ("`app!`, empty", "", "fn y() { let _ = app![]; }"),
    ("an entry of a list", "fn y() { let _ = app![a]; }", "fn y() { let _ = app![a, b]; }"),
    ("an entry with a path", "fn y() { let _ = app![a]; }", "fn y() { let _ = app![a, \"/b\" => b]; }"),
];

/// What all programs begin with.
const HEAD: &str = "#![allow(dead_code, unused)]\nuse connect::*;\n\
    #[middleware] fn a(_q: &mut Request, _s: &mut Response, n: Next) -> Result { n.pass() }\n\
    #[middleware] fn b(_q: &mut Request, _s: &mut Response, n: Next) -> Result { n.pass() }\nfn main() {}\n";

pub(crate) fn report() -> Result<(), String> {
    println!("| | tokens written |\n|---|--:|");
    for (label, without, with) in PAIRS {
        println!("| {label} | {} |", tokens(with)? - tokens(without)?);
    }
    Ok(())
}

fn tokens(source: &str) -> Result<usize, String> {
    let package = folder().join("expansion");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"expansion\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nconnect = {{ path = {:?} }}\n",
        here.join("../connect")
    );
    let put = |name: &str, text: &str| {
        std::fs::create_dir_all(package.join("src")).and_then(|()| std::fs::write(package.join(name), text))
    };
    put("Cargo.toml", &manifest)
        .and_then(|()| put("src/main.rs", &format!("{HEAD}{source}\n")))
        .and_then(|()| std::fs::copy(here.join("Cargo.lock"), package.join("Cargo.lock")))
        .map_err(|err| format!("{}: {err}", package.display()))?;
    let output = Command::new("cargo")
        .args(["+nightly", "rustc", "--quiet", "--profile", "check", "--", "-Zunpretty=expanded"])
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", folder().join("target"))
        .output()
        .map_err(|err| format!("cargo: {err}"))?;
    if !output.status.success() {
        return Err(format!(
            "the tokens are counted with a nightly toolchain:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let stream: proc_macro2::TokenStream = text.parse().map_err(|err| format!("{err}"))?;
    Ok(count(stream))
}

fn count(stream: proc_macro2::TokenStream) -> usize {
    stream
        .into_iter()
        .map(|token| match token {
            proc_macro2::TokenTree::Group(group) => 2 + count(group.stream()),
            _ => 1,
        })
        .sum()
}
