//! Workers that grow until the kernel kills them: hand-worked stories, and a tiny second model.

use std::sync::Arc;

use proptest::prelude::*;
use simsrv::model::runtime::{Accept, Balance, Class, Cluster, Runtime};
use simsrv::model::{Backlog, Load, Memory, Model, Server, Trace};
use simsrv::record::{EngineEvent, Outcome, RequestRecord, Sink};
use simsrv::size::Size;
use simsrv::time::{Span, Time};

use crate::cases::check;
use crate::runtime::run_to_the_end;

/// What a run said.
#[derive(Default)]
struct Seen {
    records: Vec<RequestRecord>,
    /// When the kernel killed, in seconds.
    kills: Vec<f64>,
    peak: u64,
}

impl Sink for Seen {
    fn take(&mut self, record: &RequestRecord) {
        self.records.push(*record);
    }

    fn note(&mut self, note: &EngineEvent) {
        match note {
            EngineEvent::Killed { at } => self.kills.push(at.as_secs_f64()),
            EngineEvent::Memory { bytes, .. } => self.peak = self.peak.max(*bytes),
            _ => {}
        }
    }
}

impl Seen {
    /// When each request was over, in seconds, and how.
    fn ends(&self) -> Vec<(f64, Outcome)> {
        self.records.iter().map(|record| (record.departure.as_secs_f64(), record.outcome)).collect()
    }

    fn lost(&self) -> Vec<u64> {
        let lost = self.records.iter().filter(|record| record.outcome == Outcome::OutOfMemory);
        lost.map(|record| record.request).collect()
    }
}

/// A process that is not said: the one with the fewest busy threads, the lowest of several.
const ANY: u32 = u32::MAX;

/// Requests off the CPU, (arrival in s, seconds, process), to processes of so many bytes.
#[derive(Debug)]
struct Story {
    workers: u32,
    threads: u32,
    limit: u64,
    worker: u64,
    shared: u64,
    leak: u64,
    boot: f64,
    max_requests: u64,
    hosts: u32,
    requests: Vec<(f64, f64, u32)>,
}

impl Story {
    /// Two workers of 100 bytes that grow by 50, in `limit` bytes.
    fn of(limit: u64, requests: &[(f64, f64, u32)]) -> Story {
        Story {
            workers: 2,
            threads: 2,
            limit,
            worker: 100,
            shared: 0,
            leak: 50,
            boot: 0.0,
            max_requests: 0,
            hosts: 1,
            requests: requests.to_vec(),
        }
    }

    fn model(&self) -> Model {
        let mut trace = Trace::new();
        for (arrival, seconds, _) in &self.requests {
            let mut demands = Vec::new();
            let phases = format!("io:{seconds}");
            simsrv::scenario::phases::demands(&phases, &mut demands).expect("phases");
            trace.push(Time::ZERO + Span::from_secs_f64(*arrival), &demands).expect("in order");
        }
        let mut runtime = Runtime::neutral(Class::Gthread);
        let to: Vec<u32> = self.requests.iter().map(|(.., to)| *to).collect();
        runtime.accept = if to.contains(&ANY) { Accept::Shared } else { Accept::Recorded(to) };
        runtime.lifecycle.boot = Span::from_secs_f64(self.boot);
        let balance = Balance::RoundRobin;
        runtime.cluster = (self.hosts > 1).then_some(Cluster { hosts: self.hosts, balance });
        runtime.lifecycle.max_requests = self.max_requests;
        let server = Server {
            discipline: simsrv::model::Discipline::Fifo,
            workers: self.workers,
            threads: self.threads,
            gil: true,
            cores: "8".parse().expect("cores"),
            memory: Some(Memory {
                limit: Some(Size::from_bytes(self.limit)),
                worker: Size::from_bytes(self.worker),
                thread: Size::ZERO,
                shared: Size::from_bytes(self.shared),
                leak: Size::from_bytes(self.leak),
            }),
            backlog: Backlog::Unlimited,
            patience: None,
            runtime: Some(Arc::new(runtime)),
        };
        Model::new(Load::Trace(Arc::new(trace)), server).expect("a model")
    }

    fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        run_to_the_end(&self.model(), 1, &mut seen);
        seen.records.sort_by_key(|record| record.request);
        seen
    }
}

use Outcome::{OutOfMemory, Served};

#[track_caller]
fn same(seen: &[(f64, Outcome)], expect: &[(f64, Outcome)]) {
    let near = |((a, how), (b, expected)): (&(f64, Outcome), &(f64, Outcome))| {
        (a - b).abs() < 1e-6 && how == expected
    };
    let alike = seen.len() == expect.len() && seen.iter().zip(expect).all(near);
    assert!(alike, "{seen:?} instead of {expect:?}");
}

/// What one host does with every other request, two do with all of them, each with memory of its
/// own: the same requests die on both, and what the others take is not theirs. The two share
/// nothing but the balancer, who gives in turn.
#[test]
fn each_host_has_memory_of_its_own() {
    let length = |n: u32| 1.5 + f64::from(n % 4) * 2.0;
    let one: Vec<(f64, f64, u32)> = (0..40).map(|n| (2.0 * f64::from(n), length(n), ANY)).collect();
    let mut story = Story::of(450, &one);
    let alone = story.seen();
    assert!(!alone.lost().is_empty() && alone.kills.len() > 2, "a story in which few die");
    // The same again on a second host, half a second later.
    let both =
        one.iter().flat_map(|&(at, seconds, to)| [(at, seconds, to), (at + 0.5, seconds, to)]);
    story.requests = both.collect();
    story.hosts = 2;
    let seen = story.seen();
    for host in 0..2 {
        let ends = seen.ends().into_iter().skip(host).step_by(2);
        let ends: Vec<_> = ends.map(|(at, how)| (at - 0.5 * host as f64, how)).collect();
        same(&ends, &alone.ends());
    }
    assert_eq!(seen.kills.len(), 2 * alone.kills.len());
}

/// One worker of 600 bytes, 100 beside it, 1,000 in all: 300 are left. Requests of 100 bytes each,
/// every 10 s: the third takes the last byte and is served, the fourth meets a full memory and dies
/// with its worker at its start. The next life is like the first.
#[test]
fn the_request_that_finds_no_byte_left_dies_with_its_worker() {
    let requests: Vec<(f64, f64, u32)> = (0..9).map(|n| (10.0 * f64::from(n), 1.0, 0)).collect();
    let mut story = Story::of(1000, &requests);
    (story.workers, story.worker, story.shared, story.leak) = (1, 600, 100, 100);
    let seen = story.seen();
    assert_eq!((seen.lost(), &seen.kills[..]), (vec![3, 7], &[30.0, 70.0][..]));
    assert_eq!(seen.peak, 1000);
    // One byte more, and still three; one less, and the third dies: 0, 1, die, 0, 1, die.
    story.limit = 1001;
    assert_eq!(story.seen().lost(), [3, 7]);
    story.limit = 999;
    assert_eq!(story.seen().lost(), [2, 5, 8]);
    // 100 more are one request more.
    story.limit = 1100;
    assert_eq!(story.seen().lost(), [4]);
}

/// The successor is there 35 ms and its boot after the kill: what comes meanwhile waits for it.
#[test]
fn a_successor_boots() {
    let requests = [(0.0, 1.0, 0), (5.0, 1.0, 0), (6.0, 1.0, 0)];
    let mut story = Story::of(150, &requests);
    (story.workers, story.boot) = (1, 2.0);
    same(&story.seen().ends(), &[(1.0, Served), (5.0, OutOfMemory), (8.035, Served)]);
}

/// The first process has grown to 200 and works until 12 s when the second, with 100, asks for 50
/// of the 40 that are left: the first is the largest, and dies with its request. The second gets
/// all that it asked for, and answers.
#[test]
fn the_largest_dies_not_the_one_that_asks() {
    let requests = [(0.0, 1.0, 0), (2.0, 10.0, 0), (3.0, 1.0, 1)];
    let seen = Story::of(340, &requests).seen();
    same(&seen.ends(), &[(1.0, Served), (3.0, OutOfMemory), (4.0, Served)]);
    assert_eq!((seen.kills.len(), seen.peak), (1, 340));
}

/// What counts is what a process has when memory is full, not what it would have: the first has
/// 200, the second 150 and asks for 100 where 10 are left. It would then have 250, but has 160.
#[test]
fn a_process_has_what_it_was_given() {
    let requests = [(0.0, 9.0, 0), (1.0, 1.0, 1), (2.0, 1.0, 1)];
    let mut story = Story::of(360, &requests);
    (story.worker, story.leak) = (50, 100);
    // 150 and 50; 150 and 150; 60 are left of the 100 that the second asks for: 150 and 210.
    same(&story.seen().ends(), &[(9.0, Served), (2.0, Served), (2.0, OutOfMemory)]);
    story.requests = vec![(0.0, 1.0, 0), (1.5, 9.0, 0), (3.0, 1.0, 1), (5.0, 1.0, 1)];
    story.limit = 410;
    // 250 and 150, and 10 left: 250 and 160, so the first dies, though the second wants 250 too
    // and would be the younger of two equals.
    let expect = [(1.0, Served), (5.0, OutOfMemory), (4.0, Served), (6.0, Served)];
    same(&story.seen().ends(), &expect);
}

/// Of equals the youngest dies: at first the second process, later the first one's successor.
#[test]
fn of_equals_the_youngest_dies() {
    // 150 and 150 fill the memory.
    let requests = [(0.0, 10.0, 0), (1.0, 10.0, 1), (2.0, 1.0, 0)];
    let seen = Story::of(300, &requests).seen();
    same(&seen.ends(), &[(10.0, Served), (2.0, OutOfMemory), (3.0, Served)]);
    // The first grows to 200 and dies at 2 s; its successor is younger than the second.
    let requests = [
        (0.0, 0.5, 0),
        (1.0, 0.5, 0),
        (2.0, 5.0, 0),
        (3.0, 10.0, 1),
        (4.0, 10.0, 0),
        (5.0, 1.0, 1),
    ];
    let expect = [
        (0.5, Served),
        (1.5, Served),
        (2.0, OutOfMemory),
        (13.0, Served),
        (5.0, OutOfMemory),
        (6.0, Served),
    ];
    same(&Story::of(300, &requests).seen().ends(), &expect);
}

/// While the first process boots, the second grows into the memory that it left: from 100 to 250.
/// At 7.035 s the successor needs 100 of the 50 that are left, and the second dies.
#[test]
fn a_successor_that_finds_no_room_costs_another_its_life() {
    let requests = [
        (0.0, 0.1, 0),
        (1.0, 0.1, 0),
        (2.0, 1.0, 0),
        (3.0, 0.1, 1),
        (4.0, 0.1, 1),
        (6.9, 1.0, 1),
        (8.0, 0.1, 0),
    ];
    let mut story = Story::of(300, &requests);
    story.boot = 5.0;
    let expect = [
        (0.1, Served),
        (1.1, Served),
        (2.0, OutOfMemory),
        (3.1, Served),
        (4.1, Served),
        (7.035, OutOfMemory),
        (8.1, Served),
    ];
    let seen = story.seen();
    same(&seen.ends(), &expect);
    assert_eq!(seen.kills.len(), 2);
}

/// Workers that are recycled after three requests never need the room of a fourth; a limit of four
/// comes too late.
#[test]
fn recycling_in_time_saves_every_request() {
    let requests: Vec<(f64, f64, u32)> = (0..12).map(|n| (f64::from(n), 0.1, 0)).collect();
    let mut story = Story::of(250, &requests);
    story.workers = 1;
    story.max_requests = 3;
    let seen = story.seen();
    assert_eq!((seen.lost().len(), seen.kills.len(), seen.peak), (0, 0, 250));
    story.max_requests = 4;
    assert_eq!(story.seen().lost(), [3, 7, 11]);
}

/// Who is answered at the very instant of the kill is answered; who has begun is not.
#[test]
fn answers_at_the_instant_of_a_kill_count() {
    let requests = [(0.0, 1.0, 0), (1.0, 2.0, 0), (3.0, 1.0, 1), (3.0, 1.0, 0)];
    let seen = Story::of(300, &requests).seen();
    // At 3 s the first has 200 and the second 100; both ask, in the order of arrival.
    same(&seen.ends(), &[(1.0, Served), (3.0, Served), (4.0, Served), (3.0, OutOfMemory)]);
}

/// A process takes with it what its threads do and what waits for one.
#[test]
fn a_process_dies_with_all_that_it_holds() {
    let requests = [(0.0, 9.0, 0), (0.0, 9.0, 0), (0.0, 9.0, 0), (1.0, 1.0, 1), (2.0, 1.0, 1)];
    let seen = Story::of(390, &requests).seen();
    // Two began, so 200; the third waits. 150 and then 200 for the second: 90, 40 left of 390.
    let lost = (2.0, OutOfMemory);
    same(&seen.ends(), &[lost, lost, lost, (2.0, Served), (3.0, Served)]);
}

/// What does not fit from the beginning is simulated as if there were enough.
#[test]
fn what_never_fits_is_left_alone() {
    let seen = Story::of(199, &[(0.0, 1.0, 0), (1.0, 1.0, 1)]).seen();
    assert_eq!((seen.lost().len(), seen.kills.len(), seen.peak), (0, 0, 300));
}

/// The same rules again, for requests that never overlap: sizes, ages, and who dies.
struct Twin<'a> {
    story: &'a Story,
    sizes: Vec<u64>,
    ages: Vec<u64>,
    clock: u64,
    dead: Vec<usize>,
    kills: usize,
}

impl Twin<'_> {
    /// A process takes byte after byte; false if it dies of it.
    fn take(&mut self, process: usize, bytes: u64) -> bool {
        for _ in 0..bytes {
            while self.story.shared + self.sizes.iter().sum::<u64>() == self.story.limit {
                let alive = (0..self.sizes.len()).filter(|at| !self.dead.contains(at));
                let worst = alive.max_by_key(|at| (self.sizes[*at], self.ages[*at])).expect("one");
                self.sizes[worst] = 0;
                self.dead.push(worst);
                self.kills += 1;
                if worst == process {
                    return false;
                }
            }
            self.sizes[process] += 1;
        }
        true
    }

    /// Long after: all that have died are there again, in the order of their deaths.
    fn revive(&mut self) {
        while !self.dead.is_empty() {
            let process = self.dead.remove(0);
            self.clock += 1;
            self.ages[process] = self.clock;
            self.take(process, self.story.worker);
        }
    }

    fn lost(&mut self) -> Vec<u64> {
        let mut lost = Vec::new();
        for process in 0..self.sizes.len() {
            self.clock += 1;
            self.ages[process] = self.clock;
            self.take(process, self.story.worker);
        }
        for (number, (.., process)) in self.story.requests.iter().enumerate() {
            self.revive();
            if !self.take(*process as usize, self.story.leak) {
                lost.push(number as u64);
            }
        }
        lost
    }
}

fn sequences() -> impl Strategy<Value = Story> {
    let sizes = (1..5u32, 0..30u64, 0..10u64, 1..20u64, 0..120u64);
    (sizes, proptest::collection::vec(0..4u32, 1..60)).prop_map(
        |((workers, worker, shared, leak, room), to)| Story {
            workers,
            worker,
            shared,
            leak,
            threads: 1,
            limit: (shared + u64::from(workers) * worker + room).max(1),
            boot: 0.0,
            max_requests: 0,
            hosts: 1,
            requests: (0u32..)
                .zip(to)
                .map(|(n, to)| (10.0 * f64::from(n), 0.001, to % workers))
                .collect(),
        },
    )
}

/// Against the twin, which counts single bytes: who is lost, and how many die.
#[test]
fn a_second_model_kills_the_same() {
    let killed = std::cell::Cell::new(0);
    check(2000, &sequences(), |story| {
        let count = story.workers as usize;
        let mut twin = Twin {
            story: &story,
            sizes: vec![0; count],
            ages: vec![0; count],
            clock: 0,
            dead: Vec::new(),
            kills: 0,
        };
        let lost = twin.lost();
        let seen = story.seen();
        prop_assert_eq!(seen.lost(), lost);
        prop_assert_eq!(seen.kills.len(), twin.kills);
        prop_assert!(seen.peak <= story.limit);
        killed.set(killed.get() + twin.kills);
        Ok(())
    });
    // It does happen in the cases.
    assert!(killed.get() > 2000, "{}", killed.get());
}
