//! Arrivals from outside.

use super::routed::RouteDraw;
use super::{Arrival, Source, purpose};
use crate::distribution::{ArrivalSampler, Distribution, Sampler};
use crate::instant::SimInstant;
use crate::model::{Demand, Mix, Open, Phase, PhaseKind, Route};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::record::BLOCK;
use crate::time::{Span, Time};

/// Instants of arrival, a block after another.
#[derive(Debug)]
struct ArrivalTimes {
    gaps: ArrivalSampler,
    stream: Stream,
    /// The last arrival of the block before.
    last: u64,
}

impl ArrivalTimes {
    fn new(open: &Open, seed: Seed, replication: Replication) -> Self {
        ArrivalTimes {
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
struct DemandDraws {
    sampler: Sampler,
    stream: Stream,
}

impl DemandDraws {
    fn new(
        distribution: &Distribution,
        seed: Seed,
        purpose: Purpose,
        replication: Replication,
    ) -> Self {
        DemandDraws {
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

/// The demands of the phases of a route, by its number, each with its kind.
fn phases(
    phases: &[Phase],
    route: usize,
    seed: Seed,
    replication: Replication,
) -> Vec<(PhaseKind, DemandDraws)> {
    let draws =
        |(k, distribution)| DemandDraws::new(distribution, seed, purpose(route, k), replication);
    let phases = phases.iter().enumerate();
    phases.map(|(k, phase)| (phase.kind, draws((k, &phase.demand)))).collect()
}

/// The demands of several routes, and which request is of which.
#[derive(Debug)]
struct RouteDraws {
    draw: RouteDraw,
    stream: Stream,
    phases: Vec<Vec<(PhaseKind, DemandDraws)>>,
    /// The routes of the requests of a block.
    drawn: Vec<u16>,
}

impl RouteDraws {
    fn new(mix: &Mix, seed: Seed, replication: Replication) -> Self {
        let of = |(route, kind): (usize, &Route)| phases(&kind.phases, route, seed, replication);
        RouteDraws {
            draw: RouteDraw::new(mix),
            stream: Stream::new(seed, Purpose::Route, replication, 0),
            phases: mix.kinds().iter().enumerate().map(of).collect(),
            drawn: vec![0; BLOCK],
        }
    }

    /// Draws the requests of a block; the demands of each begin `longest` after those before.
    fn refill(&mut self, demands: &mut [Demand], longest: usize) {
        for (at, route) in self.drawn.iter_mut().enumerate() {
            *route = self.draw.draw(&mut self.stream);
            let phases = self.phases[*route as usize].iter_mut();
            for ((kind, draws), demand) in phases.zip(&mut demands[at * longest..]) {
                *demand = Demand::new(*kind, draws.sampler.draw(&mut draws.stream));
            }
        }
    }
}

/// An open loop of requests that are all alike, of clients who do not leave the queue, in blocks: the
/// same requests as [`OpenSource`] gives, with all phases of one added up.
#[derive(Debug)]
pub struct OpenBlocks {
    arrivals: ArrivalTimes,
    phases: Vec<(PhaseKind, DemandDraws)>,
    scratch: Box<[u64; BLOCK]>,
}

impl OpenBlocks {
    /// The arrivals of one replication.
    pub(crate) fn new(open: &Open, seed: Seed, replication: Replication) -> OpenBlocks {
        OpenBlocks {
            arrivals: ArrivalTimes::new(open, seed, replication),
            phases: phases(open.mix.alike(), 0, seed, replication),
            scratch: Box::new([0; BLOCK]),
        }
    }

    /// Writes the next requests, in nanoseconds: when each arrives, how much time it asks for in
    /// all, and how much CPU time. True if the two are the same, then `cpu` is left alone.
    pub(crate) fn fill(
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
    arrivals: ArrivalTimes,
    phases: Vec<(PhaseKind, DemandDraws)>,
    /// Instead of `phases`, where there are several routes.
    routes: Option<RouteDraws>,
    longest: usize,
    patience: Option<DemandDraws>,
    /// A block of requests, and how many of them are taken.
    drawn: DrawnBlock,
    taken: usize,
}

/// What was drawn for a block of requests.
#[derive(Debug)]
struct DrawnBlock {
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
            arrivals: ArrivalTimes::new(open, seed, replication),
            phases: phases(open.mix.alike(), 0, seed, replication),
            routes: (open.mix.alike().is_empty())
                .then(|| RouteDraws::new(&open.mix, seed, replication)),
            longest: open.mix.longest(),
            patience: patience.map(|distribution| {
                DemandDraws::new(distribution, seed, Purpose::Patience, replication)
            }),
            drawn: DrawnBlock {
                arrivals: Box::new([0; BLOCK]),
                demands: vec![nothing; BLOCK * open.mix.longest()],
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
        let mut arrivals = ArrivalTimes::new(open, seed, replication);
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
        let DrawnBlock { arrivals, demands, patience, scratch } = &mut self.drawn;
        self.taken = 0;
        self.arrivals.fill(&mut arrivals[..]);
        let count = self.longest;
        if let Some(routes) = &mut self.routes {
            routes.refill(demands, count);
        }
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

impl Source for OpenSource {
    #[inline]
    fn peek(&self) -> SimInstant {
        SimInstant::of(Time::from_nanos(self.drawn.arrivals[self.taken]))
    }

    #[inline]
    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        let (at, longest) = (self.taken, self.longest);
        if longest == 1 {
            demands[0] = self.drawn.demands[at];
        } else {
            demands[..longest].copy_from_slice(&self.drawn.demands[at * longest..][..longest]);
        }
        let (route, phases) = match &self.routes {
            None => (0, longest),
            Some(routes) => {
                let route = routes.drawn[at];
                (route, routes.phases[route as usize].len())
            }
        };
        let patience = self.drawn.patience[at];
        self.taken += 1;
        if self.taken == BLOCK {
            self.refill();
        }
        Arrival { client: 0, route, phases, patience }
    }

    fn longest(&self) -> usize {
        self.longest
    }

    #[inline]
    fn answered(&mut self, _client: u32, _served: bool, _now: SimInstant) {}
}
