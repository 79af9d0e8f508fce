//! The whole table.

use std::time::Duration;

use crate::kinds::{ALL, Kind, MIX};
use crate::program::Program;
use crate::workspace::{Build, Workspace, first_error};

/// What is tried where so many are too many.
const FEWER: [usize; 9] = [160, 128, 96, 64, 48, 32, 16, 8, 4];

/// Builds the mix of all kinds in every way, and each kind.
pub(crate) fn run(layers: usize) -> Result<(), String> {
    let workspace = Workspace::new()?;
    println!("{layers} layers in one app, through every host, at the default recursion limit:\n");
    let mix = Kind::list(MIX)?;
    println!(
        "| a mix of all kinds | {layers} in a row | 25 in each of 9, eight routers deep |\n|---|--:|--:|"
    );
    for build in [Build::Debug, Build::Release, Build::Tests, Build::Check, Build::ThinLto] {
        if build != Build::Tests {
            workspace.prepare(&[build])?;
        }
        for (where_, apart) in [("one crate", false), ("the app in a library", true)] {
            let is_tried = match build {
                Build::Check | Build::ThinLto => !apart,
                Build::Debug | Build::Release => true,
                Build::Tests => apart,
            };
            if !is_tried {
                continue;
            }
            let cell = |n, nest| {
                let program = |n| Program { kinds: &mix, layers: n, nest };
                most(n, |n| match apart {
                    true => workspace.apart(&program(n), build),
                    false => workspace.one(&program(n), build),
                })
            };
            println!("| {where_}, {} | {} | {} |", build.name(), cell(layers, 0), cell(25, 8));
        }
    }
    println!("\n| one kind | debug build |\n|---|--:|");
    for kind in ALL {
        let build = |n| workspace.one(&Program { kinds: &[kind], layers: n, nest: 0 }, Build::Debug);
        println!("| {} | {} |", kind.is, most(layers, build));
    }
    let provides = Kind::list("provides")?;
    let build = |n| workspace.one(&Program { kinds: &provides, layers: n, nest: 0 }, Build::Debug);
    println!("| 300 types, each provided by a plain `fn` | {} |", most(300, build));
    Ok(())
}

/// How long that many take, or what is the most that can be built.
fn most(layers: usize, build: impl Fn(usize) -> Result<Duration, String>) -> String {
    match build(layers) {
        Ok(took) => format!("{:.1} s", took.as_secs_f64()),
        Err(output) => {
            let why = first_error(&output);
            let fits = FEWER.into_iter().filter(|n| *n < layers).find(|n| build(*n).is_ok()).unwrap_or(0);
            format!("{fits} ({})", why.chars().take(100).collect::<String>())
        }
    }
}
