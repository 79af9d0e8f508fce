//! Builds the shop of `examples/shop` and its twin in axum by turns, and prints what that took and how many lines they have.
//!
//! `cargo run --package measure_shops -- 3 /tmp/shops` takes as many rounds, and builds in that folder. With `changes` behind it the
//! clean builds are left out.

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
    ("`cargo test --no-run` after a change", &["test", "--no-run"]),
    ("`cargo build` after a change", &["build"]),
    ("`cargo check` after a change", &["check"]),
];

/// Seconds of the clock, and of the processor over all threads and processes.
#[derive(Debug, Clone, Copy)]
struct Took {
    wall: f64,
    cpu: f64,
}

/// What the processes that have ended took of the processor: `proc_pid_stat(5)`, in hundredths of a second.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(") ").expect("fields");
    let ticks: f64 = fields.split(' ').skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn cargo(shop: &Shop, arguments: &[&str]) -> Took {
    let (start, before) = (Instant::now(), cpu());
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
    Took { wall: start.elapsed().as_secs_f64(), cpu: cpu() - before }
}

/// Changes a line of a route.
fn change(shop: &Shop, round: usize) {
    let path = shop.folder.join("src/catalog.rs");
    let text = fs::read_to_string(&path).expect("a file of routes");
    let (before, rest) = text.split_once(LINE).expect("the line");
    let (_, after) = rest.split_once(';').expect("its end");
    fs::write(&path, format!("{before}{LINE}{};{after}", 12 + round)).expect("written");
}

fn print_builds(what: &str, [ours, theirs]: [Took; 2]) {
    println!(
        "| {what} | {:.1} / {:.1} | {:.1} / {:.1} | {:.2} |",
        ours.cpu,
        ours.wall,
        theirs.cpu,
        theirs.wall,
        ours.cpu / theirs.cpu
    );
}

fn print_numbers(what: &str, [ours, theirs]: [usize; 2]) {
    println!("| {what} | {ours} | {theirs} | {:.2} |", ours as f64 / theirs as f64);
}

/// The one in the middle, by the processor.
fn median(mut of: Vec<Took>) -> Took {
    of.sort_by(|one, other| one.cpu.total_cmp(&other.cpu));
    of[of.len() / 2]
}

fn main() {
    let mut arguments = env::args().skip(1);
    let rounds: usize = arguments.next().map_or(3, |text| text.parse().expect("a number of rounds"));
    let builds = arguments.next().map_or_else(|| env::temp_dir().join("shops"), PathBuf::from);
    // Without, what the last run has built is used again.
    let is_clean = arguments.next().is_none_or(|text| text != "changes");
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the folder");
    let shop = |name, package, folder: PathBuf| Shop { name, package, target: builds.join(package), folder };
    let shops = [
        shop("connect", "shop", benches.join("../examples/shop")),
        shop("axum", "shop_axum", benches.join("shop_axum")),
    ];

    println!("| | connect | axum | ratio |\n|---|---|---|---|");
    for (what, part) in [("lines of Rust in `src`", "src"), ("lines of Rust in `tests`", "tests")] {
        print_numbers(what, shops.each_ref().map(|shop| lines::count(&shop.folder.join(part))));
    }
    print_numbers("crates in the program", shops.each_ref().map(lines::crates));
    if is_clean {
        let tests = shops.each_ref().map(|shop| {
            let _ = fs::remove_dir_all(&shop.target);
            cargo(shop, &["test", "--no-run"])
        });
        print_builds("clean `cargo test --no-run`", tests);
    }
    let mut round = 0;
    for (what, step) in STEPS {
        // What a change does not touch is built before.
        for shop in &shops {
            cargo(shop, step);
        }
        let mut took: [Vec<Took>; 2] = Default::default();
        for _ in 0..rounds {
            round += 1;
            for (shop, took) in shops.iter().zip(&mut took) {
                change(shop, round);
                took.push(cargo(shop, step));
            }
        }
        print_builds(what, took.map(median));
    }
    for shop in &shops {
        change(shop, 0);
    }
    if is_clean {
        let release = shops.each_ref().map(|shop| cargo(shop, &["build", "--release"]));
        print_builds("clean `cargo build --release`", release);
    }
}
