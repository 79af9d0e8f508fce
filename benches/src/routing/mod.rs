//! What it takes to find a route: the library's table beside the routers of axum and of actix-web, alone and in whole
//! requests.

mod api;
mod case;
mod list;
mod lookup;
mod routes;
mod whole;
#[cfg(feature = "peers")]
mod whole_peers;

use crate::measure::{instructions, time};
use crate::table::{Table, figure};
use case::{Case, NOTHING};
use routes::Routes;

/// Passes to count instructions of.
const FEW: u64 = 2;
const MANY: u64 = 6;

struct Row {
    /// The name on the command line.
    name: &'static str,
    /// The name in the report.
    label: &'static str,
    case: fn(&Routes) -> Option<Case>,
}

const fn row(name: &'static str, label: &'static str, case: fn(&Routes) -> Option<Case>) -> Row {
    Row { name, label, case }
}

/// Ours is the first, and is compared with the second.
const LOOKUPS: &[Row] = &[
    row("table", "connect", lookup::ours),
    #[cfg(feature = "peers")]
    row("matchit", "matchit 0.9", lookup::matchit),
    #[cfg(feature = "peers")]
    row("matchit-of-axum", "matchit 0.8", lookup::matchit_of_axum),
    #[cfg(feature = "peers")]
    row("actix-router", "actix-router", lookup::actix_router),
];

const WHOLE: &[Row] = &[
    row("connect", "connect", whole::ours),
    #[cfg(feature = "peers")]
    row("axum", "axum", whole_peers::axum),
    #[cfg(feature = "peers")]
    row("actix", "actix-web", whole_peers::actix),
];

const TABLES: [(&str, &[Row]); 2] = [("A lookup", LOOKUPS), ("A whole request", WHOLE)];

/// Prints times, after all were seen to find the same.
pub(crate) fn report() -> Result<(), String> {
    for (what, rows) in TABLES {
        println!("{what}, ns, medians of {} interleaved rounds:\n", time::ROUNDS);
        let mut table = table(rows);
        for routes in routes::all() {
            let mut cases = checked(rows, &routes)?;
            let rounds = time::per_request(&mut cases);
            table.row(cells(&routes, &rounds));
        }
        table.print();
        println!();
    }
    Ok(())
}

/// Prints instructions.
pub(crate) fn report_instructions() -> Result<(), String> {
    for (what, rows) in TABLES {
        println!("{what}, instructions:\n");
        let mut table = table(rows);
        for routes in routes::all() {
            drop(checked(rows, &routes)?);
            let count = |row: &Row| Ok(vec![of_all_paths(row.name, &routes.name)?]);
            let counts = rows.iter().map(count).collect::<Result<Vec<_>, String>>()?;
            table.row(cells(&routes, &counts));
        }
        table.print();
        println!();
    }
    Ok(())
}

/// For the guard: the instructions of one lookup, or of one request, counted by callgrind.
#[allow(dead_code, reason = "the report has the figures of all paths")]
pub(crate) fn instructions(row: &str, routes: &str) -> Result<f64, String> {
    let found = routes::all().into_iter().find(|found| found.name == routes);
    let paths = found.ok_or_else(|| format!("there are no routes `{routes}`"))?.paths.len();
    Ok(of_all_paths(row, routes)? / paths as f64)
}

fn of_all_paths(row: &str, routes: &str) -> Result<f64, String> {
    instructions::per_request(&["routing-row", row, routes], [FEW, MANY])
}

/// Makes passes and prints nothing.
pub(crate) fn run(name: &str, routes: &str, passes: u64) -> Result<(), String> {
    let row = TABLES.iter().flat_map(|(_, rows)| *rows).find(|row| row.name == name);
    let row = row.ok_or_else(|| format!("there is no row `{name}`"))?;
    let found = routes::all().into_iter().find(|found| found.name == routes);
    let routes = found.ok_or_else(|| format!("there are no routes `{routes}`"))?;
    made(row, &routes)?(passes);
    Ok(())
}

fn made(row: &Row, routes: &Routes) -> Result<Case, String> {
    (row.case)(routes).ok_or_else(|| format!("there is no `{}` with the routes `{}`", row.name, routes.name))
}

/// The cases, after a look at what they find.
fn checked(rows: &[Row], routes: &Routes) -> Result<Vec<Case>, String> {
    let mut cases = rows.iter().map(|row| made(row, routes)).collect::<Result<Vec<_>, _>>()?;
    let found: Vec<usize> = cases.iter_mut().map(|case| case(1)).collect();
    if found.iter().all(|sum| *sum == found[0] && *sum < NOTHING) {
        Ok(cases)
    } else {
        Err(format!("the routers disagree about {}: {found:?}", routes.label))
    }
}

fn table(rows: &[Row]) -> Table {
    let labels = rows.iter().map(|row| row.label.to_owned());
    let ratio = format!("{} / {}", rows[0].label, rows[1].label);
    Table::new(["routes".to_owned()].into_iter().chain(labels).chain([ratio]))
}

/// The cells of a line: the medians of figures of passes, for one path, and what ours are by the second in the same
/// round.
fn cells(routes: &Routes, rounds: &[Vec<f64>]) -> Vec<String> {
    let paths = routes.paths.len() as f64;
    let medians = rounds.iter().map(|figures| figure(Some(time::median(figures.clone()) / paths), 1));
    let ratios = rounds[0].iter().zip(&rounds[1]).map(|(ours, theirs)| ours / theirs).collect();
    let ratio = figure(Some(time::median(ratios)), 2);
    [routes.label.clone()].into_iter().chain(medians).chain([ratio]).collect()
}
