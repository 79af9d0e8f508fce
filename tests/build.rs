//! Writes the tests that are generated: see the modules.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

#[path = "build/conformance/mod.rs"]
mod conformance;
#[path = "build/model.rs"]
mod model;

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    conformance::generate();
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("model.rs"), model::generate())
        .expect("the model's code can be written");
}
