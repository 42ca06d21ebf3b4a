//! Hosts with their processes, and the queues before them.

use std::collections::{BTreeSet, VecDeque};

use super::memory::Held;
use super::turns::Cpu;
use crate::model::Server;
use crate::model::practice::{Accept, Class, Practice};
use crate::tick::Fine;
use crate::time::{Span, Time};
use crate::visit::Cause;

/// Where a worker process stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It takes requests.
    Up,
    /// It ends when it has done what it holds, because of that cause.
    Ending(Cause),
    /// It is gone, and its successor is not there yet.
    Away(Cause),
}

/// A worker process and its successors in the same place.
#[derive(Debug)]
pub(super) struct Process {
    pub state: State,
    /// Its number among its predecessors.
    pub life: u32,
    /// Since when it has been away.
    pub since: Time,
    /// Connections that it has taken.
    pub conns: u32,
    /// Idle threads, the highest first.
    pub idle: Vec<u32>,
    /// Number of the instant until which it has computed for long.
    pub warm: u64,
    /// Number of the instant since when it has been idle.
    pub idle_since: u64,
    /// Its rank among those that can take a connection, if it can.
    pub listed: Option<u64>,
    /// Connections that wait for a thread.
    pub waiting: VecDeque<u32>,
    /// Requests that it has served, and that it may serve (0: any number).
    pub served: u64,
    pub limit: u64,
    /// When it last gave a sign of life.
    pub sign: Fine,
    /// An event loop that was busy when it should have given a sign of life.
    pub beat_due: Option<Fine>,
}

/// One accept queue.
#[derive(Debug, Default)]
pub(super) struct Door {
    pub queue: VecDeque<u32>,
    /// How many wait; the queue may hold more, that have left.
    pub waiting: u64,
    /// Processes that can take a connection: (rank, process), the best first.
    pub takers: BTreeSet<(u64, u32)>,
}

/// How processes come by their connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taking {
    /// An idle worker takes one connection.
    WhenIdle,
    /// A process takes connections beyond its threads.
    Ahead,
    /// An event loop takes connections between its bursts.
    Loop,
}

/// A machine.
#[derive(Debug)]
pub(super) struct Host {
    pub cpu: Cpu,
    pub processes: Vec<Process>,
    pub doors: Vec<Door>,
    pub taking: Taking,
    /// Connections that a door holds.
    pub places: u64,
    pub threads: u32,
    /// Processes that are free to be handed a connection, if a primary hands them out: the one that
    /// has been free for longest first.
    pub primary: Option<VecDeque<u32>>,
    pub arbiter: Arbiter,
    /// What its processes take, where they grow.
    pub memory: Option<Held>,
}

/// The process that looks after the workers.
#[derive(Debug)]
pub(super) struct Arbiter {
    /// Until when it makes workers.
    pub busy: Fine,
    /// Which of its looks is to come; earlier ones have been overtaken.
    pub look: u32,
    /// Draws that it has made.
    pub draws: u64,
}

impl Host {
    /// A machine with all its workers up and idle.
    pub fn new(server: &Server, practice: &Practice, throttle: Span) -> Self {
        let recorded = matches!(practice.accept, Accept::Recorded(_));
        let own_doors =
            practice.accept == Accept::ReusePort || recorded && practice.class == Class::Sync;
        let places = match server.backlog {
            crate::model::Backlog::Unlimited => u64::MAX,
            crate::model::Backlog::Places(places) => practice.door.places(places),
        };
        let taking = match practice.class {
            Class::Gevent | Class::Asgi => Taking::Loop,
            Class::Gthread if practice.accept != Accept::Shared => Taking::Ahead,
            _ => Taking::WhenIdle,
        };
        let process = || Process {
            state: State::Up,
            life: 0,
            since: Time::ZERO,
            conns: 0,
            idle: (0..server.threads).rev().collect(),
            warm: u64::MAX,
            idle_since: 0,
            listed: None,
            waiting: VecDeque::new(),
            served: 0,
            limit: 0,
            sign: Fine(0),
            beat_due: None,
        };
        let doors = match practice.accept {
            // The last one is that of the primary.
            Accept::RoundRobin => server.workers + 1,
            _ if own_doors => server.workers,
            _ => 1,
        };
        Host {
            cpu: Cpu::new(server, practice, throttle),
            processes: (0..server.workers).map(|_| process()).collect(),
            doors: (0..doors).map(|_| Door::default()).collect(),
            taking,
            places,
            threads: server.threads,
            primary: (practice.accept == Accept::RoundRobin).then(VecDeque::new),
            arbiter: Arbiter { busy: Fine(0), look: 0, draws: 0 },
            memory: Held::new(server),
        }
    }

    /// The door that a process takes connections from.
    pub fn door_of(&self, process: u32) -> u32 {
        if self.doors.len() == 1 { 0 } else { process }
    }
}
