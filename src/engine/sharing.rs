//! The loop over instants for the usual shared server: arrivals from outside, requests that only
//! compute, workers that share the cores, no patience.
//!
//! It is the loop of [`super::events`] with the processor of `src/engine/rates.rs`, step by step and
//! with the same arithmetic, and says the same records bit for bit. But there are two things only
//! that can come next, an arrival or an end, so a request needs no place in a table: what is known
//! of it travels with its entry among those who compute.

use std::collections::VecDeque;

use super::kernel::Watch;
use super::rates::{Rates, lacks_too_much};
use super::requests::Requests;
use super::{End, Run};
use crate::heap::Heap;
use crate::instant::SimInstant;
use crate::model::{Backlog, Server};
use crate::record::{BLOCK, Outcome, RecordBlock, RequestRecord, Sink};
use crate::source::OpenBlocks;
use crate::time::{Span, Time};

/// Runs an open loop through workers that share the cores. The sink must not
/// [want](Sink::WORKERS) to know who served whom.
pub(crate) fn run<K: Sink>(server: &Server, source: OpenBlocks, run: Run<'_>, sink: &mut K) -> End {
    let millicores = u64::from(server.cores.millicores());
    let mut rates = Rates::new(millicores);
    // Beyond so many the table grows as they come.
    rates.reach(server.slots().min(FEW as u32) as usize);
    if server.slots() as usize <= FEW {
        Sharing::new(server, rates, InOrder::default(), source, run, sink).run()
    } else {
        Sharing::new(server, rates, Heap::new(), source, run, sink).run()
    }
}

/// Those who compute are kept in order up to so many.
const FEW: usize = 32;

/// A request that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    /// The clock of attained service at its end.
    target: u128,
    arrival: u64,
    start: u64,
    cpu: u64,
}

/// Those who compute, by the ends of their demands.
trait Computing {
    fn len(&self) -> usize;
    fn first(&self) -> Option<&Running>;
    fn add(&mut self, request: Running);
    fn remove_first(&mut self) -> Option<Running>;
}

/// The first stands last; an addition moves those who end before it.
#[derive(Debug, Default)]
struct InOrder(Vec<Running>);

impl Computing for InOrder {
    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn first(&self) -> Option<&Running> {
        self.0.last()
    }

    #[inline]
    fn add(&mut self, request: Running) {
        let mut at = self.0.len();
        self.0.push(request);
        while at > 0 && self.0[at - 1].target < request.target {
            self.0[at] = self.0[at - 1];
            at -= 1;
        }
        self.0[at] = request;
    }

    #[inline]
    fn remove_first(&mut self) -> Option<Running> {
        self.0.pop()
    }
}

impl Computing for Heap<Running> {
    #[inline]
    fn len(&self) -> usize {
        Heap::len(self)
    }

    #[inline]
    fn first(&self) -> Option<&Running> {
        Heap::first(self)
    }

    #[inline]
    fn add(&mut self, request: Running) {
        self.push(request);
    }

    #[inline]
    fn remove_first(&mut self) -> Option<Running> {
        self.pop()
    }
}

struct Sharing<'a, C, K> {
    watch: Watch<'a>,
    rates: Rates,
    computing: C,
    /// (arrival, demand) of those who wait.
    queue: VecDeque<(u64, u64)>,
    idle: u32,
    backlog: Backlog,
    now: SimInstant,
    /// The clock of attained service.
    attained: u128,
    until: u64,
    /// Those inside who came before `until`.
    early: u64,
    requests: Box<Requests>,
    records: Box<RecordBlock>,
    sink: &'a mut K,
}

impl<'a, C: Computing, K: Sink> Sharing<'a, C, K> {
    fn new(
        server: &Server,
        rates: Rates,
        computing: C,
        source: OpenBlocks,
        run: Run<'a>,
        sink: &'a mut K,
    ) -> Self {
        Sharing {
            watch: Watch::new(run),
            rates,
            computing,
            queue: VecDeque::new(),
            idle: server.slots(),
            backlog: server.backlog,
            now: SimInstant(0),
            attained: 0,
            until: run.until.as_nanos(),
            early: 0,
            requests: Box::new(Requests::new(source)),
            records: Box::new(RecordBlock::new()),
            sink,
        }
    }

    /// Requests that arrive from `run.until` on are not told of, but they do take their share as
    /// long as somebody is inside who came before.
    fn run(mut self) -> End {
        while self.early > 0 || self.next_arrival() < self.until {
            if self.watch.ends() || self.step() {
                break;
            }
        }
        self.records.tell(self.sink);
        self.watch.end()
    }

    #[inline]
    fn next_arrival(&self) -> u64 {
        self.requests.next_arrival()
    }

    /// One instant; whether the run ends in it.
    #[inline]
    fn step(&mut self) -> bool {
        let comes = SimInstant::of(Time::from_nanos(self.next_arrival()));
        match self.computing.first().map(|first| (self.end_of(first.target), first.target)) {
            // The clock arrives where it was bound for, whatever the rounding.
            Some((end, target)) if end <= comes => {
                self.attained = self.attained.max(target);
                self.now = end.max(self.now);
            }
            Some(_) => {
                let passed = comes.0.saturating_sub(self.now.0);
                self.attained += self.rates.gained(self.computing.len(), passed);
                self.now = comes.max(self.now);
            }
            None => (self.attained, self.now) = (0, comes.max(self.now)),
        }
        // Arrivals from outside never stand still: no two steps are of one instant.
        self.watch.clock_moved();
        self.finish();
        loop {
            let comes = SimInstant::of(Time::from_nanos(self.next_arrival()));
            if !comes.due(self.now) || comes == SimInstant::NEVER {
                return false;
            }
            if self.watch.ends() {
                return true;
            }
            self.admit();
        }
    }

    /// Who has all it asked for departs; then freed workers take those who wait longest. All ends
    /// come before anybody starts.
    #[inline]
    fn finish(&mut self) {
        let mut departed = false;
        while let Some(first) = self.computing.first() {
            let lacks = first.target.saturating_sub(self.attained);
            if lacks_too_much(lacks) || lacks > 0 && !self.end_of(first.target).due(self.now) {
                break;
            }
            if let Some(request) = self.computing.remove_first() {
                self.depart(request.arrival, request.start, request.cpu);
                departed = true;
            }
        }
        if departed {
            self.dispatch();
        }
    }

    #[inline]
    fn depart(&mut self, arrival: u64, start: u64, cpu: u64) {
        self.idle += 1;
        self.early -= u64::from(arrival < self.until);
        self.records.push(arrival, start, self.now.to_time().as_nanos(), cpu);
        if self.records.count == BLOCK {
            self.records.tell(self.sink);
        }
    }

    #[inline]
    fn dispatch(&mut self) {
        while self.idle > 0 {
            let Some((arrival, demand)) = self.queue.pop_front() else { return };
            self.start(arrival, demand);
        }
    }

    /// A worker takes a request; one that asks for nothing departs at once.
    #[inline]
    fn start(&mut self, arrival: u64, demand: u64) {
        self.idle -= 1;
        let start = self.now.to_time().as_nanos();
        if demand == 0 {
            return self.depart(arrival, start, 0);
        }
        let target = self.attained + SimInstant::steps(Span::from_nanos(demand));
        self.computing.add(Running { target, arrival, start, cpu: demand });
        self.rates.reach(self.computing.len());
    }

    /// A request arrives.
    #[inline]
    fn admit(&mut self) {
        let (arrival, demand, _) = self.requests.take();
        // A clock that is ahead by a rounding is rounded back.
        self.early += u64::from(arrival < self.until);
        if self.idle > 0 {
            self.start(arrival, demand);
        } else if self.backlog.admits(self.queue.len() as u64) {
            self.queue.push_back((arrival, demand));
        } else {
            self.refuse(arrival, demand);
        }
    }

    #[cold]
    fn refuse(&mut self, arrival: u64, cpu: u64) {
        self.early -= u64::from(arrival < self.until);
        let (arrival, cpu) = (Time::from_nanos(arrival), Span::from_nanos(cpu));
        self.sink.take(&RequestRecord {
            request: 0,
            client: 0,
            worker: 0,
            route: 0,
            arrival,
            start: arrival,
            departure: arrival,
            cpu,
            outcome: Outcome::Refused,
        });
    }

    #[inline]
    fn end_of(&self, target: u128) -> SimInstant {
        let left = target.saturating_sub(self.attained);
        let steps = self.rates.needed(self.computing.len(), left);
        SimInstant(self.now.0.saturating_add(steps)).min(SimInstant::NEVER)
    }
}
