//! Writes the tests that are generated.

#[path = "build/conformance/mod.rs"]
mod conformance;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    conformance::generate();
}
