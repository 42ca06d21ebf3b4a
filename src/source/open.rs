//! Arrivals from outside.

use super::{Arrival, Source};
use crate::distribution::{ArrivalSampler, Distribution, Sampler};
use crate::instant::SimInstant;
use crate::model::{Demand, Open, PhaseKind};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::record::BLOCK;
use crate::time::{Span, Time};

/// Instants of arrival, a block after another.
#[derive(Debug)]
struct Arrivals {
    gaps: ArrivalSampler,
    stream: Stream,
    /// The last arrival of the block before.
    last: u64,
}

impl Arrivals {
    fn new(open: &Open, seed: Seed, replication: Replication) -> Self {
        Arrivals {
            gaps: open.arrivals.sampler(open.rate.per_second()),
            stream: Stream::new(seed, Purpose::Arrival, replication, 0),
            last: 0,
        }
    }

    fn fill(&mut self, arrivals: &mut [u64]) {
        self.gaps.fill_arrivals(&mut self.stream, self.last, arrivals);
        self.last = arrivals.last().copied().unwrap_or(self.last);
    }
}

/// One distribution with its stream.
#[derive(Debug)]
struct Draws {
    sampler: Sampler,
    stream: Stream,
}

impl Draws {
    fn new(
        distribution: &Distribution,
        seed: Seed,
        purpose: Purpose,
        replication: Replication,
    ) -> Self {
        Draws {
            sampler: distribution.sampler(),
            stream: Stream::new(seed, purpose, replication, 0),
        }
    }

    fn fill(&mut self, nanos: &mut [u64]) {
        self.sampler.fill(&mut self.stream, nanos);
    }

    fn fill_demands(&mut self, nanos: &mut [u64]) {
        self.sampler.fill_demands(&mut self.stream, nanos);
    }
}

/// The demands of all phases, each with its kind.
fn phases(open: &Open, seed: Seed, replication: Replication) -> Vec<(PhaseKind, Draws)> {
    let draws =
        |(k, distribution)| Draws::new(distribution, seed, Purpose::Phase(k as u16), replication);
    let phases = open.phases.iter().enumerate();
    phases.map(|(k, phase)| (phase.kind, draws((k, &phase.demand)))).collect()
}

/// An open loop of clients who do not leave the queue, in blocks: the same requests as
/// [`OpenSource`] gives, with all phases of one added up.
#[derive(Debug)]
pub struct OpenBlocks {
    arrivals: Arrivals,
    phases: Vec<(PhaseKind, Draws)>,
    scratch: Box<[u64; BLOCK]>,
}

impl OpenBlocks {
    /// The arrivals of one replication.
    pub fn new(open: &Open, seed: Seed, replication: Replication) -> OpenBlocks {
        OpenBlocks {
            arrivals: Arrivals::new(open, seed, replication),
            phases: phases(open, seed, replication),
            scratch: Box::new([0; BLOCK]),
        }
    }

    /// Writes the next requests, in nanoseconds: when each arrives, how much time it asks for in
    /// all, and how much CPU time. True if the two are the same, then `cpu` is left alone.
    pub fn fill(
        &mut self,
        arrival: &mut [u64; BLOCK],
        total: &mut [u64; BLOCK],
        cpu: &mut [u64; BLOCK],
    ) -> bool {
        self.arrivals.fill(arrival);
        // The usual request has one phase.
        let [(first, draws), others @ ..] = &mut self.phases[..] else { return true };
        draws.fill_demands(total);
        match first {
            PhaseKind::Cpu if others.is_empty() => return true,
            PhaseKind::Cpu => *cpu = *total,
            PhaseKind::Io => cpu.fill(0),
        }
        for (kind, draws) in others {
            draws.fill_demands(&mut self.scratch[..]);
            let computes = if *kind == PhaseKind::Cpu { u64::MAX } else { 0 };
            for (at, span) in self.scratch.iter().enumerate() {
                total[at] = total[at].saturating_add(*span);
                cpu[at] = cpu[at].saturating_add(span & computes);
            }
        }
        false
    }
}

/// An open loop: request i has the same arrival and the same demands in every cell of a sweep.
#[derive(Debug)]
pub struct OpenSource {
    arrivals: Arrivals,
    phases: Vec<(PhaseKind, Draws)>,
    patience: Option<Draws>,
    /// A block of requests, and how many of them are taken.
    drawn: Drawn,
    taken: usize,
}

/// What was drawn for a block of requests.
#[derive(Debug)]
struct Drawn {
    arrivals: Box<[u64; BLOCK]>,
    /// Demands of a request lie together.
    demands: Vec<Demand>,
    patience: Vec<Span>,
    scratch: Box<[u64; BLOCK]>,
}

impl OpenSource {
    /// The arrivals of one replication.
    pub fn new(
        open: &Open,
        patience: Option<&Distribution>,
        seed: Seed,
        replication: Replication,
    ) -> OpenSource {
        let nothing = Demand::new(PhaseKind::Io, Span::ZERO);
        let mut source = OpenSource {
            arrivals: Arrivals::new(open, seed, replication),
            phases: phases(open, seed, replication),
            patience: patience
                .map(|distribution| Draws::new(distribution, seed, Purpose::Patience, replication)),
            drawn: Drawn {
                arrivals: Box::new([0; BLOCK]),
                demands: vec![nothing; BLOCK * open.phases.len()],
                patience: vec![Span::MAX; BLOCK],
                scratch: Box::new([0; BLOCK]),
            },
            taken: 0,
        };
        source.refill();
        source
    }

    /// When request number `count` (from 1) of a replication arrives.
    pub fn arrival_of(open: &Open, seed: Seed, replication: Replication, count: u64) -> Time {
        OpenSource::arrival_before(open, seed, replication, count, || false)
    }

    /// The same, or a later of its arrivals so far once `stopped` says that it is no longer wanted.
    pub fn arrival_before(
        open: &Open,
        seed: Seed,
        replication: Replication,
        count: u64,
        mut stopped: impl FnMut() -> bool,
    ) -> Time {
        let mut arrivals = Arrivals::new(open, seed, replication);
        let mut block = [0; BLOCK];
        let (blocks, rest) = ((count - 1) / BLOCK as u64, (count - 1) % BLOCK as u64);
        for number in 0..=blocks {
            arrivals.fill(&mut block);
            if number % 64 == 63 && stopped() {
                break;
            }
        }
        Time::from_nanos(block[rest as usize])
    }

    /// Draws the next block of requests.
    fn refill(&mut self) {
        let Drawn { arrivals, demands, patience, scratch } = &mut self.drawn;
        self.taken = 0;
        self.arrivals.fill(&mut arrivals[..]);
        let count = self.phases.len();
        for (k, (kind, draws)) in self.phases.iter_mut().enumerate() {
            draws.fill(&mut scratch[..]);
            for (at, nanos) in scratch.iter().enumerate() {
                demands[at * count + k] = Demand::new(*kind, Span::from_nanos(*nanos));
            }
        }
        if let Some(draws) = &mut self.patience {
            draws.fill(&mut scratch[..]);
            let drawn = scratch.iter().map(|nanos| Span::from_nanos(*nanos));
            patience.iter_mut().zip(drawn).for_each(|(patience, drawn)| *patience = drawn);
        }
    }
}

impl<T: SimInstant> Source<T> for OpenSource {
    #[inline]
    fn peek(&self) -> T {
        T::of(Time::from_nanos(self.drawn.arrivals[self.taken]))
    }

    #[inline]
    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        let (at, phases) = (self.taken, self.phases.len());
        if phases == 1 {
            demands[0] = self.drawn.demands[at];
        } else {
            demands[..phases].copy_from_slice(&self.drawn.demands[at * phases..][..phases]);
        }
        let patience = self.drawn.patience[at];
        self.taken += 1;
        if self.taken == BLOCK {
            self.refill();
        }
        Arrival { client: 0, phases, patience }
    }

    fn longest(&self) -> usize {
        self.phases.len()
    }

    #[inline]
    fn answered(&mut self, _client: u32, _served: bool, _now: T) {}
}
