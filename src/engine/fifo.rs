//! The recursion of Kiefer and Wolfowitz (1955, "On the theory of queues with many servers"):
//!
//! > start = max(arrival, the earliest instant at which a worker is free)
//!
//! For models in which nobody shares a core and arrivals wait for no answer this is the whole
//! simulation: no events, one heap of workers by (free from, number). A full queue is known from
//! the starts of those before (they are in order), an impatient client from its own wait.

use super::Run;
use super::free::{Few, Free, Many, Numbered, One};
use super::starts::Starts;
use crate::model::request::{cpu_of, total_of};
use crate::model::{Demand, PhaseKind, Server};
use crate::source::{OpenSource, RequestBlock, Source};
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

/// Runs an open loop in blocks: the same visits as [`run`], several times faster.
pub fn run_open<K: Sink>(server: &Server, source: OpenSource, run: Run<'_>, sink: &mut K) {
    if source.impatient() {
        return self::run(server, source, run, sink);
    }
    match server.workers {
        workers if K::WORKERS => in_blocks(Numbered::new(workers), server, source, run, sink),
        1 => in_blocks(One::new(), server, source, run, sink),
        2 => in_blocks(Few::<2>::new(), server, source, run, sink),
        3 => in_blocks(Few::<3>::new(), server, source, run, sink),
        4 => in_blocks(Few::<4>::new(), server, source, run, sink),
        5 => in_blocks(Few::<5>::new(), server, source, run, sink),
        6 => in_blocks(Few::<6>::new(), server, source, run, sink),
        7 => in_blocks(Few::<7>::new(), server, source, run, sink),
        8 => in_blocks(Few::<8>::new(), server, source, run, sink),
        workers => in_blocks(Many::new(workers), server, source, run, sink),
    }
}

fn in_blocks<F: Free, K: Sink>(
    mut workers: F,
    server: &Server,
    mut source: OpenSource,
    run: Run<'_>,
    sink: &mut K,
) {
    let mut starts = Starts::new(server.backlog);
    let mut requests = RequestBlock::new();
    let mut visits = VisitBlock::new();
    loop {
        if run.stopped() {
            return;
        }
        source.take_block(&mut requests);
        let until = run.until.as_nanos();
        let count = requests.arrival.partition_point(|arrival| *arrival < until);
        if starts.never_full_before(count, requests.arrival[0]) {
            serve_block(&mut workers, &requests, count, K::WORKERS, &mut visits);
            starts.push_block(&visits.start[..count]);
            sink.take_block(&visits);
        } else {
            serve_each(&mut workers, &requests, count, &mut starts, visits.first, sink);
        }
        visits.first += count as u64;
        if count < BLOCK {
            return;
        }
    }
}

/// The recursion over a block in which nobody is refused.
#[inline]
fn serve_block<F: Free>(
    workers: &mut F,
    requests: &RequestBlock,
    count: usize,
    numbers: bool,
    visits: &mut VisitBlock,
) {
    visits.count = count;
    visits.arrival = requests.arrival;
    visits.cpu = requests.cpu;
    let mut last = 0;
    for at in 0..count.min(BLOCK) {
        let (free, worker) = workers.earliest();
        let start = requests.arrival[at].max(free);
        let departure = start.saturating_add(requests.total[at]);
        workers.take(departure);
        visits.start[at] = start;
        visits.departure[at] = departure;
        last = last.max(departure);
        if numbers {
            visits.worker[at] = worker;
        }
    }
    visits.last_departure = last;
}

/// The recursion over a block in which the queue may be full.
#[cold]
fn serve_each<F: Free, K: Sink>(
    workers: &mut F,
    requests: &RequestBlock,
    count: usize,
    starts: &mut Starts,
    first: u64,
    sink: &mut K,
) {
    for at in 0..count {
        let (free, worker) = workers.earliest();
        let arrival = requests.arrival[at];
        let mut start = arrival.max(free);
        let mut departure = start.saturating_add(requests.total[at]);
        let mut outcome = Outcome::Served;
        if starts.admits(arrival, start) {
            workers.take(departure);
        } else {
            outcome = Outcome::Refused;
            (start, departure) = (arrival, arrival);
        }
        sink.take(&Visit {
            request: first + at as u64,
            client: 0,
            worker,
            arrival: Time::from_nanos(arrival),
            start: Time::from_nanos(start),
            departure: Time::from_nanos(departure),
            cpu: Span::from_nanos(requests.cpu[at]),
            outcome,
        });
    }
}
