//! Builds the shop of `examples/shop` and its twin in axum by turns, and prints what that took and how many lines they have.
//!
//! `cargo run --package measure_shops -- 3 /tmp/shops` takes as many rounds, and builds in that folder.

mod lines;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

struct Shop {
    name: &'static str,
    package: &'static str,
    folder: PathBuf,
    target: PathBuf,
}

/// A line of a route, which is the same in both.
const LINE: &str = "const PAGE: u32 = ";

const STEPS: [(&str, &[&str]); 3] = [
    ("`cargo check` after a change", &["check"]),
    ("`cargo build` after a change", &["build"]),
    ("`cargo test --no-run` after a change", &["test", "--no-run"]),
];

fn cargo(shop: &Shop, arguments: &[&str]) -> f64 {
    let start = Instant::now();
    let status = Command::new("cargo")
        .args(arguments)
        .args(["--quiet", "--package", shop.package, "--target-dir"])
        .arg(&shop.target)
        .current_dir(&shop.folder)
        // The same for both, whatever the profiles of their workspaces say, and as a developer has it.
        .env("CARGO_INCREMENTAL", if arguments.contains(&"--release") { "0" } else { "1" })
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "none")
        .env("CARGO_PROFILE_RELEASE_LTO", "false")
        .env_remove("RUSTFLAGS")
        .status();
    assert!(status.is_ok_and(|status| status.success()), "cargo {arguments:?} of {}", shop.name);
    start.elapsed().as_secs_f64()
}

/// Changes a line of a route.
fn change(shop: &Shop, round: usize) {
    let path = shop.folder.join("src/catalog.rs");
    let text = fs::read_to_string(&path).expect("a file of routes");
    let (before, rest) = text.split_once(LINE).expect("the line");
    let (_, after) = rest.split_once(';').expect("its end");
    fs::write(&path, format!("{before}{LINE}{};{after}", 12 + round)).expect("written");
}

fn row(what: &str, ours: f64, theirs: f64, unit: &str, digits: usize) {
    println!("| {what} | {ours:.digits$}{unit} | {theirs:.digits$}{unit} | {:.2} |", ours / theirs);
}

/// The median.
fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn main() {
    let mut arguments = env::args().skip(1);
    let rounds: usize = arguments.next().map_or(3, |text| text.parse().expect("a number of rounds"));
    let builds = arguments.next().map_or_else(|| env::temp_dir().join("shops"), PathBuf::from);
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the folder");
    let shop = |name, package, folder: PathBuf| Shop { name, package, target: builds.join(package), folder };
    let shops = [
        shop("connect", "shop", benches.join("../examples/shop")),
        shop("axum", "shop_axum", benches.join("shop_axum")),
    ];

    let release = shops.each_ref().map(|shop| {
        let _ = fs::remove_dir_all(&shop.target);
        cargo(shop, &["build", "--release"])
    });
    let tests = shops.each_ref().map(|shop| cargo(shop, &["test", "--no-run"]));
    let mut took: [[Vec<f64>; STEPS.len()]; 2] = Default::default();
    for (_, step) in STEPS {
        // What a change does not touch is built before.
        shops.iter().for_each(|shop| drop(cargo(shop, step)));
    }
    for (number, (_, step)) in STEPS.into_iter().enumerate() {
        for round in 1..=rounds {
            for (shop, took) in shops.iter().zip(&mut took) {
                change(shop, number * rounds + round);
                took[number].push(cargo(shop, step));
            }
        }
    }
    shops.iter().for_each(|shop| change(shop, 0));

    println!("| | connect | axum | ratio |\n|---|---|---|---|");
    row("clean `cargo build --release`", release[0], release[1], " s", 0);
    row("clean `cargo test --no-run`", tests[0], tests[1], " s", 0);
    let [ours, theirs] = took;
    for (((what, _), ours), theirs) in STEPS.into_iter().zip(ours).zip(theirs) {
        row(what, median(ours), median(theirs), " s", 1);
    }
    for (what, part) in [("lines of Rust in `src`", "src"), ("lines of Rust in `tests`", "tests")] {
        let [ours, theirs] = shops.each_ref().map(|shop| lines::count(&shop.folder.join(part)));
        row(what, ours, theirs, "", 0);
    }
    let crates = shops.each_ref().map(lines::crates);
    row("crates in the program", crates[0], crates[1], "", 0);
}
