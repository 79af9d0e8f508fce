//! Two processes of one app with one store of sessions: what clients were told stays true, also when a process is killed.
#![cfg(all(feature = "session-redis", feature = "session-sqlite"))]

mod client;
mod process;
#[path = "../redis_server/mod.rs"]
mod redis_server;
mod user;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use process::Processes;
use redis_server::RedisServer;
use user::{Counts, Random, User};

const USERS: u64 = 4;

/// Runs users until `until` says so, and adds up what they did.
fn load(processes: &Processes, seed: u64, may_fail: bool, until: impl Fn(usize) -> bool + Sync) -> Counts {
    let users: Vec<Counts> = std::thread::scope(|scope| {
        let until = &until;
        let users: Vec<_> = (0..USERS)
            .map(|number| {
                scope.spawn(move || {
                    let mut user = User::new(processes, number, seed.wrapping_add(number), may_fail);
                    let mut rounds = 0;
                    while !until(rounds) {
                        user.round();
                        rounds += 1;
                    }
                    user.check_all();
                    user.counts
                })
            })
            .collect();
        users.into_iter().map(|user| user.join().expect("the checks of a user")).collect()
    });
    let counts = users.into_iter().fold(Counts::default(), Counts::add);
    println!("SESSION_SEED={seed}: {counts:?}");
    assert!(counts.is_enough(), "too little of something: {counts:?}");
    counts
}

/// A seed of this run, or the one that `SESSION_SEED` says.
fn seed() -> u64 {
    match std::env::var("SESSION_SEED") {
        Ok(seed) => seed.parse().expect("SESSION_SEED is a number"),
        Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().as_secs(),
    }
}

fn alternates(store: &str) {
    let processes = Processes::start(store);
    let counts = load(&processes, seed(), false, |rounds| rounds >= 150);
    assert_eq!(counts.unanswered, 0);
}

fn survives_kills(store: &str) {
    let (processes, is_over) = (Processes::start(store), AtomicBool::new(false));
    let seed = seed();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let load =
            scope.spawn(|| load(&processes, seed, true, |rounds| rounds >= 60 && is_over.load(SeqCst)));
        let mut random = Random(seed);
        for _ in 0..12 {
            std::thread::sleep(Duration::from_millis(100 + random.below(250)));
            processes.kill_and_start(usize::try_from(random.below(2)).unwrap());
        }
        is_over.store(true, SeqCst);
        let counts = load.join().expect("the checks of all users");
        assert!(counts.unanswered > 0, "no kill was noticed: {counts:?}");
    });
    println!("12 kills in {:?}", start.elapsed());
}

#[test]
fn two_processes_with_one_redis_lose_nothing_and_bring_nothing_back() {
    let Some(server) = RedisServer::start() else { return };
    alternates(&server.address());
}

#[test]
fn two_processes_with_one_sqlite_file_lose_nothing_and_bring_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    alternates(folder.path().join("sessions.db").to_str().unwrap());
}

#[test]
fn a_process_that_is_killed_takes_back_nothing_that_clients_were_told_with_redis() {
    let Some(server) = RedisServer::start() else { return };
    survives_kills(&server.address());
}

#[test]
fn a_process_that_is_killed_takes_back_nothing_that_clients_were_told_with_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    survives_kills(folder.path().join("sessions.db").to_str().unwrap());
}
