//! Hosts with their processes, and the queues before them.

use std::collections::{BTreeSet, VecDeque};

use super::memory::Held;
use super::turns::Cpu;
use crate::model::Server;
use crate::model::practice::{Accept, Class, Practice};
use crate::tick::{Fine, Tick};
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
    /// Whether somebody may be taken here.
    stirred: bool,
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

/// A machine's cores and arbiter; its processes and doors stand with those of all others.
#[derive(Debug)]
pub(super) struct Host {
    pub cpu: Cpu,
    pub arbiter: Arbiter,
    /// Processes that are free to be handed a connection, if a primary hands them out: the one that
    /// has been free for longest first.
    pub primary: Option<VecDeque<u32>>,
    /// What its processes take, where they grow.
    pub memory: Option<Held>,
    /// Whether its next instant has to be looked up again.
    touched: bool,
    /// Its next instant, as it stands in `Hosts::instants`.
    next: Fine,
}

/// All machines. Processes and doors are numbered over all of them, host by host.
///
/// A host's clock is moved when something happens on it, so that many hosts cost no more than the
/// few that are busy at an instant; the clock of a single host is moved at every instant.
#[derive(Debug)]
pub(super) struct Hosts {
    hosts: Vec<Host>,
    pub processes: Vec<Process>,
    pub doors: Vec<Door>,
    pub taking: Taking,
    /// Connections that a door holds.
    pub places: u64,
    /// Processes of each host.
    pub workers: u32,
    pub threads: u32,
    /// Doors of each host.
    own_doors: u32,
    now: Fine,
    /// Hosts by their next instants.
    instants: BTreeSet<(Fine, u32)>,
    /// Hosts whose next instant has to be looked up again.
    touched: Vec<u32>,
    /// Doors at which somebody may be taken, each at most once.
    stirred: Vec<u32>,
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

impl Process {
    fn new(threads: u32) -> Self {
        Process {
            state: State::Up,
            life: 0,
            since: Time::ZERO,
            conns: 0,
            idle: (0..threads).rev().collect(),
            warm: u64::MAX,
            idle_since: 0,
            listed: None,
            waiting: VecDeque::new(),
            served: 0,
            limit: 0,
            sign: Fine(0),
            beat_due: None,
        }
    }
}

impl Hosts {
    /// Machines with all their workers up and idle; `throttle` says when the periods of a quota
    /// begin on each.
    pub fn new(server: &Server, practice: &Practice, throttle: impl Fn(u32) -> Span) -> Self {
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
        let own_doors = match practice.accept {
            // The last one is that of the primary.
            Accept::RoundRobin => server.workers + 1,
            _ if own_doors => server.workers,
            _ => 1,
        };
        let count = practice.hosts();
        let host = |number: u32| Host {
            cpu: Cpu::new(server, practice, throttle(number)),
            arbiter: Arbiter { busy: Fine(0), look: 0, draws: 0 },
            primary: (practice.accept == Accept::RoundRobin).then(VecDeque::new),
            memory: Held::new(server),
            touched: false,
            next: Fine::NEVER,
        };
        Hosts {
            hosts: (0..count).map(host).collect(),
            processes: (0..count * server.workers).map(|_| Process::new(server.threads)).collect(),
            doors: (0..count * own_doors).map(|_| Door::default()).collect(),
            taking,
            places,
            workers: server.workers,
            threads: server.threads,
            own_doors,
            now: Fine(0),
            instants: BTreeSet::new(),
            touched: Vec::new(),
            stirred: Vec::new(),
        }
    }

    /// How many hosts there are.
    pub fn count(&self) -> u32 {
        self.hosts.len() as u32
    }

    /// The host of a process, and the number of the process there.
    pub fn place_of(&self, process: u32) -> (u32, u32) {
        match self.hosts.len() {
            1 => (0, process),
            _ => (process / self.workers, process % self.workers),
        }
    }

    /// The processes of a host.
    pub fn processes_of(&self, host: u32) -> std::ops::Range<u32> {
        host * self.workers..(host + 1) * self.workers
    }

    /// The doors of a host.
    pub fn doors_of(&self, host: u32) -> std::ops::Range<u32> {
        host * self.own_doors..(host + 1) * self.own_doors
    }

    /// Whether each process has a door of its own.
    pub fn has_own_doors(&self) -> bool {
        self.own_doors > 1
    }

    /// The door that a process takes connections from.
    pub fn door_of(&self, process: u32) -> u32 {
        let (host, place) = self.place_of(process);
        if self.own_doors > 1 { host * self.own_doors + place } else { host }
    }

    /// Whose own door this is; `None` if it is one of the whole host.
    pub fn owner_of(&self, door: u32) -> Option<u32> {
        let (host, place) = (door / self.own_doors, door % self.own_doors);
        let owned = self.own_doors > 1 && place < self.workers;
        owned.then_some(host * self.workers + place)
    }

    /// The door at which a host's primary lets connections wait.
    pub fn primary_door(&self, host: u32) -> u32 {
        (host + 1) * self.own_doors - 1
    }

    /// The list of a host's primary, if it has one.
    pub fn primary(&mut self, host: u32) -> Option<&mut VecDeque<u32>> {
        self.hosts[host as usize].primary.as_mut()
    }

    /// What the processes of a host take, where they grow.
    pub fn memory(&mut self, host: u32) -> Option<&mut Held> {
        self.hosts[host as usize].memory.as_mut()
    }

    pub fn arbiter(&mut self, host: u32) -> &mut Arbiter {
        &mut self.hosts[host as usize].arbiter
    }

    /// The CPU of a process's host, and the number of the process there; to look only.
    pub fn cpu(&self, process: u32) -> (&Cpu, u32) {
        let (host, place) = self.place_of(process);
        (&self.hosts[host as usize].cpu, place)
    }

    /// The CPU of a process's host, at this instant, and the number of the process there; something
    /// may change on it.
    pub fn cpu_mut(&mut self, process: u32) -> (&mut Cpu, u32) {
        let (host, place) = self.place_of(process);
        self.touch(host);
        (&mut self.hosts[host as usize].cpu, place)
    }

    /// Moves a host's clock to this instant.
    fn touch(&mut self, host: u32) {
        let state = &mut self.hosts[host as usize];
        if !state.touched {
            state.touched = true;
            state.cpu.advance(self.now);
            self.touched.push(host);
        }
    }

    /// When something happens next on any CPU.
    pub fn next(&mut self) -> Fine {
        if let [only] = &mut self.hosts[..] {
            return only.cpu.next();
        }
        while let Some(host) = self.touched.pop() {
            let state = &mut self.hosts[host as usize];
            state.touched = false;
            let next = state.cpu.next();
            if next != state.next {
                self.instants.remove(&(state.next, host));
                state.next = next;
                if next < Fine::NEVER {
                    self.instants.insert((next, host));
                }
            }
        }
        self.instants.first().map_or(Fine::NEVER, |(next, _)| *next)
    }

    /// Comes to an instant, which is not after `next()`: the clocks of all hosts on which something
    /// happens by itself are moved.
    pub fn advance(&mut self, now: Fine) {
        self.now = now;
        if self.hosts.len() == 1 {
            self.hosts[0].touched = false;
            self.touched.clear();
            return self.touch(0);
        }
        while let Some((next, host)) = self.instants.first().copied()
            && next.due(now)
        {
            self.instants.pop_first();
            self.hosts[host as usize].next = Fine::NEVER;
            self.touch(host);
        }
    }

    /// Takes out a connection whose burst ends now, on any host.
    pub fn take_finished(&mut self) -> Option<u32> {
        let hosts = &mut self.hosts;
        self.touched.iter().find_map(|host| hosts[*host as usize].cpu.take_finished())
    }

    /// Threads that have waited for the whole interval take the lock.
    pub fn switch(&mut self) {
        for host in &self.touched {
            self.hosts[*host as usize].cpu.switch();
        }
    }

    /// Takes an event loop whose burst has ended.
    pub fn take_opened(&mut self) -> Option<u32> {
        for host in &self.touched {
            if let Some(place) = self.hosts[*host as usize].cpu.take_opened() {
                return Some(host * self.workers + place);
            }
        }
        None
    }

    /// Somebody may be taken at a door: a connection has come, or a process can take one.
    pub fn stir(&mut self, door: u32) {
        if !std::mem::replace(&mut self.doors[door as usize].stirred, true) {
            self.stirred.push(door);
        }
    }

    /// Takes a door at which somebody may be taken, the lowest first.
    pub fn take_stirred(&mut self) -> Option<u32> {
        let least = (0..self.stirred.len()).min_by_key(|at| self.stirred[*at])?;
        let door = self.stirred.swap_remove(least);
        self.doors[door as usize].stirred = false;
        Some(door)
    }
}
