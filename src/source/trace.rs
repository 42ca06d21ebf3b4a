//! Recorded arrivals.

use super::{Arrival, Source};
use crate::distribution::Sampler;
use crate::instant::SimInstant;
use crate::model::{Demand, Server, Trace};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::time::Span;

/// Replays a trace.
#[derive(Debug)]
pub(crate) struct TraceSource<'a> {
    trace: &'a Trace,
    next: usize,
    patience: Option<(Sampler, Stream)>,
}

impl<'a> TraceSource<'a> {
    /// From the first request on; only the clients' patience may be random.
    pub(crate) fn new(
        trace: &'a Trace,
        server: &Server,
        seed: Seed,
        replication: Replication,
    ) -> Self {
        let patience = server.patience.as_ref().map(|distribution| {
            (distribution.sampler(), Stream::new(seed, Purpose::Patience, replication, 0))
        });
        TraceSource { trace, next: 0, patience }
    }
}

impl Source for TraceSource<'_> {
    #[inline]
    fn peek(&self) -> SimInstant {
        if self.next < self.trace.len() {
            SimInstant::of(self.trace.arrival(self.next))
        } else {
            SimInstant::NEVER
        }
    }

    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        let drawn = self.trace.demands(self.next);
        demands[..drawn.len()].copy_from_slice(drawn);
        let route = self.trace.route(self.next);
        self.next += 1;
        let patience =
            self.patience.as_mut().map_or(Span::MAX, |(sampler, stream)| sampler.draw(stream));
        Arrival { client: 0, route, phases: drawn.len(), patience }
    }

    fn longest(&self) -> usize {
        self.trace.longest()
    }

    fn answered(&mut self, _client: u32, _served: bool, _now: SimInstant) {}
}
