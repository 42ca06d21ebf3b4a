//! The recursion of Kiefer and Wolfowitz (1955, "On the theory of queues with many servers"):
//!
//! > start = max(arrival, the earliest instant at which a worker is free)
//!
//! For models in which nobody shares a core this is the whole simulation: no events, one heap of
//! workers by (free from, number). A full queue is known from the starts of those before (they are
//! in order), an impatient client from its own wait, and a client that comes again from its
//! departure.

use super::Run;
use super::free::{Few, Free, Many, Numbered, One};
use super::starts::Starts;
use crate::model::request::{cpu_of, total_of};
use crate::model::{Backlog, Closed, Demand, PhaseKind, Server};
use crate::source::{OpenBlocks, Returning, Source, Stamp, fits_64_bits};
use crate::tick::{Tick, Whole};
use crate::time::{Span, Time};
use crate::visit::{BLOCK, Outcome, Sink, Visit, VisitBlock};

/// Runs the requests of `source` through the workers of `server`, one by one.
pub fn run<S: Source<Whole>, K: Sink>(server: &Server, mut source: S, run: Run<'_>, sink: &mut K) {
    let mut workers = Numbered::new(server.workers);
    let mut starts = Starts::new(server.backlog);
    let mut demands = vec![Demand::new(PhaseKind::Io, Span::ZERO); source.longest()];
    for request in 0.. {
        let arrival = source.peek();
        if arrival == Whole::NEVER || arrival.to_time() >= run.until {
            return;
        }
        if request % 1024 == 0 && run.stopped() {
            return;
        }
        let arrival = arrival.to_time();
        let taken = source.take(&mut demands);
        let demands = &demands[..taken.phases];
        let (free, worker) = workers.earliest();
        let start = arrival.max(Time::from_nanos(free));
        let mut visit = Visit {
            request,
            client: taken.client,
            worker,
            arrival,
            start,
            departure: start + total_of(demands),
            cpu: cpu_of(demands),
            outcome: Outcome::Served,
        };
        let leaves = arrival + taken.patience;
        if !starts.admits(arrival.as_nanos(), start.as_nanos()) {
            visit.outcome = Outcome::Refused;
            (visit.start, visit.departure) = (arrival, arrival);
        } else if start > leaves {
            visit.outcome = Outcome::TimedOut;
            (visit.start, visit.departure) = (leaves, leaves);
        } else {
            workers.take(visit.departure.as_nanos());
        }
        sink.take(&visit);
    }
}

/// Does the same with the state of so many workers, in the shape that suits their number.
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
pub(super) use with_workers;

/// Runs an open loop in blocks: the same visits as [`run`], several times faster.
pub fn run_open<K: Sink>(server: &Server, source: OpenBlocks, run: Run<'_>, sink: &mut K) {
    with_workers!(server.workers, K::WORKERS, free => in_blocks(free, server, source, run, sink));
}

/// Runs a closed loop. The recursion holds for it as well, because whoever comes again comes later
/// than it came: if always the client is taken that comes first (of those at one instant the one
/// with the lowest number), everybody who comes before it has been taken.
pub fn run_closed<K: Sink>(closed: &Closed, server: &Server, run: Run<'_>, sink: &mut K) {
    // Where all clients have a place nobody counts who waits.
    let backlog = match server.backlog {
        Backlog::Places(places) if places < u64::from(closed.clients) => server.backlog,
        _ => Backlog::Unlimited,
    };
    let starts = Starts::new(backlog);
    if fits_64_bits(closed.clients, run.until) {
        let clients = Returning::<u64>::new(closed, run.seed, run.replication);
        with_workers!(server.workers, K::WORKERS, free => {
            again_and_again(free, starts, clients, run, sink);
        });
    } else {
        let clients = Returning::<u128>::new(closed, run.seed, run.replication);
        with_workers!(server.workers, K::WORKERS, free => {
            again_and_again(free, starts, clients, run, sink);
        });
    }
}

fn again_and_again<F: Free, S: Stamp, K: Sink>(
    mut workers: F,
    mut starts: Starts,
    mut clients: Returning<S>,
    run: Run<'_>,
    sink: &mut K,
) {
    let until = run.until.as_nanos();
    let mut visits = VisitBlock::new();
    loop {
        let (arrival, client) = clients.earliest();
        let over = arrival >= until;
        if over || visits.count == BLOCK {
            visits.tell(sink);
            if over || run.stopped() {
                return;
            }
        }
        let request = clients.request(client);
        let (free, worker) = workers.earliest();
        let start = arrival.max(free);
        if !starts.admits(arrival, start) {
            visits.tell(sink);
            let arrival = Time::from_nanos(arrival);
            let (request, cpu) = (visits.first, Span::from_nanos(request.cpu));
            let (start, departure, outcome) = (arrival, arrival, Outcome::Refused);
            sink.take(&Visit { request, client, worker, arrival, start, departure, cpu, outcome });
            visits.first += 1;
            clients.answered(client, arrival.as_nanos());
            if run.stopped() {
                return;
            }
            continue;
        }
        let departure = start.saturating_add(request.total);
        workers.take(departure);
        clients.answered(client, departure);
        if K::WORKERS {
            visits.worker[visits.count] = worker;
            visits.client[visits.count] = client;
        }
        visits.push(arrival, start, departure, request.cpu);
    }
}

fn in_blocks<F: Free, K: Sink>(
    workers: F,
    server: &Server,
    mut source: OpenBlocks,
    run: Run<'_>,
    sink: &mut K,
) {
    let mut queue = Queue::new(workers, server);
    let mut totals = [0; BLOCK];
    while !run.stopped() {
        let visits = &mut queue.visits;
        visits.computing = source.fill(&mut visits.arrival, &mut totals, &mut visits.cpu);
        if queue.serve(&totals, run.until.as_nanos(), sink) {
            return;
        }
    }
}

/// One server in the middle of a run. `visits` holds the arrivals of the next block.
pub(super) struct Queue<F> {
    workers: F,
    starts: Starts,
    pub(super) visits: VisitBlock,
}

impl<F: Free> Queue<F> {
    pub(super) fn new(workers: F, server: &Server) -> Self {
        Queue { workers, starts: Starts::new(server.backlog), visits: VisitBlock::new() }
    }

    /// Serves a block of requests that ask for so much time; true if it was the last.
    #[inline]
    pub(super) fn serve<K: Sink>(
        &mut self,
        totals: &[u64; BLOCK],
        until: u64,
        sink: &mut K,
    ) -> bool {
        let Queue { workers, starts, visits } = self;
        let count = match visits.arrival[BLOCK - 1] < until {
            true => BLOCK,
            false => visits.arrival.partition_point(|arrival| *arrival < until),
        };
        visits.count = count;
        visits.first_arrival = visits.arrival[0];
        visits.last_arrival = visits.arrival[count.saturating_sub(1)];
        if starts.never_full_before(count, visits.arrival[0]) {
            // Moved there and back: what a loop owns stays in registers.
            let owned = std::mem::replace(workers, F::none());
            *workers = serve_block(owned, totals, K::WORKERS, visits);
            if visits.last_departure == u64::MAX && visits.computing {
                // Cut off at the end of time.
                (visits.cpu, visits.computing) = (*totals, false);
            }
            starts.push_block(&visits.start[..count]);
            sink.take_block(visits);
        } else {
            serve_each(workers, totals, starts, visits, sink);
        }
        visits.first += count as u64;
        count < BLOCK
    }
}

/// The recursion over a block in which nobody is refused: `visits` holds the arrivals.
#[inline]
fn serve_block<F: Free>(
    mut workers: F,
    totals: &[u64; BLOCK],
    numbers: bool,
    visits: &mut VisitBlock,
) -> F {
    let mut last = 0;
    for (at, total) in totals.iter().enumerate().take(visits.count) {
        let (free, worker) = workers.earliest();
        let start = visits.arrival[at].max(free);
        let departure = start.saturating_add(*total);
        workers.take(departure);
        visits.start[at] = start;
        visits.departure[at] = departure;
        last = last.max(departure);
        if numbers {
            visits.worker[at] = worker;
        }
    }
    visits.last_departure = last;
    workers
}

/// The recursion over a block in which the queue may be full.
#[cold]
fn serve_each<F: Free, K: Sink>(
    workers: &mut F,
    totals: &[u64; BLOCK],
    starts: &mut Starts,
    requests: &VisitBlock,
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
        sink.take(&Visit {
            request: requests.first + at as u64,
            client: 0,
            worker,
            arrival: Time::from_nanos(arrival),
            start: Time::from_nanos(start),
            departure: Time::from_nanos(departure),
            cpu: Span::from_nanos(if requests.computing { *total } else { requests.cpu[at] }),
            outcome,
        });
    }
}
