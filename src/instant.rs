//! The instants that an engine orders its events by.
//!
//! Where nobody shares a core everything happens at whole nanoseconds: [`Whole`]. Where cores are
//! shared, work is divided and instants fall between: [`Fine`] counts 2^-32 ns in 128 bits.
//! Rounding each instant to whole nanoseconds there would shift everybody's share a little at
//! every event (hundreds of nanoseconds in a busy hour); floats would drift and, late in a long
//! run, stand still. Two fine instants are *the same* if they agree after rounding to 2^-10 ns:
//! rounding errors of the division, a few 2^-32 ns, never decide who comes first.

use crate::time::{Span, Time};

/// A point in time with a total order.
pub trait SimInstant: Copy + Ord + std::fmt::Debug {
    /// Whether ticks of one instant may differ by the rounding of divisions.
    const ROUNDED: bool;
    /// Later than everything.
    const NEVER: Self;
    /// The instant of a whole nanosecond.
    fn of(time: Time) -> Self;
    /// The whole nanosecond nearest to it.
    fn to_time(self) -> Time;
    /// The instant `span` later; stops at the end of time.
    fn after(self, span: Span) -> Self;
    /// The instant as a number in the same order, below 2^96.
    fn bits(self) -> u128;
    /// The instant of such a number.
    fn from_bits(bits: u128) -> Self;
    /// The instant that stands for all of one instant: what ties are broken after.
    fn instant(self) -> Self;
    /// Whether this instant has come at `now`: it is not later, or the same instant.
    fn due(self, now: Self) -> bool;
    /// Whether two ticks are one instant.
    #[inline]
    fn same_instant(self, other: Self) -> bool {
        self.instant() == other.instant()
    }
}

/// Whole nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whole(pub u64);

impl SimInstant for Whole {
    const ROUNDED: bool = false;
    const NEVER: Self = Whole(u64::MAX);

    #[inline]
    fn of(time: Time) -> Self {
        Whole(time.as_nanos())
    }

    #[inline]
    fn to_time(self) -> Time {
        Time::from_nanos(self.0)
    }

    #[inline]
    fn after(self, span: Span) -> Self {
        Whole(self.0.saturating_add(span.as_nanos()))
    }

    #[inline]
    fn bits(self) -> u128 {
        u128::from(self.0)
    }

    #[inline]
    fn from_bits(bits: u128) -> Self {
        Whole(bits as u64)
    }

    #[inline]
    fn instant(self) -> Self {
        self
    }

    #[inline]
    fn due(self, now: Self) -> bool {
        self <= now
    }
}

/// Steps of 2^-32 ns.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fine(pub u128);

/// Binary places of a [`Fine`] behind the nanosecond.
pub const FINE_BITS: u32 = 32;
/// Binary places that are rounded away before instants are compared.
const COMPARED: u32 = FINE_BITS - 10;

impl Fine {
    /// A span in fine steps.
    #[inline]
    pub fn steps(span: Span) -> u128 {
        u128::from(span.as_nanos()) << FINE_BITS
    }
}

impl SimInstant for Fine {
    const ROUNDED: bool = true;
    /// The end of time is that of [`Time::MAX`]: sums beyond it stop there.
    const NEVER: Self = Fine((u64::MAX as u128) << FINE_BITS);

    #[inline]
    fn of(time: Time) -> Self {
        Fine(u128::from(time.as_nanos()) << FINE_BITS)
    }

    #[inline]
    fn to_time(self) -> Time {
        Time::from_nanos(((self.0 + (1 << (FINE_BITS - 1))) >> FINE_BITS) as u64)
    }

    #[inline]
    fn after(self, span: Span) -> Self {
        Fine(self.0 + Fine::steps(span)).min(Fine::NEVER)
    }

    #[inline]
    fn bits(self) -> u128 {
        self.0
    }

    #[inline]
    fn from_bits(bits: u128) -> Self {
        Fine(bits)
    }

    #[inline]
    fn instant(self) -> Self {
        Fine((self.0 + (1 << (COMPARED - 1))) >> COMPARED << COMPARED)
    }

    #[inline]
    fn due(self, now: Self) -> bool {
        // Two roundings are spared where the distance is more than one of them could bridge.
        match self.0.checked_sub(now.0) {
            None | Some(0) => true,
            Some(later) => later < 1 << COMPARED && self.same_instant(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_compared_after_rounding() {
        let second = Fine::of(Time::from_nanos(1_000_000_000));
        assert!(second.same_instant(Fine(second.0 - 1)));
        assert!(second.same_instant(Fine(second.0 + 1000)));
        assert!(!second.same_instant(Fine(second.0 + (1 << COMPARED))));
        assert_eq!(Fine(second.0 - 1).to_time(), second.to_time());
    }

    #[test]
    fn the_end_of_time_holds() {
        assert_eq!(Fine::of(Time::MAX).after(Span::MAX), Fine::NEVER);
        assert_eq!(Fine::NEVER.to_time(), Time::MAX);
        assert_eq!(Fine::NEVER.instant(), Fine::NEVER);
        assert_eq!(Whole::of(Time::MAX).after(Span::MAX), Whole::NEVER);
    }
}
