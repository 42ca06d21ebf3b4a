//! What an engine says of a request, and the only thing it says.

use crate::time::{Span, Time};

/// How a request's record to the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A worker took it and answered it.
    Served,
    /// It found the listen queue full.
    Refused,
    /// Its client left the listen queue before a worker took it.
    TimedOut,
    /// Its worker was killed, and could still say so: a 500.
    Failed,
    /// Its worker ended, and the connection closed without an answer.
    Closed,
    /// Its worker was killed because memory ran out, and the connection closed without an answer.
    OutOfMemory,
    /// The server's kernel reset the connection.
    Reset,
    /// Its client waited for an answer for as long as it would, in each of its attempts.
    GaveUp,
    /// Its client's kernel has stopped trying to connect (ETIMEDOUT).
    NoConnection,
    /// It waited for a connection of the pool for as long as that lets it: an error, a 500.
    PoolTimeout,
    /// A proxy waited for an answer for as long as it does, and answered instead: a 504.
    ProxyTimeout,
}

impl Outcome {
    /// The word in tables of records.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Served => "served",
            Outcome::Refused => "refused",
            Outcome::TimedOut => "timed_out",
            Outcome::Failed => "failed",
            Outcome::Closed => "closed",
            Outcome::OutOfMemory => "out_of_memory",
            Outcome::Reset => "reset",
            Outcome::GaveUp => "gave_up",
            Outcome::NoConnection => "no_connection",
            Outcome::PoolTimeout => "pool_timeout",
            Outcome::ProxyTimeout => "proxy_timeout",
        }
    }

    /// All outcomes.
    pub(crate) const ALL: [Outcome; 11] = [
        Outcome::Served,
        Outcome::Refused,
        Outcome::TimedOut,
        Outcome::Failed,
        Outcome::Closed,
        Outcome::OutOfMemory,
        Outcome::Reset,
        Outcome::GaveUp,
        Outcome::NoConnection,
        Outcome::PoolTimeout,
        Outcome::ProxyTimeout,
    ];
}

/// What an engine says beside records, of servers with a [runtime](crate::model::runtime).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineEvent {
    /// A request took more than one try; told just before its record.
    Tries {
        /// The route of the request, as in [`RequestRecord::route`].
        route: u16,
        /// When the request first came.
        arrival: Time,
        /// Attempts of its client, from 1.
        attempts: u32,
        /// SYNs and data that found the queue full, and were sent again.
        dropped: u32,
    },
    /// A worker was busy with what nobody got an answer from.
    Wasted {
        /// The route of what it was busy with, as in [`RequestRecord::route`].
        route: u16,
        /// The worker (the thread, where there are threads), from 0.
        worker: u32,
        /// When it began.
        from: Time,
        /// When it was done, or killed.
        to: Time,
        /// CPU time that it asked for.
        cpu: Span,
    },
    /// The processes take more memory than ever before in this run.
    Memory {
        /// When.
        at: Time,
        /// All that they take, with what is there once, in bytes.
        bytes: u64,
    },
    /// The kernel killed a worker process because memory ran out.
    Killed {
        /// When.
        at: Time,
    },
    /// How long a request waited for the pool behind, over all its phases off the CPU; told just
    /// before the record of one that was served, where there is a pool.
    PoolWait {
        /// The route of the request, as in [`RequestRecord::route`].
        route: u16,
        /// When the request first came.
        arrival: Time,
        /// How long.
        waited: Span,
    },
    /// A connection of the pool was held.
    PoolHeld {
        /// The route of the request that held it, as in [`RequestRecord::route`].
        route: u16,
        /// From when.
        from: Time,
        /// Until when.
        to: Time,
    },
    /// A worker process was away.
    Away {
        /// The process, from 0, numbered over all hosts.
        process: u32,
        /// When it ended.
        from: Time,
        /// When its successor served; [`Time::MAX`] if the run ended before that.
        to: Time,
        /// Why.
        cause: Cause,
    },
    /// A request in service begins something else; only to sinks that [want](Sink::PHASES) to know.
    Phase {
        /// Number of the request in order of arrival, from 0.
        request: u64,
        /// What it does from now on.
        activity: Activity,
        /// When it begins.
        at: Time,
    },
    /// A client tries again; only to sinks that [follow](Sink::COURSE) the course of a run.
    Again {
        /// When it comes.
        at: Time,
    },
    /// From now on so many requests wait for a worker, in listen queues and inside processes,
    /// those whose clients have gone among them; only to sinks that [follow](Sink::COURSE) the
    /// course of a run.
    Waiting {
        /// When the number has changed.
        at: Time,
        /// How many wait.
        requests: u64,
    },
}

impl EngineEvent {
    /// The route of the request that it is about, where it is about one.
    pub(crate) const fn route(&self) -> Option<u16> {
        match *self {
            EngineEvent::Tries { route, .. }
            | EngineEvent::Wasted { route, .. }
            | EngineEvent::PoolWait { route, .. }
            | EngineEvent::PoolHeld { route, .. } => Some(route),
            EngineEvent::Memory { .. }
            | EngineEvent::Killed { .. }
            | EngineEvent::Away { .. }
            | EngineEvent::Phase { .. }
            | EngineEvent::Again { .. }
            | EngineEvent::Waiting { .. } => None,
        }
    }
}

/// What a request in service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It computes, or is ready to: it shares the cores.
    Cpu,
    /// It is off the CPU: a database, another service, a disk.
    Io,
    /// It waits for a connection of the pool.
    Pool,
}

impl Activity {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Activity::Cpu => "cpu",
            Activity::Io => "io",
            Activity::Pool => "pool",
        }
    }
}

/// Why a worker process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It gave no sign of life for longer than its timeout.
    Timeout,
    /// It had served as many requests as it may.
    MaxRequests,
    /// The kernel killed it because memory ran out.
    Memory,
}

/// One request's way through the server.
///
/// For a request that was not served, `start` and `departure` are both the instant at which it
/// left (the arrival itself for [`Outcome::Refused`]), and `worker` means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// Number of the request in order of arrival, from 0.
    pub request: u64,
    /// Number of the client, from 0; 0 for arrivals from outside.
    pub client: u32,
    /// The worker (the thread, where there are threads) that served it, from 0.
    pub worker: u32,
    /// The route that it is of, from 0, in the order in which they are given; only where the sink
    /// [wants](Sink::ROUTES) to know.
    pub route: u16,
    /// When it reached the listen queue.
    pub arrival: Time,
    /// When a worker took it.
    pub start: Time,
    /// When it was answered, or left.
    pub departure: Time,
    /// CPU time that it asked for, over all its phases.
    pub cpu: Span,
    /// How it ended.
    pub outcome: Outcome,
}

impl RequestRecord {
    /// From arrival to start.
    #[inline]
    pub fn wait(&self) -> Span {
        self.start.since(self.arrival)
    }

    /// From arrival to departure (sojourn).
    #[inline]
    pub fn response(&self) -> Span {
        self.departure.since(self.arrival)
    }
}

/// Requests of a [`RecordBlock`].
pub(crate) const BLOCK: usize = 256;

/// Served records, side by side: engines speak in blocks, so that a sink can go through one
/// quantity after another. Times in nanoseconds. To a sink that [wants](Sink::WORKERS) to know who
/// served whom they are those of consecutive requests; to others they come in any order.
#[derive(Clone, Debug)]
pub struct RecordBlock {
    /// Number of the first request.
    pub(crate) first: u64,
    /// How many there are.
    pub(crate) count: usize,
    /// When each reached the listen queue.
    pub(crate) arrival: [u64; BLOCK],
    /// When a worker took it.
    pub(crate) start: [u64; BLOCK],
    /// When it was answered.
    pub(crate) departure: [u64; BLOCK],
    /// The earliest of the arrivals.
    pub(crate) first_arrival: u64,
    /// The latest of the arrivals.
    pub(crate) last_arrival: u64,
    /// The latest of the departures.
    pub(crate) last_departure: u64,
    /// CPU time that it asked for.
    pub(crate) cpu: [u64; BLOCK],
    /// Each asked for as much CPU time as its service took, whatever `cpu` says.
    pub(crate) computing: bool,
    /// The worker that served it; only where the sink [wants](Sink::WORKERS) to know.
    pub(crate) worker: [u32; BLOCK],
    /// The client whose it is; only where the sink [wants](Sink::WORKERS) to know.
    pub(crate) client: [u32; BLOCK],
}

impl RecordBlock {
    /// No records.
    pub(crate) fn new() -> Self {
        RecordBlock {
            first: 0,
            count: 0,
            arrival: [0; BLOCK],
            start: [0; BLOCK],
            departure: [0; BLOCK],
            first_arrival: u64::MAX,
            last_arrival: 0,
            last_departure: 0,
            cpu: [0; BLOCK],
            computing: false,
            worker: [0; BLOCK],
            client: [0; BLOCK],
        }
    }

    /// Adds a record to a block that is not full, without saying whose it was and who served it.
    #[inline]
    pub(crate) fn push(&mut self, arrival: u64, start: u64, departure: u64, cpu: u64) {
        let at = self.count % BLOCK;
        self.arrival[at] = arrival;
        self.start[at] = start;
        self.departure[at] = departure;
        self.cpu[at] = cpu;
        self.first_arrival = self.first_arrival.min(arrival);
        self.last_arrival = self.last_arrival.max(arrival);
        self.last_departure = self.last_departure.max(departure);
        self.count = at + 1;
    }

    /// Hands the block to a sink and begins the next.
    pub(crate) fn tell<K: Sink>(&mut self, sink: &mut K) {
        sink.take_block(self);
        self.first += self.count as u64;
        self.count = 0;
        (self.first_arrival, self.last_arrival, self.last_departure) = (u64::MAX, 0, 0);
    }

    /// The records one by one.
    pub(crate) fn records(&self) -> impl Iterator<Item = RequestRecord> {
        (0..self.count).map(|at| RequestRecord {
            request: self.first + at as u64,
            client: self.client[at],
            worker: self.worker[at],
            route: 0,
            arrival: Time::from_nanos(self.arrival[at]),
            start: Time::from_nanos(self.start[at]),
            departure: Time::from_nanos(self.departure[at]),
            cpu: Span::from_nanos(match self.computing {
                true => self.departure[at] - self.start[at],
                false => self.cpu[at],
            }),
            outcome: Outcome::Served,
        })
    }
}

impl Default for RecordBlock {
    fn default() -> Self {
        RecordBlock::new()
    }
}

/// Something that takes records: the engines speak to it.
pub trait Sink {
    /// Whether the sink wants to know which worker served a request, whose it was, and which in
    /// order of arrival.
    const WORKERS: bool = true;

    /// Whether the sink wants to know the route of a request: then engines give one record after
    /// another, not blocks.
    const ROUTES: bool = false;

    /// Whether the sink follows the course of a run: each change of the queue, each new try.
    const COURSE: bool = false;

    /// Whether the sink wants to know each phase of each request as it begins. Only event engines
    /// have phases: the recursion reports none.
    const PHASES: bool = false;

    /// Takes one record. Engines report each request exactly once, when it has left.
    fn take(&mut self, record: &RequestRecord);

    /// Takes a block of records: the same as taking each.
    fn take_block(&mut self, block: &RecordBlock) {
        block.records().for_each(|record| self.take(&record));
    }

    /// Takes what is said beside records.
    fn note(&mut self, _note: &EngineEvent) {}
}

impl Sink for Vec<RequestRecord> {
    fn take(&mut self, record: &RequestRecord) {
        self.push(*record);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    const WORKERS: bool = S::WORKERS;
    const ROUTES: bool = S::ROUTES;
    const COURSE: bool = S::COURSE;
    const PHASES: bool = S::PHASES;

    #[inline]
    fn take(&mut self, record: &RequestRecord) {
        (**self).take(record);
    }

    fn take_block(&mut self, block: &RecordBlock) {
        (**self).take_block(block);
    }

    fn note(&mut self, note: &EngineEvent) {
        (**self).note(note);
    }
}
