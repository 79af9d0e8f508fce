//! The set that has to build with every change.

use std::time::Instant;

use crate::kinds::{Kind, MIX};
use crate::program::Program;
use crate::workspace::{Build, Workspace};

/// Builds and runs the set.
pub(crate) fn run() -> Result<(), String> {
    let started = Instant::now();
    let workspace = Workspace::new()?;
    workspace.prepare(&[Build::Debug, Build::Release])?;
    println!("the hosts, in debug and release: {:.0} s\n", started.elapsed().as_secs_f64());
    let (mix, wrapped) = (Kind::list(MIX)?, Kind::list("wrapped,run,boxed,pass")?);
    // Long runs of links that hold no coroutine, and one between that does.
    let handlers = Kind::list("handler,handler,handler,handler,handler,handler,handler,run")?;
    let program = |kinds, layers, nest| Program { kinds, layers, nest };
    for (what, program, build, apart) in [
        ("60 of all kinds, in one crate", program(&mix[..], 60, 0), Build::Debug, false),
        ("42 with wrapped runs, routers 6 deep", program(&wrapped, 6, 6), Build::Debug, false),
        ("40 error handlers and runs", program(&handlers, 40, 0), Build::Debug, false),
        ("60 of all kinds, the app in a library", program(&mix, 60, 0), Build::Debug, true),
        ("its tests, in three crates", program(&mix, 60, 0), Build::Tests, true),
        ("40 of all kinds, the app in a library", program(&mix, 40, 0), Build::Release, true),
    ] {
        let built = if apart { workspace.apart(&program, build) } else { workspace.one(&program, build) };
        match built {
            Ok(took) => println!("{:>6.1} s  {what}, {}", took.as_secs_f64(), build.name()),
            Err(output) => return Err(format!("{what}, {}:\n\n{output}", build.name())),
        }
    }
    println!("\nAll were built, and answered as they should through every host.");
    Ok(())
}

/// Builds and runs one app; with the app in a library if the build's name begins with `lib-`.
pub(crate) fn try_one(kinds: &str, layers: usize, nest: usize, how: &str) -> Result<(), String> {
    let kinds = if kinds == "all" { Kind::list(MIX)? } else { Kind::list(kinds)? };
    let (apart, how) = how.strip_prefix("lib-").map_or((false, how), |how| (true, how));
    let build = Build::named(how)?;
    // The tests are those of the library.
    let apart = apart || build == Build::Tests;
    let workspace = Workspace::new()?;
    workspace.prepare(&[build])?;
    let program = Program { kinds: &kinds, layers, nest };
    let took = if apart { workspace.apart(&program, build) } else { workspace.one(&program, build) }?;
    println!("{:.1} s", took.as_secs_f64());
    Ok(())
}
