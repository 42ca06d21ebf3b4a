//! The recursion of Kiefer and Wolfowitz (1955, "On the theory of queues with many servers"):
//!
//! > start = max(arrival, the earliest instant at which a worker is free)
//!
//! For models in which nobody shares a core and arrivals wait for no answer this is the whole
//! simulation: no events, one heap of workers by (free from, number). A full queue is known from
//! the starts of those before (they are in order), an impatient client from its own wait.

use std::collections::VecDeque;

use super::Run;
use crate::heap::Heap;
use crate::model::request::{cpu_of, total_of};
use crate::model::{Backlog, Demand, PhaseKind, Server};
use crate::source::Source;
use crate::tick::{Tick, Whole};
use crate::time::{Span, Time};
use crate::visit::{Outcome, Sink, Visit};

/// Runs the requests of `source` through the workers of `server`.
pub fn run<S: Source<Whole>, K: Sink>(server: &Server, mut source: S, run: Run<'_>, sink: &mut K) {
    let mut workers = Heap::new();
    for worker in 0..server.workers {
        workers.push(Time::ZERO, worker);
    }
    let mut waiting = Waiting { backlog: server.backlog, starts: VecDeque::new() };
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
        let (free, worker) = workers.peek().expect("a server has a worker");
        let start = arrival.max(free);
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
        if !waiting.admits(arrival, start) {
            visit.outcome = Outcome::Refused;
            (visit.start, visit.departure) = (arrival, arrival);
        } else if start > leaves {
            visit.outcome = Outcome::TimedOut;
            (visit.start, visit.departure) = (leaves, leaves);
        } else {
            workers.replace_top(visit.departure, worker);
        }
        sink.take(&visit);
    }
}

/// Starts of the accepted requests that may still wait, in order.
struct Waiting {
    backlog: Backlog,
    starts: VecDeque<Time>,
}

impl Waiting {
    /// Whether a request that arrives at `arrival` and would start at `start` finds a place;
    /// if so, it takes it.
    #[inline]
    fn admits(&mut self, arrival: Time, start: Time) -> bool {
        if self.backlog == Backlog::Unlimited {
            return true;
        }
        if start <= arrival {
            // It starts at once, so everybody before it has started.
            self.starts.clear();
            return true;
        }
        while self.starts.front().is_some_and(|first| *first <= arrival) {
            self.starts.pop_front();
        }
        let admitted = self.backlog.admits(self.starts.len() as u64);
        if admitted {
            self.starts.push_back(start);
        }
        admitted
    }
}
