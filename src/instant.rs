//! The instants that an engine orders its events by.
//!
//! Where cores are shared, work is divided and instants fall between whole nanoseconds:
//! [`SimInstant`] counts 2^-32 ns in 128 bits. Rounding each instant to whole nanoseconds would shift
//! all shares a little at every event (hundreds of nanoseconds in a busy hour); floats would drift
//! and, late in a long run, stand still. Two instants are *the same* if they agree after rounding to
//! 2^-10 ns: rounding errors of the division, a few 2^-32 ns, never decide which is first.

use crate::time::{Span, Time};

/// A point in time, in steps of 2^-32 ns.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SimInstant(pub(crate) u128);

/// Binary places of a [`SimInstant`] behind the nanosecond.
pub(crate) const FINE_BITS: u32 = 32;
/// Binary places that are rounded away before instants are compared.
const COMPARED: u32 = FINE_BITS - 10;

impl SimInstant {
    /// Later than everything. The end of time is that of [`Time::MAX`]: sums beyond it stop there.
    pub(crate) const NEVER: Self = SimInstant((u64::MAX as u128) << FINE_BITS);

    /// A span in steps.
    #[inline]
    pub(crate) fn steps(span: Span) -> u128 {
        u128::from(span.as_nanos()) << FINE_BITS
    }

    /// The instant of a whole nanosecond.
    #[inline]
    pub fn of(time: Time) -> Self {
        SimInstant(u128::from(time.as_nanos()) << FINE_BITS)
    }

    /// The whole nanosecond nearest to it.
    #[inline]
    pub fn to_time(self) -> Time {
        Time::from_nanos(((self.0 + (1 << (FINE_BITS - 1))) >> FINE_BITS) as u64)
    }

    /// The instant `span` later; stops at the end of time.
    #[inline]
    pub(crate) fn after(self, span: Span) -> Self {
        SimInstant(self.0 + SimInstant::steps(span)).min(SimInstant::NEVER)
    }

    /// The instant that stands for all of one instant: what ties are broken after.
    #[inline]
    pub(crate) fn instant(self) -> Self {
        SimInstant((self.0 + (1 << (COMPARED - 1))) >> COMPARED << COMPARED)
    }

    /// Whether this instant has come at `now`: it is not later, or the same instant.
    #[inline]
    pub(crate) fn due(self, now: Self) -> bool {
        // Two roundings are spared where the distance is more than one of them could bridge.
        match self.0.checked_sub(now.0) {
            None | Some(0) => true,
            Some(later) => later < 1 << COMPARED && self.same_instant(now),
        }
    }

    /// Whether two are one instant.
    #[inline]
    pub(crate) fn same_instant(self, other: Self) -> bool {
        self.instant() == other.instant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_compared_after_rounding() {
        let second = SimInstant::of(Time::from_nanos(1_000_000_000));
        assert!(second.same_instant(SimInstant(second.0 - 1)));
        assert!(second.same_instant(SimInstant(second.0 + 1000)));
        assert!(!second.same_instant(SimInstant(second.0 + (1 << COMPARED))));
        assert_eq!(SimInstant(second.0 - 1).to_time(), second.to_time());
    }

    #[test]
    fn the_end_of_time_holds() {
        assert_eq!(SimInstant::of(Time::MAX).after(Span::MAX), SimInstant::NEVER);
        assert_eq!(SimInstant::NEVER.to_time(), Time::MAX);
        assert_eq!(SimInstant::NEVER.instant(), SimInstant::NEVER);
    }
}
