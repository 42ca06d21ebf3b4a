//! The slow, obvious twin of several hosts before a pool: it is told hosts, workers and requests,
//! and looks at everybody at every instant. It shares no code with the engine. Times are whole
//! seconds, so that requests come, end and ask at the same instant all the time; each worker has a
//! core, so that nothing is shared but the queues, the balancer and the pool.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use simsrv::model::runtime::{Balance, Class, Cluster, Pool, Runtime};
use simsrv::model::{Backlog, Demand, Load, Model, PhaseKind, Server, Trace};
use simsrv::record::{Outcome, RequestRecord};
use simsrv::time::{Span, Time};

use crate::cases::{check, more};
use crate::runtime::records_of;

const SECOND: u64 = 1_000_000_000;

/// A request: seconds after the one before, and its phases: (off the CPU, seconds).
type Ask = (u64, Vec<(bool, u64)>);

#[derive(Clone, Debug)]
struct Case {
    hosts: usize,
    workers: usize,
    backlog: Option<usize>,
    pool: Option<usize>,
    /// In turn, or to whom has fewest.
    in_turn: bool,
    asks: Vec<Ask>,
}

fn cases() -> impl Strategy<Value = Case> {
    let phase = (any::<bool>(), 0..4u64);
    let ask = (0..3u64, prop::collection::vec(phase, 0..4));
    let asks = prop::collection::vec(ask, 1..20);
    let some = |most: usize| prop::option::of(1..most);
    let backlog = prop::option::of(0..3usize);
    (1..4usize, 1..4usize, backlog, some(5), any::<bool>(), asks).prop_map(
        |(hosts, workers, backlog, pool, in_turn, asks)| Case {
            hosts,
            workers,
            backlog,
            pool,
            in_turn,
            asks,
        },
    )
}

impl Case {
    fn model(&self) -> Model {
        let mut trace = Trace::new();
        let mut now = 0;
        for (gap, phases) in &self.asks {
            now += gap;
            let demand = |(off, seconds): &(bool, u64)| {
                let kind = if *off { PhaseKind::Io } else { PhaseKind::Cpu };
                Demand::new(kind, Span::from_nanos(seconds * SECOND))
            };
            let demands: Vec<Demand> = phases.iter().map(demand).collect();
            trace.push(Time::from_nanos(now * SECOND), &demands).expect("in order");
        }
        let balance = if self.in_turn { Balance::RoundRobin } else { Balance::LeastConnections };
        let runtime = Runtime {
            cluster: Some(Cluster { hosts: self.hosts as u32, balance }),
            pool: self.pool.map(|size| Pool::Connections(size as u32)),
            ..Runtime::neutral(Class::Sync)
        };
        let server = Server {
            backlog: self.backlog.map_or(Backlog::Unlimited, |n| Backlog::Places(n as u64)),
            runtime: Some(Arc::new(runtime)),
            ..Server::ideal(self.workers as u32)
        };
        Model::new(Load::Trace(Arc::new(trace)), server).expect("a model")
    }

    fn records(&self) -> Vec<RequestRecord> {
        records_of(&self.model(), 1)
    }
}

/// What becomes of a request: (worker, start, departure) in seconds; `None`: refused.
type End = Option<(usize, u64, u64)>;

struct Job {
    number: usize,
    worker: usize,
    start: u64,
    /// What is left; the first one runs, or waits for the pool.
    phases: VecDeque<(bool, u64)>,
    /// When the first one ends; `None` while it waits for the pool.
    end: Option<u64>,
}

struct Twin<'a> {
    case: &'a Case,
    now: u64,
    free: usize,
    /// Numbers of those who wait for the pool.
    asking: VecDeque<usize>,
    queues: Vec<VecDeque<usize>>,
    /// Of each worker on all hosts: since which instant it idles.
    idle: Vec<Option<u64>>,
    given: Vec<usize>,
    last: usize,
    jobs: Vec<Job>,
    ends: Vec<End>,
    waited_for_the_pool: bool,
}

impl Twin<'_> {
    fn run(case: &Case) -> (Vec<End>, bool) {
        let mut twin = Twin {
            case,
            now: 0,
            free: case.pool.unwrap_or(usize::MAX),
            asking: VecDeque::new(),
            queues: vec![VecDeque::new(); case.hosts],
            idle: vec![Some(0); case.hosts * case.workers],
            given: vec![0; case.hosts],
            last: case.hosts - 1,
            jobs: Vec::new(),
            ends: vec![None; case.asks.len()],
            waited_for_the_pool: false,
        };
        let mut coming = VecDeque::new();
        let mut at = 0;
        for (number, (gap, _)) in case.asks.iter().enumerate() {
            at += gap;
            coming.push_back((at, number));
        }
        loop {
            let ends = twin.jobs.iter().filter_map(|job| job.end);
            let Some(next) = ends.chain(coming.front().map(|(at, _)| *at)).min() else { break };
            twin.now = next;
            twin.finish();
            twin.refill();
            while let Some((_, number)) = coming.front().copied().filter(|(at, _)| *at == next) {
                coming.pop_front();
                twin.arrive(number);
                twin.refill();
            }
        }
        (twin.ends, twin.waited_for_the_pool)
    }

    /// Phases end: connections go to those who wait, then everybody goes on in the order of the
    /// workers; those who have nothing left depart.
    fn finish(&mut self) {
        let now = self.now;
        self.jobs.sort_by_key(|job| job.worker);
        let ended: Vec<usize> =
            self.jobs.iter().filter(|job| job.end == Some(now)).map(|job| job.number).collect();
        for number in &ended {
            let job = self.job(*number);
            let (off, _) = job.phases.pop_front().expect("a phase has ended");
            job.end = None;
            if off {
                self.free = self.free.saturating_add(1);
            }
        }
        while self.free > 0
            && let Some(number) = self.asking.pop_front()
        {
            self.hold(number);
        }
        for number in &ended {
            self.go_on(*number);
        }
        for number in ended {
            if self.job(number).phases.is_empty() {
                self.depart(number);
            }
        }
    }

    fn job(&mut self, number: usize) -> &mut Job {
        self.jobs.iter_mut().find(|job| job.number == number).expect("it is in service")
    }

    fn hold(&mut self, number: usize) {
        self.free = if self.case.pool.is_some() { self.free - 1 } else { self.free };
        let now = self.now;
        let job = self.job(number);
        job.end = Some(now + job.phases[0].1);
    }

    fn go_on(&mut self, number: usize) {
        let now = self.now;
        let job = self.job(number);
        while job.phases.front().is_some_and(|(_, seconds)| *seconds == 0) {
            job.phases.pop_front();
        }
        match job.phases.front().copied() {
            None => {}
            Some((false, seconds)) => job.end = Some(now + seconds),
            Some((true, _)) if self.free > 0 => self.hold(number),
            Some((true, _)) => {
                self.waited_for_the_pool = true;
                self.asking.push_back(number);
            }
        }
    }

    fn depart(&mut self, number: usize) {
        let at = self.jobs.iter().position(|job| job.number == number).expect("it is there");
        let job = self.jobs.remove(at);
        self.idle[job.worker] = Some(self.now);
        self.given[job.worker / self.case.workers] -= 1;
        self.ends[number] = Some((job.worker, job.start, self.now));
    }

    /// The idle worker of a host that has idled longest.
    fn idle_worker(&self, host: usize) -> Option<usize> {
        let workers = host * self.case.workers..(host + 1) * self.case.workers;
        workers.filter(|w| self.idle[*w].is_some()).min_by_key(|w| (self.idle[*w], *w))
    }

    fn refill(&mut self) {
        for host in 0..self.case.hosts {
            while let Some(worker) = self.idle_worker(host)
                && let Some(number) = self.queues[host].pop_front()
            {
                self.idle[worker] = None;
                let phases = self.case.asks[number].1.iter().copied().collect();
                self.jobs.push(Job { number, worker, start: self.now, phases, end: None });
                self.go_on(number);
                if self.job(number).phases.is_empty() {
                    self.depart(number);
                }
            }
        }
    }

    fn arrive(&mut self, number: usize) {
        let hosts = self.case.hosts;
        let round = (1..=hosts).map(|step| (self.last + step) % hosts);
        let host = if self.case.in_turn {
            (self.last + 1) % hosts
        } else {
            round.min_by_key(|host| self.given[*host]).expect("there are hosts")
        };
        self.last = host;
        let queue = &self.queues[host];
        let taken = queue.is_empty() && self.idle_worker(host).is_some();
        if taken || self.case.backlog.is_none_or(|places| queue.len() < places) {
            self.given[host] += 1;
            self.queues[host].push_back(number);
        }
    }
}

fn end(record: &RequestRecord) -> End {
    let seconds = |time: Time| {
        assert_eq!(time.as_nanos() % SECOND, 0, "whole seconds");
        time.as_nanos() / SECOND
    };
    (record.outcome == Outcome::Served)
        .then(|| (record.worker as usize, seconds(record.start), seconds(record.departure)))
}

#[test]
fn hosts_and_pool_do_what_their_slow_twin_does() {
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    check(4000, &cases(), |case| {
        let (expect, pooled) = Twin::run(&case);
        let got: Vec<End> = case.records().iter().map(end).collect();
        prop_assert_eq!(&got, &expect);
        let count = |what, happened| {
            *counts.borrow_mut().entry(what).or_default() += u32::from(happened);
        };
        count("waits for the pool", pooled);
        count("refused", expect.iter().any(Option::is_none));
        count("several hosts", case.hosts > 1 && !case.in_turn);
        Ok(())
    });
    let counts = counts.into_inner();
    assert!(counts.values().all(|count| *count >= 400 * more()), "{counts:?}");
}
