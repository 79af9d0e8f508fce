//! Measures the rows and prints them.

use super::rows::{self, LAYERS, ROWS, Row, WORK};
use super::{Case, Summary};
use crate::measure::{allocations, instructions, time};
use crate::table::{Table, figure};

/// What a row costs: one figure for each of [`LAYERS`].
struct Costs {
    row: &'static Row,
    /// For each round too, since figures of one round are those to compare.
    nanoseconds: Vec<Vec<f64>>,
    instructions: Option<Vec<f64>>,
    allocations: Vec<f64>,
}

pub(crate) fn report(part: &str) -> Result<(), String> {
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.name == WORK || row.name.contains(part)).collect();
    let mut cases = Vec::new();
    for row in &rows {
        for layers in LAYERS {
            cases.push(checked(row, layers)?);
        }
    }
    let allocations = allocations::of_all_rows()?;
    let nanoseconds = time::per_request(&mut cases);
    drop(cases);
    let counted = instructions::can_be_counted();
    let mut costs = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        let span = i * LAYERS.len()..(i + 1) * LAYERS.len();
        costs.push(Costs {
            row,
            nanoseconds: nanoseconds[span].to_vec(),
            instructions: if counted { Some(instructions_of(row)?) } else { None },
            allocations: LAYERS.map(|layers| allocations[&(row.name.to_owned(), layers)]).to_vec(),
        });
    }
    print(&costs, counted);
    Ok(())
}

/// The case, after a look at what it answers.
fn checked(row: &Row, layers: usize) -> Result<Case, String> {
    let mut case = (row.case)(layers).ok_or_else(|| format!("row `{}` has no {layers} layers", row.name))?;
    let (response, expected) = (case(1), Summary { status: 200, from_layers: layers > 0 });
    if response == expected {
        Ok(case)
    } else {
        Err(format!("row `{}` with {layers} layers answers {response:?}, not {expected:?}", row.name))
    }
}

fn instructions_of(row: &Row) -> Result<Vec<f64>, String> {
    LAYERS.into_iter().map(|layers| rows::instructions(row.name, layers)).collect()
}

/// What one layer adds: the difference between most layers and none, by their number.
fn slope(figures: &[f64]) -> f64 {
    (figures[LAYERS.len() - 1] - figures[0]) / (LAYERS[LAYERS.len() - 1] - LAYERS[0]) as f64
}

/// The same for times, within each round.
fn slopes(nanoseconds: &[Vec<f64>]) -> Vec<f64> {
    (0..time::ROUNDS)
        .map(|round| slope(&nanoseconds.iter().map(|rounds| rounds[round]).collect::<Vec<_>>()))
        .collect()
}

fn print(costs: &[Costs], counted: bool) {
    println!(
        "In process: a parameter route behind {} layers, each of which reads one request header and sets one response \
         header. The building of request and response is in the figures. Times are medians of {} interleaved rounds, with the \
         system's allocator; ratios are of connect's `async fn` running, as a service, within a round. \"A layer\": 20 layers against none, and \
         what is left of it without the header work.",
        each(LAYERS.iter().map(ToString::to_string)),
        time::ROUNDS
    );
    println!(
        "Instructions: {}\n",
        if counted {
            "counted by callgrind."
        } else {
            "NOT COUNTED, since valgrind is not installed or does not run here."
        }
    );
    let mut table = Table::new([
        "",
        "ns",
        "ratio",
        "instructions",
        "ratio",
        "allocations",
        "a layer: ns",
        "over the work",
        "instructions",
        "over the work",
        "allocations",
    ]);
    let base = costs.iter().find(|cost| cost.row.name == BASE);
    for cost in costs {
        table.row(cells(cost, base, &costs[0]));
    }
    table.print();
}

/// The row that all others are compared with: it does what layers of the peers do, and as they do it.
const BASE: &str = "call-running";

/// The figures of all numbers of layers in one cell.
fn each(figures: impl Iterator<Item = String>) -> String {
    figures.collect::<Vec<_>>().join(" / ")
}

fn cells(cost: &Costs, base: Option<&Costs>, work: &Costs) -> Vec<String> {
    let numbers = 0..LAYERS.len();
    let label = match cost.row.name {
        WORK => "request and response built, and the header work",
        _ => cost.row.label,
    };
    let ratio = |i: usize| {
        let base = &base?.nanoseconds[i];
        Some(time::median(cost.nanoseconds[i].iter().zip(base).map(|(this, base)| this / base).collect()))
    };
    let instructions = |i: usize| Some(cost.instructions.as_ref()?[i]);
    let of_base = |i: usize| Some(instructions(i)? / base?.instructions.as_ref()?[i]);
    let times = slopes(&cost.nanoseconds);
    let over = times.iter().zip(slopes(&work.nanoseconds)).map(|(time, work)| time - work).collect();
    let slope_of = |cost: &Costs| cost.instructions.as_deref().map(slope);
    let [this, of_work] = [cost, work].map(slope_of);
    vec![
        label.to_owned(),
        each(cost.nanoseconds.iter().map(|rounds| figure(Some(time::median(rounds.clone())), 0))),
        each(numbers.clone().map(|i| figure(ratio(i), 2))),
        each(numbers.clone().map(|i| figure(instructions(i), 0))),
        each(numbers.map(|i| figure(of_base(i), 2))),
        each(cost.allocations.iter().map(|&count| figure(Some(count), 0))),
        figure(Some(time::median(times)), 1),
        figure(Some(time::median(over)), 1),
        figure(this, 1),
        figure(this.zip(of_work).map(|(this, work)| this - work), 1),
        figure(Some(slope(&cost.allocations)), 2),
    ]
}
