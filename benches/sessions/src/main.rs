//! Counts lost updates, sessions that come back after a logout, and sessions that are fixed across a login, in random
//! interleavings of requests with one session: with connect-middleware and with tower-sessions, each with its store in memory.
//!
//! `cargo run -p sessions -- 10000 1`: so many interleavings, from this seed on. The interleavings of a seed begin with the same
//! requests for both; each operation of a store is one step, and between two steps of a request others take theirs.

mod ours;
mod steps;
mod theirs;

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::task::{Context, Waker};

use steps::Random;

/// What came back of a request: its status, the token that was set, and the text.
struct Answer {
    status: u16,
    token: Option<String>,
    text: String,
}

type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// An app with sessions, whose store makes each operation a step.
trait Sessions {
    const NAME: &'static str;

    fn new() -> Self;

    /// `/read` answers `principal|1,2|3`; `/a/1` and `/b/1` put in a number; `/login` and `/logout`.
    fn send<'a>(&'a self, target: &str, token: Option<&str>) -> Answering<'a>;
}

#[derive(Default)]
struct Counts {
    lost_updates: u64,
    resurrected_sessions: u64,
    fixed_sessions: u64,
}

/// Runs a request alone, to its end.
fn complete<S: Sessions>(app: &S, target: &str, token: Option<&str>) -> Answer {
    let mut future = app.send(target, token);
    loop {
        if let std::task::Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            return answer;
        }
    }
}

/// What a token shows: the principal, and the numbers.
fn read<S: Sessions>(app: &S, token: &str) -> (String, BTreeSet<u64>) {
    let text = complete(app, "/read", Some(token)).text;
    let (principal, numbers) = text.split_once('|').expect("a principal");
    let numbers =
        numbers.split([',', '|']).filter(|it| !it.is_empty()).map(|it| it.parse().expect("a number"));
    (principal.to_owned(), numbers.collect())
}

fn interleaving<S: Sessions>(random: &mut Random, counts: &mut Counts) {
    let app = S::new();
    let first = complete(&app, "/a/1", None).token.expect("a session");
    // Two to four requests of the browser at the same time.
    let mut targets = Vec::new();
    for number in 0..2 + random.below(3) {
        targets.push(match random.below(10) {
            0..=3 => format!("/a/{}", 10 + number),
            4..=5 => format!("/b/{}", 10 + number),
            6 => "/read".to_owned(),
            7 => "/login".to_owned(),
            _ => "/logout".to_owned(),
        });
    }
    let mut running: Vec<(String, Answering<'_>)> =
        targets.into_iter().map(|target| (target.clone(), app.send(&target, Some(&first)))).collect();
    let mut answered = Vec::new();
    while !running.is_empty() {
        let at = usize::try_from(random.below(running.len() as u64)).expect("an index");
        let (_, future) = &mut running[at];
        if let std::task::Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            let (target, _) = running.swap_remove(at);
            answered.push((target, answer));
        }
    }
    let done = |what: &str| answered.iter().any(|(target, answer)| target == what && answer.status == 200);
    let (logged_in, logged_out) = (done("/login"), done("/logout"));
    // All tokens that the browser was given.
    let tokens: HashSet<&str> = answered
        .iter()
        .filter_map(|(_, answer)| answer.token.as_deref().filter(|token| !token.is_empty()))
        .chain([&*first])
        .collect();
    if logged_out {
        let (principal, numbers) = read(&app, &first);
        counts.resurrected_sessions += u64::from(!principal.is_empty() || !numbers.is_empty());
    } else {
        let stored: BTreeSet<u64> = tokens.iter().flat_map(|token| read(&app, token).1).collect();
        for (target, answer) in &answered {
            let number = target.strip_prefix("/a/").or_else(|| target.strip_prefix("/b/"));
            let Some(number) = number.filter(|_| answer.status == 200) else { continue };
            counts.lost_updates += u64::from(!stored.contains(&number.parse().expect("a number")));
        }
    }
    if logged_in {
        // Whoever knew the token before the login.
        counts.fixed_sessions += u64::from(!read(&app, &first).0.is_empty());
    }
}

fn report<S: Sessions>(interleavings: u64, seed: u64) {
    let mut counts = Counts::default();
    for number in 0..interleavings {
        interleaving::<S>(&mut Random(seed.wrapping_add(number)), &mut counts);
    }
    println!(
        "| {} | {interleavings} | {} | {} | {} |",
        S::NAME,
        counts.lost_updates,
        counts.resurrected_sessions,
        counts.fixed_sessions
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|it| it.parse::<u64>().expect("a number"));
    let interleavings = arguments.next().unwrap_or(10_000);
    let seed = arguments.next().unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _entered = runtime.enter();
    println!("| | interleavings | lost updates | resurrected sessions | fixed sessions |");
    println!("|---|---|---|---|---|");
    report::<ours::App>(interleavings, seed);
    report::<theirs::App<theirs::CyclesId>>(interleavings, seed);
    report::<theirs::App<theirs::KeepsId>>(interleavings, seed);
}
