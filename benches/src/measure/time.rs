//! Measures time, all cases in turns, so that what disturbs the machine disturbs them alike.

use std::time::{Duration, Instant};

/// Makes so many requests, and says something about the last.
type Case<A> = Box<dyn FnMut(u64) -> A>;

/// How often each case has its turn.
pub(crate) const ROUNDS: usize = 21;
const TURN: Duration = Duration::from_millis(6);

/// Nanoseconds of a request: for each case one figure a round.
pub(crate) fn per_request<A>(cases: &mut [Case<A>]) -> Vec<Vec<f64>> {
    let turns: Vec<u64> = cases.iter_mut().map(requests_in_a_turn).collect();
    let mut figures = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for ((case, &requests), figures) in cases.iter_mut().zip(&turns).zip(&mut figures) {
            figures.push(time(case, requests).as_nanos() as f64 / requests as f64);
        }
    }
    figures
}

pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn requests_in_a_turn<A>(case: &mut Case<A>) -> u64 {
    let mut requests = 1;
    loop {
        let took = time(case, requests);
        if took >= TURN / 4 {
            let turn = TURN.as_nanos() as f64 / took.as_nanos() as f64;
            return (requests as f64 * turn).ceil() as u64;
        }
        requests *= 2;
    }
}

fn time<A>(case: &mut Case<A>, requests: u64) -> Duration {
    let started = Instant::now();
    case(requests);
    started.elapsed()
}
