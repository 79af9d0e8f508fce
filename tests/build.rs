//! Writes the code of the tests that are generated: see the modules.

#[path = "build/model.rs"]
mod model;

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("model.rs"), model::generate())
        .expect("the model's code can be written");
}
