//! The random draws of the engine. Every draw is a function of seed, purpose, replication and a number
//! that does not depend on the cell (of a request, of a worker), so that the cells of a sweep get the
//! same draws.

use rand::RngExt;

use crate::distribution::Sampler;
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::time::Span;

#[derive(Clone, Copy, Debug)]
pub(super) struct RandomDraws {
    pub(crate) seed: Seed,
    pub(crate) replication: Replication,
}

impl RandomDraws {
    fn stream(self, purpose: Purpose, lane: u64) -> Stream {
        Stream::new(self.seed, purpose, self.replication, lane)
    }

    /// A number from 0 to below 1.
    pub(crate) fn share(self, purpose: Purpose, lane: u64) -> f64 {
        self.stream(purpose, lane).random::<f64>()
    }

    /// A whole number from 0 to `most`, both in.
    pub(crate) fn whole(self, purpose: Purpose, lane: u64, most: u64) -> u64 {
        self.stream(purpose, lane).random_range(0..=most)
    }

    /// A random part of a span.
    pub(crate) fn part(self, purpose: Purpose, lane: u64, of: Span) -> Span {
        Span::from_nanos_f64(self.share(purpose, lane) * of.as_nanos() as f64)
    }

    /// Whole numbers, each from 0 to below what it is asked for (at least 1).
    pub(crate) fn draws(self, purpose: Purpose, lane: u64) -> impl FnMut(u32) -> u32 {
        let mut stream = self.stream(purpose, lane);
        move |below| stream.random_range(0..below.max(1))
    }

    /// A draw of a distribution.
    pub(crate) fn draw(self, sampler: &Sampler, purpose: Purpose, lane: u64) -> Span {
        sampler.draw(&mut self.stream(purpose, lane))
    }
}

/// The lane of one attempt of one request. Attempts from the 256th on are counted in the topmost
/// byte: enough for 65,536 attempts of each of 2^48 requests.
pub(super) fn attempt_lane(request: u64, attempt: u32) -> u64 {
    let [low, high, ..] = attempt.to_le_bytes();
    u64::from(high) << 56 | request << 8 | u64::from(low)
}

/// The lane of one draw of the arbiter of a host.
pub(super) fn arbiter_lane(host: u32, draw: u64) -> u64 {
    u64::from(host) << 40 | draw
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::attempt_lane;
    use crate::model::runtime::MAX_RETRIES;

    /// Two pauses that shared a lane would be of the same length.
    #[test]
    fn every_attempt_has_a_lane_of_its_own() {
        let of = |request| (1..=MAX_RETRIES + 1).map(move |attempt| attempt_lane(request, attempt));
        let lanes: BTreeSet<u64> = (0..40).chain([1 << 47]).flat_map(of).collect();
        assert_eq!(lanes.len(), 41 * (MAX_RETRIES as usize + 1));
    }
}
