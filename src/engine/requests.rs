//! Requests that were drawn, one by one: for loops over instants.

use crate::record::BLOCK;
use crate::source::OpenBlocks;

/// A block of requests and how many of them are taken.
#[derive(Debug)]
pub(super) struct Requests {
    source: OpenBlocks,
    arrival: [u64; BLOCK],
    total: [u64; BLOCK],
    cpu: [u64; BLOCK],
    /// Each asks for nothing but CPU time.
    computing: bool,
    taken: usize,
}

impl Requests {
    pub(super) fn new(source: OpenBlocks) -> Self {
        let nothing = [0; BLOCK];
        let (arrival, total, cpu) = (nothing, nothing, nothing);
        let mut requests = Requests { source, arrival, total, cpu, computing: true, taken: 0 };
        requests.refill();
        requests
    }

    fn refill(&mut self) {
        self.computing = self.source.fill(&mut self.arrival, &mut self.total, &mut self.cpu);
        self.taken = 0;
    }

    /// When the next one arrives.
    #[inline]
    pub(super) fn next_arrival(&self) -> u64 {
        self.arrival[self.taken]
    }

    /// Takes the next one: its arrival, how much time it asks for in all, and how much CPU time.
    #[inline]
    pub(super) fn take(&mut self) -> (u64, u64, u64) {
        let at = self.taken;
        let (arrival, total) = (self.arrival[at], self.total[at]);
        let cpu = if self.computing { total } else { self.cpu[at] };
        self.taken += 1;
        if self.taken == BLOCK {
            self.refill();
        }
        (arrival, total, cpu)
    }
}
