//! The loop over instants for the usual server with a core for every worker: arrivals from outside,
//! nobody who leaves the queue.
//!
//! It is the loop of [`super::events`] and says the same records bit for bit. But there are two
//! things only that can come next, an arrival or an end; an end frees a worker for whoever waits
//! longest, whatever else happens at its instant. So a request needs no place in a table: what is
//! known of it travels with its entry in the queue and among the ends.

use std::collections::VecDeque;

use super::Run;
use super::requests::Requests;
use crate::heap::Heap;
use crate::model::{Backlog, Server};
use crate::record::{BLOCK, Outcome, RecordBlock, RequestRecord, Sink};
use crate::source::OpenBlocks;
use crate::time::{Span, Time};

/// Runs an open loop through workers that have a core each. The sink must not
/// [want](Sink::WORKERS) to know who served whom.
pub fn run<K: Sink>(server: &Server, source: OpenBlocks, run: Run<'_>, sink: &mut K) {
    match server.slots() {
        1 => Apart::new(server, None::<Serving>, source, sink).run(run),
        2..=FEW => Apart::new(server, InOrder::default(), source, sink).run(run),
        _ => Apart::new(server, Heap::new(), source, sink).run(run),
    }
}

/// Ends are kept in order up to so many.
const FEW: u32 = 8;

/// A request in service.
#[derive(Clone, Copy, Debug)]
struct Serving {
    end: u64,
    arrival: u64,
    start: u64,
    cpu: u64,
}

/// By their ends: of those that end together any may go first.
impl Ord for Serving {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.end.cmp(&other.end)
    }
}

impl PartialOrd for Serving {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Serving {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.end == other.end
    }
}

impl Eq for Serving {}

/// Those in service, by their ends.
trait Ends {
    fn first(&self) -> Option<Serving>;
    fn add(&mut self, request: Serving);
    fn remove_first(&mut self);
    /// Another takes the place of the first, who departs.
    fn replace_first(&mut self, request: Serving);
}

/// One worker.
impl Ends for Option<Serving> {
    #[inline]
    fn first(&self) -> Option<Serving> {
        *self
    }

    #[inline]
    fn add(&mut self, request: Serving) {
        *self = Some(request);
    }

    #[inline]
    fn remove_first(&mut self) {
        *self = None;
    }

    #[inline]
    fn replace_first(&mut self, request: Serving) {
        *self = Some(request);
    }
}

/// The first stands last; an addition moves those who end before it.
#[derive(Debug, Default)]
struct InOrder(Vec<Serving>);

impl Ends for InOrder {
    #[inline]
    fn first(&self) -> Option<Serving> {
        self.0.last().copied()
    }

    #[inline]
    fn add(&mut self, request: Serving) {
        self.0.push(request);
        self.replace_first(request);
    }

    #[inline]
    fn remove_first(&mut self) {
        self.0.pop();
    }

    #[inline]
    fn replace_first(&mut self, request: Serving) {
        let Some(mut at) = self.0.len().checked_sub(1) else { return };
        while at > 0 && self.0[at - 1].end < request.end {
            self.0[at] = self.0[at - 1];
            at -= 1;
        }
        self.0[at] = request;
    }
}

impl Ends for Heap<Serving> {
    #[inline]
    fn first(&self) -> Option<Serving> {
        self.peek()
    }

    #[inline]
    fn add(&mut self, request: Serving) {
        self.push(request);
    }

    #[inline]
    fn remove_first(&mut self) {
        self.pop();
    }

    #[inline]
    fn replace_first(&mut self, request: Serving) {
        self.replace_top(request);
    }
}

struct Apart<'a, E, K> {
    ends: E,
    /// (arrival, demand, CPU time) of those who wait.
    queue: VecDeque<(u64, u64, u64)>,
    idle: u32,
    backlog: Backlog,
    requests: Box<Requests>,
    records: Box<RecordBlock>,
    sink: &'a mut K,
}

impl<'a, E: Ends, K: Sink> Apart<'a, E, K> {
    fn new(server: &Server, ends: E, source: OpenBlocks, sink: &'a mut K) -> Self {
        Apart {
            ends,
            queue: VecDeque::new(),
            idle: server.slots(),
            backlog: server.backlog,
            requests: Box::new(Requests::new(source)),
            records: Box::new(RecordBlock::new()),
            sink,
        }
    }

    /// Nobody has less for those who arrive from `run.until` on: they are left out.
    fn run(mut self, run: Run<'_>) {
        let until = run.until.as_nanos();
        let mut rounds = 0u32;
        loop {
            let arrival = self.requests.next_arrival();
            let comes = arrival < until;
            self.finish(if comes { arrival } else { u64::MAX - 1 });
            rounds = rounds.wrapping_add(1);
            if !comes || rounds.is_multiple_of(1024) && run.stopped() {
                break;
            }
            self.admit();
        }
        self.records.tell(self.sink);
    }

    /// Who ends until `now` departs, and frees a worker for whoever waits longest. What ends at the
    /// end of time does not end.
    #[inline]
    fn finish(&mut self, now: u64) {
        while let Some(first) = self.ends.first().filter(|first| first.end <= now) {
            match self.queue.pop_front() {
                Some((arrival, demand, cpu)) => {
                    let end = first.end.saturating_add(demand);
                    self.ends.replace_first(Serving { end, arrival, start: first.end, cpu });
                }
                None => {
                    self.ends.remove_first();
                    self.idle += 1;
                }
            }
            self.records.push(first.arrival, first.start, first.end, first.cpu);
            if self.records.count == BLOCK {
                self.records.tell(self.sink);
            }
        }
    }

    /// A request comes to the door.
    #[inline]
    fn admit(&mut self) {
        let (arrival, demand, cpu) = self.requests.take();
        if self.idle > 0 {
            self.idle -= 1;
            let end = arrival.saturating_add(demand);
            self.ends.add(Serving { end, arrival, start: arrival, cpu });
        } else if self.backlog.admits(self.queue.len() as u64) {
            self.queue.push_back((arrival, demand, cpu));
        } else {
            self.refuse(arrival, cpu);
        }
    }

    #[cold]
    fn refuse(&mut self, arrival: u64, cpu: u64) {
        let (arrival, cpu) = (Time::from_nanos(arrival), Span::from_nanos(cpu));
        let (start, departure, outcome) = (arrival, arrival, Outcome::Refused);
        let (request, client, worker) = (0, 0, 0);
        self.sink.take(&RequestRecord {
            request,
            client,
            worker,
            arrival,
            start,
            departure,
            cpu,
            outcome,
        });
    }
}
