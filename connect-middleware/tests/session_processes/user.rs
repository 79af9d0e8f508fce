//! A user with two browsers, who remembers what the app has said.

use std::collections::HashSet;

use crate::client::{Answer, send};
use crate::process::Processes;

/// Random numbers of a seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// How often something was seen, so that the test is known to test it.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) unanswered: usize,
    changes: usize,
    logins: usize,
    logouts: usize,
    reads: usize,
    reads_of_ended: usize,
    ended_meanwhile: usize,
}

impl Counts {
    pub(crate) fn add(self, other: Self) -> Self {
        Counts {
            unanswered: self.unanswered + other.unanswered,
            changes: self.changes + other.changes,
            logins: self.logins + other.logins,
            logouts: self.logouts + other.logouts,
            reads: self.reads + other.reads,
            reads_of_ended: self.reads_of_ended + other.reads_of_ended,
            ended_meanwhile: self.ended_meanwhile + other.ended_meanwhile,
        }
    }

    pub(crate) fn is_enough(&self) -> bool {
        self.changes.min(self.reads_of_ended) > 50 && self.reads.min(self.logins).min(self.logouts) > 10
    }
}

/// A session as its browser knows it.
#[derive(Default)]
struct Known {
    token: Option<String>,
    is_signed_in: bool,
    /// Something that was not answered may have ended it.
    may_have_ended: bool,
    stored: [HashSet<u64>; 2],
    tried: [HashSet<u64>; 2],
}

pub(crate) struct User<'a> {
    processes: &'a Processes,
    name: String,
    random: Random,
    browsers: [Known; 2],
    /// Tokens whose session has ended, as the app has said.
    ended: Vec<String>,
    next_number: u64,
    next_process: usize,
    /// Processes are killed, so requests may have no answer.
    may_fail: bool,
    pub(crate) counts: Counts,
}

#[derive(Clone, Copy, PartialEq)]
enum Request {
    Put(usize, u64),
    Login,
    Logout,
}

impl<'a> User<'a> {
    pub(crate) fn new(processes: &'a Processes, number: u64, seed: u64, may_fail: bool) -> Self {
        User {
            processes,
            name: format!("user-{number}"),
            random: Random(seed),
            browsers: Default::default(),
            ended: Vec::new(),
            next_number: 0,
            next_process: 0,
            may_fail,
            counts: Counts::default(),
        }
    }

    /// One after the other from the two processes.
    fn process(&mut self) -> usize {
        self.next_process += 1;
        self.next_process % 2
    }

    fn send(&mut self, method: &str, target: &str, token: Option<&str>) -> Option<Answer> {
        let process = self.process();
        let answer = request(self.processes, process, method, target, token);
        self.note(answer)
    }

    fn note(&mut self, answer: Option<Answer>) -> Option<Answer> {
        assert!(answer.is_some() || self.may_fail, "no answer");
        self.counts.unanswered += usize::from(answer.is_none());
        answer
    }

    pub(crate) fn round(&mut self) {
        let browser = usize::try_from(self.random.below(2)).unwrap();
        match self.random.below(10) {
            0..=4 => self.at_the_same_time(browser, None),
            5 => self.at_the_same_time(browser, Some(Request::Login)),
            6 => self.at_the_same_time(browser, Some(Request::Logout)),
            7 => self.log_out_everywhere(browser),
            _ => self.check(browser),
        }
        if self.random.below(4) == 0 {
            self.check_ended();
        }
    }

    /// Two to four changes of both parts at the same time, through both processes, and perhaps a login or a logout among them.
    fn at_the_same_time(&mut self, browser: usize, other: Option<Request>) {
        let changes = 2 + self.random.below(3);
        // Otherwise each change would begin a session of its own.
        let changes = if self.browsers[browser].token.is_none() { 0 } else { changes };
        let mut requests: Vec<Request> = (0..changes)
            .map(|_| {
                self.next_number += 1;
                Request::Put(usize::from(self.random.below(3) == 0), self.next_number)
            })
            .collect();
        match other {
            Some(other) => {
                let at = self.random.below(changes + 1);
                requests.insert(usize::try_from(at).unwrap(), other);
            }
            None if changes == 0 => {
                self.next_number += 1;
                requests.push(Request::Put(0, self.next_number));
            }
            None => {}
        }
        let known = &mut self.browsers[browser];
        for request in &requests {
            if let Request::Put(part, number) = request {
                known.tried[*part].insert(*number);
            }
        }
        let token = known.token.clone();
        let (processes, name) = (self.processes, &self.name);
        let token = token.as_deref();
        let first = self.next_process;
        self.next_process += requests.len();
        let answers: Vec<Option<Answer>> = std::thread::scope(|scope| {
            let threads: Vec<_> = requests
                .iter()
                .enumerate()
                .map(|(at, what)| {
                    let target = match what {
                        Request::Put(0, number) => format!("/a/{number}"),
                        Request::Put(_, number) => format!("/b/{number}"),
                        Request::Login => format!("/login/{name}"),
                        Request::Logout => "/logout".to_owned(),
                    };
                    scope.spawn(move || request(processes, (first + at) % 2, "POST", &target, token))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let answered: Vec<_> =
            requests.into_iter().zip(answers.into_iter().map(|it| self.note(it))).collect();
        self.learn(browser, answered);
    }

    fn learn(&mut self, browser: usize, answered: Vec<(Request, Option<Answer>)>) {
        let known = &mut self.browsers[browser];
        let has_end = answered.iter().any(|(request, _)| matches!(request, Request::Login | Request::Logout));
        // A change that found no session has begun one.
        let mut begun = None;
        for (request, answer) in &answered {
            let Request::Put(part, number) = *request else { continue };
            let Some(answer) = answer else { continue };
            match answer.status {
                200 if answer.token.is_none() => {
                    known.stored[part].insert(number);
                    self.counts.changes += 1;
                }
                200 => begun = Some((part, number, answer.token.clone())),
                // Which says that nothing was stored.
                409 => {
                    assert!(has_end || known.may_have_ended, "a session has ended by itself");
                    self.counts.ended_meanwhile += 1;
                }
                503 => {}
                status => panic!("{status}: {}", answer.body),
            }
        }
        if begun.is_some() {
            let may = known.token.is_none() || has_end || known.may_have_ended;
            assert!(may, "a session was lost: a change has begun another");
        }
        let mut ends = answered.iter().filter(|(request, _)| !matches!(request, Request::Put(..)));
        let Some((request, answer)) = ends.next() else {
            if let Some((part, number, token)) = begun {
                *known = Known { token, ..Known::default() };
                known.stored[part].insert(number);
                known.tried[part].insert(number);
            }
            return;
        };
        let Some(answer) = answer.as_ref().filter(|answer| answer.status == 200) else {
            known.may_have_ended = true;
            return;
        };
        let old = known.token.take();
        if *request == Request::Login {
            self.counts.logins += 1;
            let was_lost = known.may_have_ended;
            known.token = Some(answer.token.clone().expect("a token after a login"));
            if was_lost {
                // What it was is not known, so neither is what is there now.
                known.stored = Default::default();
            }
            (known.is_signed_in, known.may_have_ended) = (true, false);
        } else {
            self.counts.logouts += 1;
            *known = Known::default();
        }
        self.ended.extend(old);
    }

    fn log_out_everywhere(&mut self, browser: usize) {
        let Some(token) = self.browsers[browser].token.clone() else { return };
        let answer = self.send("POST", "/logout-everywhere", Some(&token));
        let was_signed_in = self.browsers[browser].is_signed_in && !self.browsers[browser].may_have_ended;
        for (at, known) in self.browsers.iter_mut().enumerate() {
            if at != browser && !known.is_signed_in {
                continue;
            }
            if answer.as_ref().is_none_or(|answer| answer.status != 200) {
                known.may_have_ended = true;
            } else if at == browser || was_signed_in {
                self.counts.logouts += 1;
                self.ended.extend(std::mem::take(known).token);
            } else {
                known.may_have_ended = true;
            }
        }
    }

    /// What is stored is what was said to be.
    fn check(&mut self, browser: usize) {
        let Some(token) = self.browsers[browser].token.clone() else { return };
        let Some(answer) = self.send("GET", "/read", Some(&token)) else { return };
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.counts.reads += 1;
        let known = &mut self.browsers[browser];
        if answer.body == "||" && known.may_have_ended {
            *known = Known::default();
            return;
        }
        let fields: Vec<&str> = answer.body.split('|').collect();
        assert_eq!(fields.len(), 3, "a session is half changed: {}", answer.body);
        assert_eq!(fields[0] == self.name, known.is_signed_in, "{}", answer.body);
        for part in 0..2 {
            let numbers: Vec<u64> = fields[part + 1]
                .split(',')
                .filter(|it| !it.is_empty())
                .map(|it| it.parse().unwrap())
                .collect();
            let unique: HashSet<u64> = numbers.iter().copied().collect();
            assert_eq!(unique.len(), numbers.len(), "a change was stored twice: {}", answer.body);
            let (stored, tried) = (&known.stored[part], &known.tried[part]);
            assert!(stored.is_subset(&unique), "a change was lost: {stored:?} of {}", answer.body);
            assert!(unique.is_subset(tried), "a change that nobody made: {}", answer.body);
        }
    }

    /// What has ended stays so.
    fn check_ended(&mut self) {
        for at in (0..self.ended.len()).rev().take(5) {
            let token = self.ended[at].clone();
            let Some(answer) = self.send("GET", "/read", Some(&token)) else { continue };
            assert_eq!((answer.status, &*answer.body), (200, "||"), "a session came back");
            self.counts.reads_of_ended += 1;
        }
    }

    /// Everything, when nobody is killed any more.
    pub(crate) fn check_all(&mut self) {
        for browser in 0..2 {
            self.check(browser);
        }
        for token in std::mem::take(&mut self.ended) {
            let Some(answer) = self.send("GET", "/read", Some(&token)) else { continue };
            assert_eq!((answer.status, &*answer.body), (200, "||"), "a session came back");
            self.counts.reads_of_ended += 1;
        }
    }
}

fn request(
    processes: &Processes,
    process: usize,
    method: &str,
    target: &str,
    token: Option<&str>,
) -> Option<Answer> {
    send(processes.address(process), method, target, token).ok().flatten()
}
