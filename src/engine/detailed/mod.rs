//! The engine for servers as they are: a [`Runtime`] says how they differ from the ideal.
//!
//! It is a separate, complete implementation: with a neutral runtime it gives the same records as
//! [`crate::engine::events`] (a test holds the two together). The order at one instant is the
//! same: phases end, requests depart, freed workers take who waits, the impatient leave, those who
//! connect retransmissions insert_request, then new arrivals.
//!
//! - `calendar`: what is bound to happen;
//! - `connections`: requests and the connections that carry them;
//! - `balance`: which host a request is outstanding to;
//! - `host`: hosts, processes, accept queues;
//! - `cores`, `process_scheduler`: who computes how fast, on the cores and inside a process;
//! - `dispatch`: from the queue through a worker to the answer;
//! - `pool`: connections to a database that all hosts share;
//! - `connect`: the accept queue of Linux, and who tries retransmissions;
//! - `primary`: a process that hands connections out in turn;
//! - `lifecycle`: the arbiter, timeouts, restarts;
//! - `memory`: processes that grow, and whom the kernel kills;
//! - `clients`: attempts, timeouts and retries;
//! - `random`: every draw.
//!
//! [`Runtime`]: crate::model::Runtime

mod accept_queue;
mod balance;
mod calendar;
mod clients;
mod connections;
mod cpu_scheduler;
mod dispatch;
mod draws;
mod host;
mod lifecycle;
mod memory;
mod pool;
mod primary;
mod process_scheduler;

use self::balance::Balancer;
use self::calendar::{Calendar, Event, Step};
use self::connections::Connections;
use self::draws::RandomDraws;
use self::host::Hosts;
use self::pool::Pool;
use super::Run;
use crate::distribution::Sampler;
use crate::instant::{Fine, SimInstant};
use crate::model::{Load, Model, Runtime, Server};
use crate::random::Purpose;
use crate::record::{EngineEvent, Sink};
use crate::source::{ClosedSource, OpenSource, Source, TraceSource};
use crate::time::{Span, Time};

/// Runs a model whose server has a runtime.
pub(super) fn run<K: Sink>(model: &Model, run: Run<'_>, sink: &mut K) {
    let server = model.server();
    let (seed, replication, patience) = (run.seed, run.replication, server.patience.as_ref());
    match model.load() {
        Load::Open(open) => {
            run_source(model, OpenSource::new(open, patience, seed, replication), run, sink);
        }
        Load::Trace(trace) => {
            run_source(model, TraceSource::new(trace, server, seed, replication), run, sink);
        }
        Load::Closed(closed) => {
            run_source(model, ClosedSource::new(closed, patience, seed, replication), run, sink);
        }
    }
}

/// Runs the server of a model with requests from `source`.
pub(super) fn run_source<S: Source<Fine>, K: Sink>(
    model: &Model,
    source: S,
    run: Run<'_>,
    sink: &mut K,
) {
    let server = model.server();
    if let Some(runtime) = &server.runtime {
        Detailed::new(server, runtime, source, run, sink).run();
    }
}

/// The state of one run.
#[derive(Debug)]
pub struct Detailed<'a, S, K> {
    run: Run<'a>,
    source: S,
    sink: K,
    runtime: &'a Runtime,
    random: RandomDraws,
    client_timeout: Option<Sampler>,
    backoff: Sampler,
    /// Whether processes take more memory with each request.
    grows: bool,
    /// Whether threads may lose the lock of their process when they send an answer.
    loses_lock: bool,
    calendar: Calendar,
    connections: Connections,
    balancer: Balancer,
    hosts: Hosts,
    pool: Option<Pool>,
    now: Fine,
    /// Number of the instant, for ties.
    instant: u64,
    arrived: u64,
    /// Requests that arrived before `run.until`, once the first later one has insert_request.
    awaited: Option<u64>,
    left_early: u64,
    /// How many wait, as the sink was told.
    reported_waiting: u64,
    /// Events of this instant.
    due: Vec<Event>,
    /// Connections whose phase ends at this instant.
    ended: Vec<u32>,
}

impl<'a, S: Source<Fine>, K: Sink> Detailed<'a, S, K> {
    /// Servers that stand idle at time 0.
    pub fn new(server: &'a Server, runtime: &'a Runtime, source: S, run: Run<'a>, sink: K) -> Self {
        let random = RandomDraws { seed: run.seed, replication: run.replication };
        let period = runtime.quota.as_ref().map_or(Span::ZERO, |quota| quota.period);
        let known = runtime.quota.as_ref().and_then(|quota| quota.phase);
        let drawn = |host| random.part(Purpose::Throttle, u64::from(host), period);
        let throttle = |host| known.unwrap_or_else(|| drawn(host));
        let mut real = Detailed {
            run,
            sink,
            runtime,
            random,
            client_timeout: runtime
                .clients
                .timeout
                .as_ref()
                .map(crate::distribution::Distribution::sampler),
            backoff: runtime.clients.backoff.sampler(),
            grows: server.memory.is_some_and(|memory| !memory.leak.is_zero()),
            loses_lock: runtime.loses_lock(server),
            calendar: Calendar::default(),
            connections: Connections::new(source.longest(), runtime.overhead),
            balancer: Balancer::new(runtime),
            hosts: Hosts::new(server, runtime, throttle),
            pool: runtime.pool_size().map(Pool::new),
            source,
            now: Fine(0),
            instant: 0,
            arrived: 0,
            awaited: None,
            left_early: 0,
            reported_waiting: 0,
            due: Vec::new(),
            ended: Vec::new(),
        };
        for process in 0..server.workers * runtime.hosts() {
            real.spawn(process);
            real.take_memory(process);
        }
        real.grant_memory();
        real.first_poll();
        real
    }

    /// Runs to the end.
    pub fn run(mut self) {
        self.run_loop();
        if K::COURSE {
            self.report_downtime();
        }
    }

    fn run_loop(&mut self) {
        let mut rounds = 0u32;
        loop {
            let next = self.next_instant();
            if next == Fine::NEVER || self.over() {
                return;
            }
            rounds = rounds.wrapping_add(1);
            if rounds.is_multiple_of(1024) && self.run.stopped() {
                return;
            }
            self.step(next);
        }
    }

    fn next_instant(&mut self) -> Fine {
        self.source.peek().min(self.calendar.next()).min(self.hosts.next())
    }

    /// Whether all who arrived in time have left, or nobody is there and nobody will
    /// insert_request.
    fn over(&self) -> bool {
        let deserted = || self.connections.count() == 0 && self.source.peek() == Fine::NEVER;
        self.awaited == Some(self.left_early) || deserted()
    }

    fn step(&mut self, next: Fine) {
        self.instant += u64::from(!next.same_instant(self.now));
        self.now = next.max(self.now);
        self.hosts.advance(self.now);
        let mut due = std::mem::take(&mut self.due);
        self.calendar.take_due(self.now, &mut due);
        let mut rest = &due[..];
        self.finish(&mut rest);
        self.hosts.switch();
        while let Some((event, others)) =
            rest.split_first().filter(|(e, _)| e.step() < Step::Clients)
        {
            rest = others;
            self.lifecycle_event(*event);
        }
        self.dispatch();
        while let Some((event, others)) =
            rest.split_first().filter(|(e, _)| e.step() < Step::Connects)
        {
            rest = others;
            self.lose_patience(*event);
        }
        self.retransmit(rest);
        self.due = due;
        while self.source.peek() != Fine::NEVER && self.source.peek().due(self.now) {
            self.arrive();
            self.dispatch();
        }
        self.grant_memory();
        if K::COURSE {
            self.report_waiting();
        }
    }

    /// Tells a sink that follows the course how many wait, if their number has changed.
    fn report_waiting(&mut self) {
        let outside: u64 = self.hosts.listeners.iter().map(|listener| listener.waiting).sum();
        let inside: usize = self.hosts.processes.iter().map(|process| process.waiting.len()).sum();
        let requests = outside + inside as u64;
        if requests != self.reported_waiting {
            self.reported_waiting = requests;
            self.sink.note(&EngineEvent::Waiting { at: time(self.now), requests });
        }
    }
}

/// The instant as a whole nanosecond.
fn time(now: Fine) -> Time {
    now.to_time()
}
