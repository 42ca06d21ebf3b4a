//! Hosts with their processes and listeners.

use std::collections::VecDeque;

use super::acceptors::Acceptors;
use super::cpu::{Cpu, HostCpu, Serial};
use super::heartbeats::Heartbeats;
use super::memory::MemoryLedger;
use super::policies::Policies;
use super::queue::Queue;
use crate::heap::Tournament;
use crate::instant::{FINE_BITS, SimInstant};
use crate::model::runtime::{Accept, Bias, Class, EventLoop, Runtime};
use crate::model::{Route, Server};
use crate::record::Cause;
use crate::time::{Span, Time};

/// The state of a worker process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProcessState {
    /// It takes requests.
    Up,
    /// It ends when its connections have ended, for that cause.
    Ending(Cause),
    /// It has ended, and its successor has not booted yet.
    Away(Cause),
    /// There is none.
    Absent,
    /// It was started, and has not booted yet.
    Booting,
}

/// What the accepting thread of a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acceptor {
    /// It waits for connections.
    Selecting,
    /// It was told of one, and waits for the lock.
    Woken,
    /// It sleeps, for processes that hold fewer connections.
    Sleeping,
    /// It has slept, and waits for the lock.
    Rested,
}

/// A worker process and its successors.
#[derive(Debug)]
pub(super) struct Process {
    pub(crate) state: ProcessState,
    /// The number of its predecessors: its generation.
    pub(crate) life: u32,
    /// Since when it has been away.
    pub(crate) since: Time,
    /// Connections that it holds.
    pub(crate) conns: u32,
    /// Of those, kept ones that hold a worker between two requests.
    pub(crate) kept: u32,
    /// Idle threads, the highest first.
    pub(crate) idle: Vec<u32>,
    /// Number of the instant at which its last long burst ended.
    pub(crate) warm: u64,
    /// Number of the instant since when it has been idle.
    pub(crate) idle_since: u64,
    /// The same as a time, and when it began to take requests.
    pub(crate) idle_from: SimInstant,
    pub(crate) up: SimInstant,
    /// Its rank among the processes that can take a connection, if it can.
    pub(crate) accept_rank: Option<u64>,
    /// Connections that wait for a thread.
    pub(crate) waiting: VecDeque<u32>,
    /// What its accepting thread does, if it has one.
    pub(crate) acceptor: Acceptor,
    /// Requests that it has served, and that it serves at most (0: any number).
    pub(crate) served: u64,
    pub(crate) limit: u64,
    /// The time of its last heartbeat.
    pub(crate) last_heartbeat: SimInstant,
    pub(crate) heartbeats: Heartbeats,
}

/// One accept queue.
#[derive(Debug)]
pub(super) struct Listener {
    pub(crate) queue: Queue,
    /// Connections that wait; `queue` may hold more, whose clients have left.
    pub(crate) waiting: u64,
    /// Connections that came, and the mean gap between the latest of them, in seconds.
    pub(crate) came: u64,
    pub(crate) gap: f64,
    last: SimInstant,
    /// Whether anybody asks for that mean.
    counts_gaps: bool,
    /// Processes that can take a connection.
    pub(crate) acceptors: Acceptors,
    /// Whether it is in the list of ready listeners.
    ready: bool,
}

/// When a process accepts connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AcceptMode {
    /// An idle worker accepts one connection.
    OnIdle,
    /// A process accepts connections beyond its threads.
    Prefetch,
    /// A thread of a process accepts, whether or not others are idle, when it has the lock.
    Acceptor,
    /// An event loop accepts connections between its bursts.
    Loop,
    /// An event loop accepts connections once in a turn.
    Turns,
}

impl AcceptMode {
    /// Whether processes are event loops, which have no threads.
    pub(crate) fn is_loop(self) -> bool {
        matches!(self, AcceptMode::Loop | AcceptMode::Turns)
    }

    /// Whether a process that can accept does so in the instant in which a connection comes.
    pub(crate) fn is_direct(self) -> bool {
        matches!(self, AcceptMode::OnIdle | AcceptMode::Prefetch)
    }
}

/// A host: its cores and its arbiter. Processes and listeners are in the tables of [`Hosts`].
#[derive(Debug)]
pub(super) struct Host<C> {
    pub(crate) cpu: C,
    pub(crate) arbiter: Arbiter,
    /// Processes that a primary may hand a connection, if there is one: free for longest first.
    pub(crate) primary: Option<VecDeque<u32>>,
    /// The memory of its processes, where they grow.
    pub(crate) memory: Option<MemoryLedger>,
    /// Whether its next instant has to be computed again.
    dirty: bool,
}

/// All hosts. Processes and listeners are numbered over all of them, host by host.
///
/// The clock of a host is advanced when an event happens on it, so that many hosts cost no more than
/// the few that are busy at an instant; the clock of a single host is advanced at every instant.
#[derive(Debug)]
pub(super) struct Hosts<P: Policies> {
    hosts: Vec<Host<P::Cpu>>,
    pub(crate) processes: Vec<Process>,
    pub(crate) listeners: Vec<Listener>,
    taking: AcceptMode,
    /// Slots of a listener.
    pub(crate) places: u64,
    /// Processes of each host.
    pub(crate) workers: u32,
    pub(crate) threads: u32,
    /// Listeners of each host.
    own_listeners: u32,
    now: SimInstant,
    /// The next instant of each host, with its number.
    instants: Tournament<u128>,
    /// Hosts whose next instant has to be computed again.
    dirty: Vec<u32>,
    /// Listeners at which a connection may be accepted, each at most once.
    ready: Vec<u32>,
}

/// The supervisor of the worker processes.
#[derive(Debug)]
pub(super) struct Arbiter {
    /// Until when it is busy with spawning workers.
    pub(crate) busy: SimInstant,
    /// The number of its next poll: events of earlier ones are stale.
    pub(crate) poll: u32,
    /// How many processes it may start at its next look.
    pub(crate) rate: u32,
    /// Random draws that it has made.
    pub(crate) draws: u64,
}

impl Process {
    fn new(threads: u32) -> Self {
        Process {
            state: ProcessState::Up,
            life: 0,
            since: Time::ZERO,
            conns: 0,
            kept: 0,
            idle: (0..threads).rev().collect(),
            warm: u64::MAX,
            idle_since: 0,
            idle_from: SimInstant(0),
            up: SimInstant(0),
            accept_rank: None,
            waiting: VecDeque::new(),
            acceptor: Acceptor::Selecting,
            served: 0,
            limit: 0,
            last_heartbeat: SimInstant(0),
            heartbeats: Heartbeats::Ended,
        }
    }

    /// This life of a process is over: its events are stale, and its successor has heartbeats of its own.
    pub(crate) fn end_life(&mut self) {
        self.life += 1;
        self.heartbeats = Heartbeats::Ended;
    }
}

/// Gaps between connections over which the mean is taken.
const GAPS: u64 = 32;

impl Listener {
    fn new(queue: Queue, counts_gaps: bool) -> Self {
        Listener {
            queue,
            waiting: 0,
            came: 0,
            gap: 0.0,
            last: SimInstant(0),
            counts_gaps,
            acceptors: Acceptors::default(),
            ready: false,
        }
    }

    /// A connection comes.
    #[inline]
    pub(crate) fn comes(&mut self, now: SimInstant) {
        if !self.counts_gaps {
            return;
        }
        self.came += 1;
        let gap = (now.0.saturating_sub(self.last.0) >> FINE_BITS) as f64 / 1e9;
        self.gap += (gap - self.gap) / self.came.min(GAPS) as f64;
        self.last = now;
    }
}

impl<P: Policies> Hosts<P> {
    /// Hosts with all workers up and idle; `throttle` gives the beginning of the quota periods of
    /// each.
    pub(crate) fn new(
        (server, routes): (&Server, &[Route]),
        runtime: &Runtime,
        throttle: impl Fn(u32) -> Span,
    ) -> Self {
        let locked = runtime.accepts_locked(server);
        let recorded = matches!(runtime.accept, Accept::Recorded(_));
        let own_listeners = runtime.accept == Accept::ReusePort
            || recorded && (runtime.class != Class::Gthread || locked);
        let places = match server.backlog {
            crate::model::Backlog::Unlimited => u64::MAX,
            crate::model::Backlog::Places(places) => runtime.accept_queue.places(places),
        };
        let taking = match runtime.class {
            Class::Gevent | Class::Asgi if runtime.event_loop == EventLoop::Single => {
                AcceptMode::Loop
            }
            Class::Gevent | Class::Asgi => AcceptMode::Turns,
            Class::Gthread if locked => AcceptMode::Acceptor,
            Class::Gthread if runtime.accept != Accept::Shared => AcceptMode::Prefetch,
            _ => AcceptMode::OnIdle,
        };
        let own_listeners = match runtime.accept {
            // The last listener is the primary's.
            Accept::RoundRobin => server.workers + 1,
            _ if own_listeners => server.workers,
            _ => 1,
        };
        let counts_gaps = runtime.accept == Accept::Greedy(Bias::Measured);
        let count = runtime.hosts();
        let host = |number: u32| Host {
            cpu: P::Cpu::make(server, runtime, throttle(number)),
            arbiter: Arbiter { busy: SimInstant(0), poll: 0, rate: 1, draws: 0 },
            primary: (runtime.accept == Accept::RoundRobin).then(VecDeque::new),
            memory: MemoryLedger::new(server),
            dirty: false,
        };
        Hosts {
            hosts: (0..count).map(host).collect(),
            processes: (0..count * server.workers).map(|_| Process::new(server.threads)).collect(),
            listeners: (0..count * own_listeners)
                .map(|_| Listener::new(Queue::new(server.discipline, routes), counts_gaps))
                .collect(),
            taking,
            places,
            workers: server.workers,
            threads: server.threads,
            own_listeners,
            now: SimInstant(0),
            instants: Tournament::new((0..count as usize).map(|_| u128::MAX), u128::MAX),
            dirty: Vec::new(),
            ready: Vec::new(),
        }
    }

    /// Whether there is one host only. Its clock is advanced at every instant.
    #[inline]
    fn is_one(&self) -> bool {
        P::ONE_QUEUE || self.hosts.len() == 1
    }

    /// When processes accept connections.
    #[inline]
    pub(crate) fn taking(&self) -> AcceptMode {
        if P::ONE_QUEUE { AcceptMode::OnIdle } else { self.taking }
    }

    /// Listeners of each host.
    #[inline]
    fn own_listeners(&self) -> u32 {
        if P::ONE_QUEUE { 1 } else { self.own_listeners }
    }

    /// How many hosts there are.
    pub(crate) fn count(&self) -> u32 {
        self.hosts.len() as u32
    }

    /// The host of a process, and the number of the process there.
    #[inline]
    pub(crate) fn place_of(&self, process: u32) -> (u32, u32) {
        if self.is_one() {
            return (0, process);
        }
        (process / self.workers, process % self.workers)
    }

    /// The processes of a host.
    #[inline]
    pub(crate) fn processes_of(&self, host: u32) -> std::ops::Range<u32> {
        host * self.workers..(host + 1) * self.workers
    }

    /// The listeners of a host.
    #[inline]
    pub(crate) fn listeners_of(&self, host: u32) -> std::ops::Range<u32> {
        host * self.own_listeners()..(host + 1) * self.own_listeners()
    }

    /// Whether each process has a listener of its own.
    #[inline]
    pub(crate) fn has_own_listeners(&self) -> bool {
        self.own_listeners() > 1
    }

    /// The listener that a process takes connections from.
    #[inline]
    pub(crate) fn listener_of(&self, process: u32) -> u32 {
        let (host, place) = self.place_of(process);
        if self.has_own_listeners() { host * self.own_listeners() + place } else { host }
    }

    /// The process that owns a listener; `None` if it is shared by the host.
    #[inline]
    pub(crate) fn owner_of(&self, listener: u32) -> Option<u32> {
        let (host, place) = (listener / self.own_listeners(), listener % self.own_listeners());
        let owned = self.has_own_listeners() && place < self.workers;
        owned.then_some(host * self.workers + place)
    }

    /// The listener at which connections wait for a host's primary.
    pub(crate) fn primary_listener(&self, host: u32) -> u32 {
        (host + 1) * self.own_listeners() - 1
    }

    /// The list of a host's primary, if it has one.
    #[inline]
    pub(crate) fn primary(&mut self, host: u32) -> Option<&mut VecDeque<u32>> {
        if P::ONE_QUEUE {
            return None;
        }
        self.hosts[host as usize].primary.as_mut()
    }

    /// The memory of a host's processes, where they grow.
    #[inline]
    pub(crate) fn memory(&mut self, host: u32) -> Option<&mut MemoryLedger> {
        self.hosts[host as usize].memory.as_mut()
    }

    pub(crate) fn arbiter(&mut self, host: u32) -> &mut Arbiter {
        &mut self.hosts[host as usize].arbiter
    }

    /// The CPU of a process's host, and the number of the process there; for reading only.
    #[inline]
    pub(crate) fn cpu(&self, process: u32) -> (&P::Cpu, u32) {
        let (host, place) = self.place_of(process);
        (&self.hosts[host as usize].cpu, place)
    }

    /// The CPU of a process's host, advanced to this instant, and the number of the process there;
    /// for changes.
    #[inline]
    pub(crate) fn cpu_mut(&mut self, process: u32) -> (&mut P::Cpu, u32) {
        let (host, place) = self.place_of(process);
        self.mark_dirty(host);
        (&mut self.hosts[host as usize].cpu, place)
    }

    /// The processes of a process's host, if they run one burst at a time, and its number there; for
    /// reading only.
    #[inline]
    pub(crate) fn serial(&self, process: u32) -> Option<(&Serial, u32)> {
        let (cpu, place) = self.cpu(process);
        cpu.serial().map(|serial| (serial, place))
    }

    /// The same, advanced to this instant, for changes.
    #[inline]
    pub(crate) fn serial_mut(&mut self, process: u32) -> Option<(&mut Serial, u32)> {
        let (cpu, place) = self.cpu_mut(process);
        cpu.serial_mut().map(|serial| (serial, place))
    }

    /// Whether a process that runs one burst at a time is running one.
    #[inline]
    pub(crate) fn is_computing(&self, process: u32) -> bool {
        self.serial(process).is_some_and(|(serial, place)| serial.busy(place))
    }

    /// Advances a host's clock to this instant.
    #[inline]
    fn mark_dirty(&mut self, host: u32) {
        if self.is_one() {
            return;
        }
        let state = &mut self.hosts[host as usize];
        if !state.dirty {
            state.dirty = true;
            state.cpu.advance(self.now);
            self.dirty.push(host);
        }
    }

    /// The next event on any CPU.
    #[inline]
    pub(crate) fn next(&mut self) -> SimInstant {
        if self.is_one() {
            return self.hosts[0].cpu.next();
        }
        while let Some(host) = self.dirty.pop() {
            let state = &mut self.hosts[host as usize];
            state.dirty = false;
            let next = state.cpu.next();
            self.instants.replace(host as usize, next.0 << 32 | u128::from(host));
        }
        self.first().0
    }

    /// The next instant of any host, and which.
    #[inline]
    fn first(&self) -> (SimInstant, u32) {
        let least = self.instants.least();
        (SimInstant(least >> 32).min(SimInstant::NEVER), least as u32)
    }

    /// Advances to an instant, which is not after `next()`: the clocks of all hosts that have an event
    /// then are advanced.
    #[inline]
    pub(crate) fn advance(&mut self, now: SimInstant) {
        self.now = now;
        if self.is_one() {
            return self.hosts[0].cpu.advance(now);
        }
        loop {
            let (next, host) = self.first();
            if next == SimInstant::NEVER || !next.due(now) {
                return;
            }
            self.instants.replace(host as usize, u128::MAX);
            self.mark_dirty(host);
        }
    }

    /// Removes a connection whose burst ends now, on any host.
    #[inline]
    pub(crate) fn take_finished(&mut self) -> Option<u32> {
        if self.is_one() {
            return self.hosts[0].cpu.take_finished();
        }
        let hosts = &mut self.hosts;
        self.dirty.iter().find_map(|host| hosts[*host as usize].cpu.take_finished())
    }

    /// Threads that have waited for the whole interval take the lock.
    #[inline]
    pub(crate) fn switch(&mut self) {
        if self.is_one() {
            if let Some(serial) = self.hosts[0].cpu.serial_mut() {
                serial.switch();
            }
            return;
        }
        for host in &self.dirty {
            if let Some(serial) = self.hosts[*host as usize].cpu.serial_mut() {
                serial.switch();
            }
        }
    }

    /// An event loop looks what is ready, unless it computes.
    pub(crate) fn wake_loop(&mut self, process: u32) {
        if let Some((serial, place)) = self.serial_mut(process) {
            serial.wake_loop(place);
        }
    }

    /// Takes an event loop whose burst has ended.
    #[inline]
    pub(crate) fn take_idle_loop(&mut self) -> Option<u32> {
        if self.is_one() {
            return self.hosts[0].cpu.serial_mut()?.take_idle_loop();
        }
        for host in &self.dirty {
            let serial = self.hosts[*host as usize].cpu.serial_mut()?;
            if let Some(place) = serial.take_idle_loop() {
                return Some(host * self.workers + place);
            }
        }
        None
    }

    /// A listener becomes ready: it has a new connection, or a process can take one.
    #[inline]
    pub(crate) fn mark_ready(&mut self, listener: u32) {
        if !std::mem::replace(&mut self.listeners[listener as usize].ready, true) {
            self.ready.push(listener);
        }
    }

    /// Removes the lowest ready listener.
    #[inline]
    pub(crate) fn pop_ready(&mut self) -> Option<u32> {
        let listener = match self.ready[..] {
            [] => return None,
            [_] => self.ready.pop()?,
            _ => {
                let least = (0..self.ready.len()).min_by_key(|at| self.ready[*at])?;
                self.ready.swap_remove(least)
            }
        };
        self.listeners[listener as usize].ready = false;
        Some(listener)
    }
}
