//! Measures, and prints the tables.

#[path = "../src/table.rs"]
mod table;

use table::{Table, figure};

use crate::app::App;
use crate::cargo::{Step, Took, binary, run};
use crate::write::FRAMEWORKS;

/// What was measured of an app, a step and a framework.
#[derive(Default)]
struct Cell {
    seconds: Vec<f64>,
    cpu: Vec<f64>,
    megabytes: Vec<f64>,
    failed: bool,
}

/// Frameworks take turns in each round. The first build of an app, with all that it depends on, is not measured.
pub(crate) fn measure(rounds: usize, apps: &[&App]) -> Result<(), String> {
    for app in apps {
        println!("\n## {}\n", app.label());
        let mut cells: Vec<Vec<Cell>> =
            Step::ALL.iter().map(|_| FRAMEWORKS.iter().map(|_| Cell::default()).collect()).collect();
        for (f, framework) in FRAMEWORKS.iter().enumerate() {
            framework.write(app)?;
            for (s, step) in Step::ALL.into_iter().enumerate() {
                if let Err(message) = run(&framework.package(app), step) {
                    eprintln!("{message}");
                    cells[s][f].failed = true;
                }
            }
        }
        let mut changed = 0;
        for round in 0..rounds {
            for (s, step) in Step::ALL.into_iter().enumerate() {
                for (f, framework) in FRAMEWORKS.iter().enumerate() {
                    if cells[s][f].failed {
                        continue;
                    }
                    changed += 1;
                    framework.change(app, changed)?;
                    let Took { seconds, cpu, megabytes } = match run(&framework.package(app), step) {
                        Ok(took) => took,
                        Err(message) => {
                            eprintln!("{message}");
                            cells[s][f].failed = true;
                            continue;
                        }
                    };
                    eprintln!(
                        "{} {} {} {}: {seconds:.1} s",
                        round + 1,
                        app.name,
                        framework.name,
                        step.label()
                    );
                    cells[s][f].seconds.push(seconds);
                    cells[s][f].cpu.extend(cpu);
                    cells[s][f].megabytes.extend(megabytes);
                }
            }
        }
        print(app, &cells);
    }
    Ok(())
}

fn print(app: &App, cells: &[Vec<Cell>]) {
    let mut head = vec!["after a change of one line".to_owned()];
    head.extend(FRAMEWORKS.iter().map(|framework| format!("{}, s", framework.name)));
    head.extend(FRAMEWORKS.iter().map(|framework| format!("{}, s of CPU", framework.name)));
    head.extend(FRAMEWORKS[1..].iter().map(|framework| format!("of {}'s s, CPU", framework.name)));
    head.extend(FRAMEWORKS.iter().map(|framework| format!("{}, MB", framework.name)));
    let mut table = Table::new(head);
    for (step, cells) in Step::ALL.into_iter().zip(cells) {
        let seconds: Vec<Option<f64>> = cells.iter().map(|cell| median(&cell.seconds)).collect();
        let mut row = vec![step.label().to_owned()];
        row.extend(seconds.iter().map(|&seconds| figure(seconds, 1)));
        let cpu: Vec<Option<f64>> = cells.iter().map(|cell| median(&cell.cpu)).collect();
        row.extend(cpu.iter().map(|&cpu| figure(cpu, 1)));
        let ratio = |figures: &[Option<f64>], f: usize| {
            figure(figures[0].zip(figures[f]).map(|(ours, other)| ours / other), 2)
        };
        row.extend((1..FRAMEWORKS.len()).map(|f| format!("{}, {}", ratio(&seconds, f), ratio(&cpu, f))));
        row.extend(cells.iter().map(|cell| figure(median(&cell.megabytes), 0)));
        table.row(row);
    }
    table.print();
    let sizes: Vec<String> = FRAMEWORKS
        .iter()
        .filter_map(|framework| {
            let name = format!("{}-{}", framework.name, app.name);
            let size = std::fs::metadata(binary(&name, Step::Release)).ok()?.len();
            Some(format!("{} {:.1} MB", framework.name, size as f64 / 1e6))
        })
        .collect();
    println!("\nThe program, built with `--release`: {}.", sizes.join(", "));
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
