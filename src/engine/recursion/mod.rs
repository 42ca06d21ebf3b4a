//! The recursion of Kiefer and Wolfowitz (1955, "On the theory of queues with many servers"):
//!
//! > start = max(arrival, the earliest instant at which a worker is free)
//!
//! For models whose requests share no core this is the whole simulation: no events, one heap of
//! workers by (free from, number). Whether the queue is full is known from the starts of earlier
//! requests, which are in order (`admission`); whether a client leaves it, from its own wait; when
//! a client of a closed loop returns, from its departure.

mod admission;
mod batch;
mod server_times;
pub(super) mod unlimited;

use self::admission::Starts;
use self::server_times::{Few, Free, Many, Numbered, One};
use super::{Asks, Choice, End, Kernel, MOST_STEPS, Run, kernel};
use crate::instant::SimInstant;
use crate::model::request::{cpu_of, total_of};
use crate::model::{Backlog, Closed, Demand, Load, Model, Open, PhaseKind, Server};
use crate::record::{BLOCK, Outcome, RecordBlock, RequestRecord, Sink};
use crate::source::{
    InTurn, OpenBlocks, OpenSource, Returning, Source, Stamp, TraceSource, fits_64_bits,
};
use crate::time::{Span, Time};

/// Runs `$body` with the state of `$workers` workers, of the type that suits their number.
macro_rules! with_workers {
    ($workers:expr, $numbers:expr, $free:ident => $body:expr) => {{
        macro_rules! run {
            ($state:expr) => {{
                let $free = $state;
                $body
            }};
        }
        match $workers {
            workers if $numbers => run!(Numbered::new(workers)),
            1 => run!(One::new()),
            2 => run!(Few::<2>::new()),
            3 => run!(Few::<3>::new()),
            4 => run!(Few::<4>::new()),
            5 => run!(Few::<5>::new()),
            6 => run!(Few::<6>::new()),
            7 => run!(Few::<7>::new()),
            8 => run!(Few::<8>::new()),
            workers => run!(Many::new(workers)),
        }
    }};
}
use with_workers;

/// Runs a model that the recursion fits.
pub(super) fn run<K: Sink>(model: &Model, run: Run<'_>, sink: &mut K) -> End {
    let server = model.server();
    match (model.load(), &server.patience) {
        (Load::Open(open), None) if open.mix.routes().is_empty() => {
            let source = OpenBlocks::new(open, run.seed, run.replication);
            with_workers!(server.slots(), K::WORKERS, free => {
                in_blocks(free, server, source, run, sink)
            })
        }
        (Load::Open(open), patience) => {
            let source = OpenSource::new(open, patience.as_ref(), run.seed, run.replication);
            one_by_one(server, source, run, sink)
        }
        (Load::Trace(trace), _) => {
            let source = TraceSource::new(trace, server, run.seed, run.replication);
            one_by_one(server, source, run, sink)
        }
        (Load::Closed(closed), _) => run_closed(closed, server, run, sink),
    }
}

/// The open load of a model that the recursion runs in blocks: models with the same one can be [run
/// together](run_together).
pub(crate) fn shareable(model: &Model, choice: Choice) -> Option<&Open> {
    let Load::Open(open) = model.load() else { return None };
    let recursion = kernel(model, choice, Asks::default()) == Kernel::Recursion;
    let alike = model.server().patience.is_none() && model.routes().is_empty();
    (recursion && alike).then_some(open)
}

/// Runs models that differ in their servers only, each into its own sink: the same as running each
/// of them, but what is drawn is drawn once. Does nothing if the first is not [shareable]. The
/// sinks must not [ask for workers](Sink::WORKERS) where there are threads.
pub(crate) fn run_together<K: Sink>(models: &[&Model], run: Run<'_>, sinks: &mut [K]) -> End {
    let first = models.first().and_then(|model| shareable(model, Choice::Recursion));
    let Some(open) = first else { return End::Complete };
    let source = OpenBlocks::new(open, run.seed, run.replication);
    let servers: Vec<_> = models.iter().map(|model| model.server()).collect();
    batch::run(&servers, source, run, sinks)
}

/// Runs requests one by one.
fn one_by_one<S: Source, K: Sink>(
    server: &Server,
    mut source: S,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    let mut workers = Numbered::new(server.slots());
    let mut starts = Starts::new(server.backlog);
    let mut demands = vec![Demand::new(PhaseKind::Io, Span::ZERO); source.longest()];
    for request in 0.. {
        let arrival = source.peek();
        if arrival == SimInstant::NEVER || arrival.to_time() >= run.until {
            break;
        }
        if request % 1024 == 0 && run.stopped() {
            return End::Stopped;
        }
        let arrival = arrival.to_time();
        let taken = source.take(&mut demands);
        let demands = &demands[..taken.phases];
        let (free, worker) = workers.earliest();
        let start = arrival.max(Time::from_nanos(free));
        let mut record = RequestRecord {
            request,
            client: taken.client,
            worker,
            route: taken.route,
            arrival,
            start,
            departure: start + total_of(demands),
            cpu: cpu_of(demands),
            outcome: Outcome::Served,
        };
        let leaves = arrival + taken.patience;
        if !starts.admits(arrival.as_nanos(), start.as_nanos()) {
            record.outcome = Outcome::Refused;
            (record.start, record.departure) = (arrival, arrival);
        } else if start > leaves {
            record.outcome = Outcome::TimedOut;
            (record.start, record.departure) = (leaves, leaves);
        } else {
            workers.take(record.departure.as_nanos());
        }
        sink.take(&record);
    }
    End::Complete
}

/// Runs a closed loop. The recursion holds for it as well, because a client returns later than it
/// came: if the client that comes first is always taken (of those at one instant the one that
/// [`Closed::takes_turns`] says), all that come before it have been taken.
fn run_closed<K: Sink>(closed: &Closed, server: &Server, run: Run<'_>, sink: &mut K) -> End {
    // A queue with a place for every client is never full.
    let backlog = match server.backlog {
        Backlog::Places(places) if places < u64::from(closed.clients) => server.backlog,
        _ => Backlog::Unlimited,
    };
    let starts = Starts::new(backlog);
    macro_rules! run {
        ($stamp:ty) => {{
            let drawn = (run.seed, run.replication);
            let stopped = || run.stopped();
            let Some(clients) = Returning::<$stamp>::new(closed, drawn, &stopped) else {
                return End::Stopped;
            };
            with_workers!(server.slots(), K::WORKERS, free => {
                returning(free, starts, clients, run, sink)
            })
        }};
    }
    match (closed.takes_turns(), fits_64_bits(closed.clients, run.until)) {
        (true, _) => run!(InTurn),
        (false, true) => run!(u64),
        (false, false) => run!(u128),
    }
}

fn returning<F: Free, S: Stamp, K: Sink>(
    mut workers: F,
    mut starts: Starts,
    mut clients: Returning<S>,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    let until = run.until.as_nanos();
    let mut records = RecordBlock::new();
    // Refusals and full blocks of the instant at which the last one was.
    let (mut at, mut steps) = (0, 0);
    loop {
        let (arrival, client) = clients.earliest();
        let over = arrival >= until;
        if over || records.count == BLOCK {
            records.tell(sink);
            (at, steps) = (arrival, if arrival == at { steps + 1 } else { 0 });
            if over {
                return End::Complete;
            } else if run.stopped() {
                return End::Stopped;
            }
        }
        let request = clients.request(client);
        let (free, worker) = workers.earliest();
        let start = arrival.max(free);
        if !starts.admits(arrival, start) {
            records.tell(sink);
            let arrival = Time::from_nanos(arrival);
            let (request, cpu) = (records.first, Span::from_nanos(request.cpu));
            let (start, departure, outcome) = (arrival, arrival, Outcome::Refused);
            sink.take(&RequestRecord {
                request,
                client,
                worker,
                route: 0,
                arrival,
                start,
                departure,
                cpu,
                outcome,
            });
            records.first += 1;
            clients.refused(client, arrival.as_nanos());
            let arrival = arrival.as_nanos();
            (at, steps) = (arrival, if arrival == at { steps + 1 } else { 0 });
            if run.stopped() {
                return End::Stopped;
            } else if steps > MOST_STEPS {
                return End::Stuck;
            }
            continue;
        }
        let departure = start.saturating_add(request.total);
        workers.take(departure);
        clients.answered(client, departure);
        if K::WORKERS {
            records.worker[records.count] = worker;
            records.client[records.count] = client;
        }
        records.push(arrival, start, departure, request.cpu);
    }
}

fn in_blocks<F: Free, K: Sink>(
    workers: F,
    server: &Server,
    mut source: OpenBlocks,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    let mut queue = ServerRun::new(workers, server);
    let mut totals = [0; BLOCK];
    while !run.stopped() {
        let records = &mut queue.records;
        records.computing = source.fill(&mut records.arrival, &mut totals, &mut records.cpu);
        if queue.serve(&totals, run.until.as_nanos(), sink) {
            return End::Complete;
        }
    }
    End::Stopped
}

/// One server in the middle of a run. `records` holds the arrivals of the next block.
struct ServerRun<F> {
    workers: F,
    starts: Starts,
    records: RecordBlock,
}

impl<F: Free> ServerRun<F> {
    fn new(workers: F, server: &Server) -> Self {
        ServerRun { workers, starts: Starts::new(server.backlog), records: RecordBlock::new() }
    }

    /// Serves a block of requests with these demands; true if it was the last.
    #[inline]
    fn serve<K: Sink>(&mut self, totals: &[u64; BLOCK], until: u64, sink: &mut K) -> bool {
        let ServerRun { workers, starts, records } = self;
        let count = match records.arrival[BLOCK - 1] < until {
            true => BLOCK,
            false => records.arrival.partition_point(|arrival| *arrival < until),
        };
        records.count = count;
        records.first_arrival = records.arrival[0];
        records.last_arrival = records.arrival[count.saturating_sub(1)];
        if starts.never_full_before(count, records.arrival[0]) {
            // Moved there and back: the state that a loop owns stays in registers.
            let owned = std::mem::replace(workers, F::none());
            *workers = serve_block(owned, totals, K::WORKERS, records);
            if records.last_departure == u64::MAX && records.computing {
                // Cut off at the end of time.
                (records.cpu, records.computing) = (*totals, false);
            }
            starts.push_block(&records.start[..count]);
            sink.take_block(records);
        } else {
            serve_each(workers, totals, starts, records, sink);
        }
        records.first += count as u64;
        count < BLOCK
    }
}

/// The recursion over a block in which no request is refused: `records` holds the arrivals.
#[inline]
fn serve_block<F: Free>(
    mut workers: F,
    totals: &[u64; BLOCK],
    numbers: bool,
    records: &mut RecordBlock,
) -> F {
    let mut last = 0;
    for (at, total) in totals.iter().enumerate().take(records.count) {
        let (free, worker) = workers.earliest();
        let start = records.arrival[at].max(free);
        let departure = start.saturating_add(*total);
        workers.take(departure);
        records.start[at] = start;
        records.departure[at] = departure;
        last = last.max(departure);
        if numbers {
            records.worker[at] = worker;
        }
    }
    records.last_departure = last;
    workers
}

/// The recursion over a block in which the queue may be full.
#[cold]
fn serve_each<F: Free, K: Sink>(
    workers: &mut F,
    totals: &[u64; BLOCK],
    starts: &mut Starts,
    requests: &RecordBlock,
    sink: &mut K,
) {
    for (at, total) in totals.iter().enumerate().take(requests.count) {
        let (free, worker) = workers.earliest();
        let arrival = requests.arrival[at];
        let mut start = arrival.max(free);
        let mut departure = start.saturating_add(*total);
        let mut outcome = Outcome::Served;
        if starts.admits(arrival, start) {
            workers.take(departure);
        } else {
            outcome = Outcome::Refused;
            (start, departure) = (arrival, arrival);
        }
        sink.take(&RequestRecord {
            request: requests.first + at as u64,
            client: 0,
            worker,
            route: 0,
            arrival: Time::from_nanos(arrival),
            start: Time::from_nanos(start),
            departure: Time::from_nanos(departure),
            cpu: Span::from_nanos(if requests.computing { *total } else { requests.cpu[at] }),
            outcome,
        });
    }
}
