//! Arrivals from outside.

use super::{Arrival, Source};
use crate::law::{ArrivalSampler, Law, Sampler};
use crate::model::{Demand, Open, PhaseKind};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::tick::Tick;
use crate::time::{Span, Time};
use crate::visit::BLOCK;

/// An open loop: request i has the same arrival and the same demands in every cell of a sweep.
#[derive(Debug)]
pub struct OpenSource {
    gaps: ArrivalSampler,
    gap_stream: Stream,
    /// The arrival before the first of the block.
    last: u64,
    /// Arrivals of a block of requests, and how many of them are taken.
    arrivals: [u64; BLOCK],
    taken: usize,
    phases: Vec<(PhaseKind, Draws)>,
    patience: Option<Draws>,
}

/// One law with its stream, drawn for a block of requests.
#[derive(Debug)]
struct Draws {
    sampler: Sampler,
    stream: Stream,
    block: [u64; BLOCK],
}

impl Draws {
    fn new(law: &Law, seed: Seed, purpose: Purpose, replication: Replication) -> Self {
        let stream = Stream::new(seed, purpose, replication, 0);
        Draws { sampler: law.sampler(), stream, block: [0; BLOCK] }
    }

    fn refill(&mut self) {
        self.sampler.fill(&mut self.stream, &mut self.block);
    }
}

impl OpenSource {
    /// The arrivals of one replication.
    pub fn new(
        open: &Open,
        patience: Option<&Law>,
        seed: Seed,
        replication: Replication,
    ) -> OpenSource {
        let draws = |law: &Law, purpose| Draws::new(law, seed, purpose, replication);
        let phases = (open.phases.iter().enumerate())
            .map(|(k, phase)| (phase.kind, draws(&phase.demand, Purpose::Phase(k as u16))))
            .collect();
        let mut source = OpenSource {
            gaps: open.arrivals.sampler(open.rate.per_second()),
            gap_stream: Stream::new(seed, Purpose::Arrival, replication, 0),
            last: 0,
            arrivals: [0; BLOCK],
            taken: 0,
            phases,
            patience: patience.map(|law| draws(law, Purpose::Patience)),
        };
        source.refill();
        source
    }

    /// When request number `count` (from 1) of a replication arrives.
    pub fn arrival_of(open: &Open, seed: Seed, replication: Replication, count: u64) -> Time {
        let open = Open { phases: Vec::new(), ..open.clone() };
        let mut source = OpenSource::new(&open, None, seed, replication);
        let (blocks, rest) = ((count - 1) / BLOCK as u64, (count - 1) % BLOCK as u64);
        (0..blocks).for_each(|_| source.refill());
        Time::from_nanos(source.arrivals[rest as usize])
    }

    /// Draws the next block of requests.
    fn refill(&mut self) {
        self.taken = 0;
        self.gaps.fill(&mut self.gap_stream, &mut self.arrivals);
        for arrival in &mut self.arrivals {
            self.last = self.last.saturating_add(*arrival);
            *arrival = self.last;
        }
        self.phases.iter_mut().for_each(|(_, draws)| draws.refill());
        self.patience.iter_mut().for_each(Draws::refill);
    }

    /// Whether clients leave the listen queue.
    pub fn impatient(&self) -> bool {
        self.patience.is_some()
    }

    /// Takes a whole [`BLOCK`] of requests; none of an earlier block may be left.
    pub fn take_block(&mut self, into: &mut RequestBlock) {
        debug_assert_eq!(self.taken, 0, "blocks are taken whole");
        into.arrival = self.arrivals;
        if let [(kind, draws)] = &self.phases[..] {
            // The usual request has one phase.
            for (total, span) in into.total.iter_mut().zip(&draws.block) {
                *total = (*span).min(u64::MAX >> 1);
            }
            if *kind == PhaseKind::Cpu {
                into.cpu = into.total;
            }
        } else {
            self.sum_phases(into);
        }
        self.refill();
    }

    fn sum_phases(&self, into: &mut RequestBlock) {
        into.cpu.fill(0);
        into.total.fill(0);
        for (kind, draws) in &self.phases {
            let computes = if *kind == PhaseKind::Cpu { u64::MAX } else { 0 };
            for (at, span) in draws.block.iter().enumerate() {
                let span = (*span).min(u64::MAX >> 1);
                into.total[at] = into.total[at].saturating_add(span);
                into.cpu[at] = into.cpu[at].saturating_add(span & computes);
            }
        }
    }
}

/// Consecutive requests of an open loop, side by side, in nanoseconds.
#[derive(Clone, Debug)]
pub struct RequestBlock {
    /// Arrivals.
    pub arrival: [u64; BLOCK],
    /// CPU demand of each.
    pub cpu: [u64; BLOCK],
    /// Total demand of each.
    pub total: [u64; BLOCK],
}

impl RequestBlock {
    /// Nothing taken yet.
    pub fn new() -> Self {
        RequestBlock { arrival: [0; BLOCK], cpu: [0; BLOCK], total: [0; BLOCK] }
    }
}

impl Default for RequestBlock {
    fn default() -> Self {
        RequestBlock::new()
    }
}

impl<T: Tick> Source<T> for OpenSource {
    #[inline]
    fn peek(&self) -> T {
        T::of(Time::from_nanos(self.arrivals[self.taken]))
    }

    #[inline]
    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        let at = self.taken;
        for (k, (kind, draws)) in self.phases.iter().enumerate() {
            demands[k] = Demand::new(*kind, Span::from_nanos(draws.block[at]));
        }
        let patience =
            self.patience.as_ref().map_or(Span::MAX, |draws| Span::from_nanos(draws.block[at]));
        self.taken += 1;
        if self.taken == BLOCK {
            self.refill();
        }
        Arrival { client: 0, phases: self.phases.len(), patience }
    }

    fn longest(&self) -> usize {
        self.phases.len()
    }

    #[inline]
    fn answered(&mut self, _client: u32, _now: T) {}
}
