//! Prints the allocations of one request, for each row and number of layers. The report runs it.
#![allow(dead_code, reason = "only the cases are used here")]

#[path = "../src/in_process/mod.rs"]
mod in_process;
#[path = "../src/measure/mod.rs"]
mod measure;
#[path = "../src/table.rs"]
mod table;

use in_process::rows::{LAYERS, ROWS};

const REQUESTS: u64 = 100;

fn main() {
    for row in ROWS {
        for layers in LAYERS {
            let Some(mut case) = (row.case)(layers) else { continue };
            // A few to warm up.
            case(10);
            let counted = allocation_counter::measure(|| {
                case(REQUESTS);
            });
            println!("{} {layers} {}", row.name, counted.count_total as f64 / REQUESTS as f64);
        }
    }
}
