//! Arrivals from outside.

use super::draws::Draws;
use super::{Arrival, Source};
use crate::law::{ArrivalSampler, Law};
use crate::model::{Demand, Open, PhaseKind};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::tick::Tick;
use crate::time::{Span, Time};

/// Gaps drawn at a time.
const BLOCK: usize = 256;

/// An open loop: request i has the same arrival and the same demands in every cell of a sweep.
#[derive(Debug)]
pub struct OpenSource {
    gaps: Gaps,
    next: Time,
    phases: Vec<(PhaseKind, Draws)>,
    patience: Option<Draws>,
}

/// The law of the gaps with its stream, a block ahead.
#[derive(Debug)]
struct Gaps {
    sampler: ArrivalSampler,
    stream: Stream,
    block: Vec<u64>,
    at: usize,
}

impl Gaps {
    fn new(open: &Open, seed: Seed, replication: Replication) -> Self {
        let stream = Stream::new(seed, Purpose::Arrival, replication, 0);
        let sampler = open.arrivals.sampler(open.rate.per_second());
        Gaps { sampler, stream, block: vec![0; BLOCK], at: BLOCK }
    }

    #[inline]
    fn next(&mut self) -> Span {
        if self.at == BLOCK {
            self.sampler.fill(&mut self.stream, &mut self.block);
            self.at = 0;
        }
        let gap = self.block[self.at];
        self.at += 1;
        Span::from_nanos(gap)
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
        let phases = (open.phases.iter().enumerate())
            .map(|(k, phase)| {
                let purpose = Purpose::Phase(k as u16);
                (phase.kind, Draws::new(&phase.demand, seed, purpose, replication))
            })
            .collect();
        let patience = patience.map(|law| Draws::new(law, seed, Purpose::Patience, replication));
        let mut gaps = Gaps::new(open, seed, replication);
        let next = Time::ZERO + gaps.next();
        OpenSource { gaps, next, phases, patience }
    }

    /// When request number `count` (from 1) of a replication arrives.
    pub fn arrival_of(open: &Open, seed: Seed, replication: Replication, count: u64) -> Time {
        let mut gaps = Gaps::new(open, seed, replication);
        (0..count).fold(Time::ZERO, |now, _| now + gaps.next())
    }
}

impl<T: Tick> Source<T> for OpenSource {
    #[inline]
    fn peek(&self) -> T {
        T::of(self.next)
    }

    #[inline]
    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        for (slot, (kind, draws)) in demands.iter_mut().zip(&mut self.phases) {
            *slot = Demand::new(*kind, Span::from_nanos(draws.next()));
        }
        let patience =
            self.patience.as_mut().map_or(Span::MAX, |draws| Span::from_nanos(draws.next()));
        self.next = self.next + self.gaps.next();
        Arrival { client: 0, phases: self.phases.len(), patience }
    }

    fn longest(&self) -> usize {
        self.phases.len()
    }

    #[inline]
    fn answered(&mut self, _client: u32, _now: T) {}
}
