//! The engine for servers as they are: a [`Practice`] says how they differ from the ideal.
//!
//! It is a separate, complete implementation: with a neutral practice it gives the same visits as
//! [`crate::engine::events`] (a test holds the two together). The order at one instant is the
//! same: phases end, requests depart, freed workers take who waits, the impatient leave, those who
//! knock again come, then new arrivals.
//!
//! - `agenda`: what is bound to happen;
//! - `people`: requests and the connections that carry them;
//! - `balance`: which host a request is given to;
//! - `houses`: hosts, processes, accept queues;
//! - `cores`, `turns`: who computes how fast, on the cores and inside a process;
//! - `serve`: from the queue through a worker to the answer;
//! - `pool`: connections to a database that all hosts share;
//! - `knock`: the accept queue of Linux, and who tries again;
//! - `primary`: a process that hands connections out in turn;
//! - `lives`: the arbiter, timeouts, restarts;
//! - `memory`: processes that grow, and whom the kernel kills;
//! - `clients`: attempts, timeouts and retries;
//! - `chance`: every draw.
//!
//! [`Practice`]: crate::model::Practice

mod agenda;
mod balance;
mod chance;
mod clients;
mod cores;
mod houses;
mod knock;
mod lives;
mod memory;
mod people;
mod pool;
mod primary;
mod serve;
mod turns;

use self::agenda::{Agenda, Event, Step};
use self::balance::Balancer;
use self::chance::Chance;
use self::houses::Hosts;
use self::people::People;
use self::pool::Pool;
use super::Run;
use crate::law::Sampler;
use crate::model::{Practice, Server};
use crate::random::Purpose;
use crate::source::Source;
use crate::tick::{Fine, Tick};
use crate::time::{Span, Time};
use crate::visit::{Note, Sink};

/// The state of one run.
#[derive(Debug)]
pub struct Real<'a, S, K> {
    run: Run<'a>,
    source: S,
    sink: K,
    practice: &'a Practice,
    chance: Chance,
    client_timeout: Option<Sampler>,
    backoff: Sampler,
    /// Whether processes take more memory with each request.
    grows: bool,
    /// Whether threads may lose the lock of their process when they send an answer.
    loses_lock: bool,
    agenda: Agenda,
    people: People,
    balancer: Balancer,
    hosts: Hosts,
    pool: Option<Pool>,
    now: Fine,
    /// Number of the instant, for ties.
    instant: u64,
    arrived: u64,
    /// Requests that arrived before `run.until`, once the first later one has come.
    awaited: Option<u64>,
    left_early: u64,
    /// How many wait, as the sink was told.
    told_waiting: u64,
    /// Events of this instant.
    due: Vec<Event>,
    /// Connections whose phase ends at this instant.
    ended: Vec<u32>,
}

impl<'a, S: Source<Fine>, K: Sink> Real<'a, S, K> {
    /// Servers that stand idle at time 0.
    pub fn new(
        server: &'a Server,
        practice: &'a Practice,
        source: S,
        run: Run<'a>,
        sink: K,
    ) -> Self {
        let chance = Chance { seed: run.seed, replication: run.replication };
        let period = practice.quota.as_ref().map_or(Span::ZERO, |quota| quota.period);
        let known = practice.quota.as_ref().and_then(|quota| quota.phase);
        let drawn = |host| chance.part(Purpose::Throttle, u64::from(host), period);
        let throttle = |host| known.unwrap_or_else(|| drawn(host));
        let mut real = Real {
            run,
            sink,
            practice,
            chance,
            client_timeout: practice.clients.timeout.as_ref().map(crate::law::Law::sampler),
            backoff: practice.clients.backoff.sampler(),
            grows: server.memory.is_some_and(|memory| !memory.leak.is_zero()),
            loses_lock: practice.loses_lock(server),
            agenda: Agenda::default(),
            people: People::new(source.longest(), practice.overhead),
            balancer: Balancer::new(practice),
            hosts: Hosts::new(server, practice, throttle),
            pool: practice.pool_size().map(Pool::new),
            source,
            now: Fine(0),
            instant: 0,
            arrived: 0,
            awaited: None,
            left_early: 0,
            told_waiting: 0,
            due: Vec::new(),
            ended: Vec::new(),
        };
        for process in 0..server.workers * practice.hosts() {
            real.begin_life(process);
            real.take_memory(process);
        }
        real.give_memory();
        real.first_look();
        real
    }

    /// Runs to the end.
    pub fn run(mut self) {
        self.work();
        if K::COURSE {
            self.tell_absent();
        }
    }

    fn work(&mut self) {
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
        self.source.peek().min(self.agenda.next()).min(self.hosts.next())
    }

    /// Whether all who arrived in time have left, or nobody is there and nobody will come.
    fn over(&self) -> bool {
        let deserted = || self.people.count() == 0 && self.source.peek() == Fine::NEVER;
        self.awaited == Some(self.left_early) || deserted()
    }

    fn step(&mut self, next: Fine) {
        self.instant += u64::from(!next.same_instant(self.now));
        self.now = next.max(self.now);
        self.hosts.advance(self.now);
        let mut due = std::mem::take(&mut self.due);
        self.agenda.take_due(self.now, &mut due);
        let mut rest = &due[..];
        self.finish(&mut rest);
        self.hosts.switch();
        while let Some((event, others)) =
            rest.split_first().filter(|(e, _)| e.step() < Step::Clients)
        {
            rest = others;
            self.live(*event);
        }
        self.dispatch();
        while let Some((event, others)) =
            rest.split_first().filter(|(e, _)| e.step() < Step::Knocks)
        {
            rest = others;
            self.lose_patience(*event);
        }
        self.knock_again(rest);
        self.due = due;
        while self.source.peek() != Fine::NEVER && self.source.peek().due(self.now) {
            self.arrive();
            self.dispatch();
        }
        self.give_memory();
        if K::COURSE {
            self.tell_waiting();
        }
    }

    /// Tells a sink that follows the course how many wait, if their number has changed.
    fn tell_waiting(&mut self) {
        let outside: u64 = self.hosts.doors.iter().map(|door| door.waiting).sum();
        let inside: usize = self.hosts.processes.iter().map(|process| process.waiting.len()).sum();
        let requests = outside + inside as u64;
        if requests != self.told_waiting {
            self.told_waiting = requests;
            self.sink.note(&Note::Waiting { at: time(self.now), requests });
        }
    }
}

/// The instant as a whole nanosecond.
fn time(now: Fine) -> Time {
    now.to_time()
}
