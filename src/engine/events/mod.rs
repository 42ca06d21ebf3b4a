//! The event engine: it goes from instant to instant (three-phase method, Tocher 1963). At one
//! instant what is bound to end, ends; what can start, starts; then requests arrive.
//!
//! One engine runs every server, the ideal one too, which is a server with a neutral [`Runtime`]. What
//! a server does not have is left out of the engine when it is compiled: `policies` says which parts
//! there are, as types.
//!
//! The order at one instant is fixed: phases end; requests whose last phase ended depart; processes
//! end and boot; idle workers take waiting connections; clients leave; retransmissions and retries
//! arrive; then new requests in input order, each dispatched at once. A phase of no length ends where
//! it starts.
//!
//! - `policies`: the parts of a server as types;
//! - `calendar`: the event calendar;
//! - `connections`: requests and the connections that carry them;
//! - `per_connection`: what one part knows of connections;
//! - `queue`: which waiting connection is next;
//! - `balance`: the balancer, which assigns a host to each attempt;
//! - `host`: hosts, processes, listeners;
//! - `cpu`: the cores, and how the requests of a process compute;
//! - `dispatch`: from the queue through a worker to the answer;
//! - `event_loop`: the turns of event loops;
//! - `pool`: connections to a database;
//! - `acceptors`: the processes that can accept a connection;
//! - `acceptor`: a thread that accepts under the lock of its process;
//! - `accept_queue`: the accept queue of Linux, and retransmissions;
//! - `primary`: a process that hands connections out in turn;
//! - `keep_alive`: connections that are kept between two requests;
//! - `spawning`: processes that are started when they are needed;
//! - `lifecycle`: the arbiter, timeouts, restarts;
//! - `memory`: processes that grow, and the out-of-memory killer;
//! - `clients`: attempts, timeouts and retries;
//! - `draws`: the random draws.
//!
//! [`Runtime`]: crate::model::Runtime

mod accept_queue;
mod acceptor;
mod acceptors;
mod balance;
mod calendar;
mod clients;
mod connections;
mod cpu;
mod dispatch;
mod draws;
mod event_loop;
mod heartbeats;
mod host;
mod keep_alive;
mod lifecycle;
mod memory;
mod per_connection;
mod policies;
mod pool;
mod primary;
mod queue;
mod spawning;

use self::accept_queue::Handshake;
use self::balance::Balancer;
use self::calendar::{Calendar, Event, Step};
use self::connections::Connections;
use self::cpu::{Each, Fluid, FluidLock, Unmetered};
use self::draws::RandomDraws;
use self::event_loop::InLoop;
use self::host::{AcceptMode, Hosts};
use self::keep_alive::KeptConnections;
use self::per_connection::PerConnection;
use self::policies::{Full, Plain, Policies, Set, Supervised};
use self::pool::Pools;
use super::kernel::Watch;
use super::{End, Run};
use crate::distribution::Sampler;
use crate::instant::SimInstant;
use crate::model::runtime::{Class, Overhead};
use crate::model::{Discipline, Load, Model, Runtime};
use crate::random::Purpose;
use crate::record::{EngineEvent, RecordBlock, Sink};
use crate::source::{ClosedSource, OpenSource, Source, TraceSource};
use crate::time::{Span, Time};

/// Runs a model.
pub(super) fn run<K: Sink>(model: &Model, run: Run<'_>, sink: &mut K) -> End {
    let server = model.server();
    let (seed, replication, patience) = (run.seed, run.replication, server.patience.as_ref());
    match model.load() {
        Load::Open(open) => {
            run_source(model, OpenSource::new(open, patience, seed, replication), run, sink)
        }
        Load::Trace(trace) => {
            run_source(model, TraceSource::new(trace, server, seed, replication), run, sink)
        }
        Load::Closed(closed) => {
            let stopped = || run.stopped();
            match ClosedSource::new(closed, patience, (seed, replication), &stopped) {
                Some(source) => run_source(model, source, run, sink),
                None => End::Stopped,
            }
        }
    }
}

/// Runs the server of a model with requests from `source`.
pub(super) fn run_source<S: Source, K: Sink>(
    model: &Model,
    source: S,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    let server = model.server();
    let neutral;
    let runtime = match &server.runtime {
        Some(runtime) => runtime.as_ref(),
        None => {
            neutral = Runtime::neutral(Class::Gthread);
            &neutral
        }
    };
    let parts = (model, runtime, source, run);
    match policies::set(server, runtime) {
        Set::PlainEach => run_set::<Plain<Each<Fluid<Unmetered>>>, S, K>(parts, sink),
        Set::PlainFluidLock => run_set::<Plain<FluidLock<Fluid<Unmetered>>>, S, K>(parts, sink),
        Set::Supervised => run_set::<Supervised, S, K>(parts, sink),
        Set::Full => run_set::<Full, S, K>(parts, sink),
    }
}

fn run_set<P: Policies, S: Source, K: Sink>(
    (model, runtime, source, run): (&Model, &Runtime, S, Run<'_>),
    sink: &mut K,
) -> End {
    Engine::<P, S, &mut K>::new(model, runtime, source, run, sink).run()
}

/// The state of a run.
#[derive(Debug)]
struct Engine<'a, P: Policies, S, K> {
    watch: Watch<'a>,
    until: Time,
    /// From then on no request arrives. First come, first served: never. Elsewhere those who wait
    /// may be overtaken for as long as others arrive, and the run is to end.
    last: SimInstant,
    source: S,
    sink: K,
    runtime: &'a Runtime,
    random: RandomDraws,
    client_timeout: Option<Sampler>,
    backoff: Sampler,
    /// Whether processes take more memory with each request.
    grows: bool,
    /// Whether a process that has just computed takes less CPU time for its next request.
    warms: bool,
    /// Whether threads may lose the lock of their process when they send an answer.
    loses_lock: bool,
    calendar: Calendar<P::PhaseEnds>,
    connections: Connections,
    balancer: Balancer,
    hosts: Hosts<P>,
    pool: Option<Pools>,
    kept: KeptConnections,
    handshakes: PerConnection<Handshake>,
    loops: PerConnection<InLoop>,
    now: SimInstant,
    /// Number of the instant, for ties.
    instant: u64,
    arrived: u64,
    /// Requests that arrived before `until`, once the first later one has arrived.
    awaited: Option<u64>,
    left_early: u64,
    /// Served records that the sink has not been told of yet, where their order does not matter.
    told: Box<RecordBlock>,
    /// The number of waiting requests that was reported last.
    reported_waiting: u64,
    /// Events of this instant.
    due: Vec<Event>,
    /// Connections whose phase ends at this instant.
    ended: Vec<u32>,
    /// Connections that have just been taken out of a queue.
    left: Vec<u32>,
}

impl<'a, P: Policies, S: Source, K: Sink> Engine<'a, P, S, K> {
    /// Servers that are idle at time 0.
    fn new(model: &Model, runtime: &'a Runtime, source: S, run: Run<'a>, sink: K) -> Self {
        let server = model.server();
        let warms = !runtime.overhead.warm.is_zero();
        let random = RandomDraws { seed: run.seed, replication: run.replication };
        let period = runtime.quota.as_ref().map_or(Span::ZERO, |quota| quota.period);
        let known = runtime.quota.as_ref().and_then(|quota| quota.phase);
        let drawn = |host| random.part(Purpose::Throttle, u64::from(host), period);
        let throttle = |host| known.unwrap_or_else(|| drawn(host));
        let locked = runtime.accepts_locked(server);
        // Where no core is shared, and the sink does not ask for phases, a request is one span.
        let costs = runtime.overhead != Overhead::NONE;
        let as_one = P::FOREVER && P::UNLIMITED && !costs && !K::PHASES && !model.contended();
        let mut engine = Engine {
            watch: Watch::new(run),
            until: run.until,
            last: match server.discipline {
                Discipline::Fifo => SimInstant::NEVER,
                _ => SimInstant::of(run.until).after(run.until.since(Time::ZERO)),
            },
            sink,
            runtime,
            random,
            client_timeout: runtime
                .clients
                .timeout
                .as_ref()
                .map(crate::distribution::Distribution::sampler),
            backoff: runtime.clients.backoff.sampler(),
            grows: server.grows(),
            warms,
            loses_lock: runtime.loses_lock(server),
            calendar: Calendar::default(),
            connections: Connections::new(source.longest(), runtime.overhead, (locked, as_one)),
            balancer: Balancer::new(runtime),
            hosts: Hosts::new((server, model.routes()), runtime, throttle),
            pool: Pools::new(server, runtime),
            kept: KeptConnections::new(runtime.clients.keep_alive),
            handshakes: PerConnection::new(Handshake::NEW),
            loops: PerConnection::new(InLoop::NEW),
            source,
            now: SimInstant(0),
            instant: 0,
            arrived: 0,
            awaited: None,
            left_early: 0,
            told: Box::new(RecordBlock::new()),
            reported_waiting: 0,
            due: Vec::new(),
            ended: Vec::new(),
            left: Vec::new(),
        };
        engine.first_processes();
        engine.grant_memory();
        engine.first_poll();
        engine
    }

    /// Runs to the end.
    fn run(mut self) -> End {
        self.run_events();
        self.told.tell(&mut self.sink);
        self.report_unfinished();
        if K::COURSE {
            self.report_downtime();
        }
        self.watch.end()
    }

    fn run_events(&mut self) {
        loop {
            let next = self.next_instant();
            if next == SimInstant::NEVER || self.over() {
                return;
            }
            if self.watch.ends() {
                return;
            }
            self.step(next);
        }
    }

    #[inline]
    fn next_instant(&mut self) -> SimInstant {
        self.coming().min(self.calendar.next()).min(self.hosts.next())
    }

    /// When the next request arrives.
    #[inline]
    fn coming(&self) -> SimInstant {
        let next = self.source.peek();
        if next < self.last { next } else { SimInstant::NEVER }
    }

    /// Whether all requests that arrived in time have left, or no request is left and none is to
    /// come. Connections whose clients have left keep no run alive.
    #[inline]
    fn over(&self) -> bool {
        let deserted = || self.connections.requests() == 0 && self.coming() == SimInstant::NEVER;
        self.awaited == Some(self.left_early) || deserted()
    }

    #[inline]
    fn step(&mut self, next: SimInstant) {
        if !next.same_instant(self.now) {
            self.instant += 1;
            self.watch.clock_moved();
        }
        self.now = next.max(self.now);
        self.hosts.advance(self.now);
        let mut due = std::mem::take(&mut self.due);
        self.calendar.take_due(self.now, &mut due);
        self.finish();
        self.hosts.switch();
        if due.is_empty() {
            self.dispatch();
        } else {
            self.other_events(&due);
        }
        self.due = due;
        // A loop that wakes up finds all connections of the instant, unless a primary hands them out.
        let gathers =
            self.hosts.taking() == AcceptMode::Turns && !self.runtime.accept.has_primary();
        loop {
            let arrival = self.coming();
            if arrival == SimInstant::NEVER || !arrival.due(self.now) {
                break;
            }
            if self.watch.ends() {
                return;
            }
            self.arrive();
            if !gathers {
                self.dispatch();
            }
        }
        if gathers {
            self.dispatch();
        }
        self.grant_memory();
        if K::COURSE {
            self.report_waiting();
        }
    }

    /// What is due beside the ends of phases. Idle workers take waiting connections in between.
    #[cold]
    fn other_events(&mut self, due: &[Event]) {
        let mut rest = due;
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
    }

    /// Reports the number of waiting requests to a sink that follows it, if it has changed.
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
fn time(now: SimInstant) -> Time {
    now.to_time()
}
