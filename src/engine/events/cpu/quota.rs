//! The CPU time that a quota grants in each of its periods.

use crate::instant::{FINE_BITS, SimInstant};
use crate::model::Server;
use crate::model::runtime::{Quota, Runtime};
use crate::time::Span;

/// What limits the CPU time of a host beside its cores.
pub(in crate::engine::events) trait Meter {
    /// Lets time pass, in which `spent` was used.
    fn advance(&mut self, now: SimInstant, spent: impl FnOnce() -> u128);

    /// When the CPU time is spent or granted anew, if `cores` cores run.
    fn next(&self, now: SimInstant, cores: impl FnOnce() -> u128) -> SimInstant;

    /// Whether nothing is left.
    fn throttled(&self) -> bool;
}

/// No quota.
#[derive(Debug)]
pub(in crate::engine::events) struct Unmetered;

impl Meter for Unmetered {
    #[inline]
    fn advance(&mut self, _now: SimInstant, _spent: impl FnOnce() -> u128) {}

    #[inline]
    fn next(&self, _now: SimInstant, _cores: impl FnOnce() -> u128) -> SimInstant {
        SimInstant::NEVER
    }

    #[inline]
    fn throttled(&self) -> bool {
        false
    }
}

/// A quota, if there is one.
impl Meter for Option<BandwidthBucket> {
    #[inline]
    fn advance(&mut self, now: SimInstant, spent: impl FnOnce() -> u128) {
        if let Some(bucket) = self {
            bucket.advance(now, spent());
        }
    }

    #[inline]
    fn next(&self, now: SimInstant, cores: impl FnOnce() -> u128) -> SimInstant {
        self.as_ref().map_or(SimInstant::NEVER, |bucket| bucket.next(now, cores()))
    }

    #[inline]
    fn throttled(&self) -> bool {
        self.as_ref().is_some_and(BandwidthBucket::throttled)
    }
}

/// CPU time by the period.
#[derive(Debug)]
pub(in crate::engine::events) struct BandwidthBucket {
    budget: u128,
    period: u128,
    left: u128,
    /// When it is refilled.
    refill: SimInstant,
}

impl BandwidthBucket {
    /// That of a server, if it has one; periods begin from `begin` on.
    pub(crate) fn of(server: &Server, runtime: &Runtime, begin: Span) -> Option<Self> {
        runtime.quota.as_ref().map(|quota| BandwidthBucket::new(quota, server, begin))
    }

    fn new(quota: &Quota, server: &Server, begin: Span) -> Self {
        let budget = SimInstant::steps(quota.budget(server.cores));
        let refill = SimInstant(SimInstant::steps(begin));
        BandwidthBucket { budget, period: SimInstant::steps(quota.period), left: budget, refill }
    }

    /// Lets time pass, in which `spent` was used.
    #[inline]
    fn advance(&mut self, now: SimInstant, spent: u128) {
        self.left = self.left.saturating_sub(spent);
        // The remainder of a rounded division counts as nothing.
        if self.left < 1 << (FINE_BITS - 8) {
            self.left = 0;
        }
        if self.refill <= now {
            let periods = (now.0 - self.refill.0) / self.period + 1;
            self.refill = SimInstant(self.refill.0 + periods * self.period);
            self.left = self.budget;
        }
    }

    /// When the tokens are spent or refilled, if `cores` cores run.
    #[inline]
    fn next(&self, now: SimInstant, cores: u128) -> SimInstant {
        match self.left {
            0 => self.refill,
            left if cores <= 1 => SimInstant(now.0 + left).min(self.refill),
            left => SimInstant(now.0 + left.div_ceil(cores)).min(self.refill),
        }
    }

    #[inline]
    fn throttled(&self) -> bool {
        self.left == 0
    }
}
