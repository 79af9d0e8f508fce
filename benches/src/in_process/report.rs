//! Measures the rows and prints them.

use super::rows::{self, LAYERS, ROWS, Row, WORK};
use super::{Answer, Case};
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
    let (answer, expected) = (case(1), Answer { status: 200, from_layers: layers > 0 });
    if answer == expected {
        Ok(case)
    } else {
        Err(format!("row `{}` with {layers} layers answers {answer:?}, not {expected:?}", row.name))
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
        "In process. Each layer reads one request header and sets one response header. Times are medians of {} \
         interleaved rounds, with the system's allocator.",
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
    per_layer(costs);
    println!();
    per_request(costs);
}

/// The first table.
fn per_layer(costs: &[Costs]) {
    println!("Per added layer (20 layers against none); \"over\" is what is left without the header work:\n");
    let work = &costs[0];
    let work_times = slopes(&work.nanoseconds);
    let mut table = Table::new(["", "ns", "ns over", "instructions", "instructions over", "allocations"]);
    for cost in costs {
        let times = slopes(&cost.nanoseconds);
        let over = times.iter().zip(&work_times).map(|(time, work)| time - work).collect();
        let instructions = cost.instructions.as_deref().map(slope);
        let work = work.instructions.as_deref().map(slope);
        table.row([
            cost.row.label.to_owned(),
            figure(Some(time::median(times)), 1),
            figure(Some(time::median(over)), 1),
            figure(instructions, 1),
            figure(instructions.zip(work).map(|(instructions, work)| instructions - work), 1),
            figure(Some(slope(&cost.allocations)), 2),
        ]);
    }
    table.print();
}

/// The second table.
fn per_request(costs: &[Costs]) {
    println!("Per request with {} layers, the building of request and answer included:\n", numbers());
    let of = |what: &'static str| LAYERS.iter().map(move |layers| format!("{what}, {layers}"));
    let head = [String::new()];
    let mut table =
        Table::new(head.into_iter().chain(of("ns")).chain(of("instructions")).chain(of("allocations")));
    for cost in costs {
        let label = match cost.row.name {
            WORK => "request and answer built, and the header work",
            _ => cost.row.label,
        };
        let times = cost.nanoseconds.iter().map(|rounds| figure(Some(time::median(rounds.clone())), 0));
        let instructions = (0..LAYERS.len())
            .map(|i| figure(cost.instructions.as_ref().map(|instructions| instructions[i]), 0));
        let allocations = cost.allocations.iter().map(|&count| figure(Some(count), 0));
        table.row([label.to_owned()].into_iter().chain(times).chain(instructions).chain(allocations));
    }
    table.print();
}

fn numbers() -> String {
    LAYERS.map(|layers| layers.to_string()).join(", ")
}
