//! Processor sharing by virtual time.
//!
//! All runnable workers gain service at the same rate min(1, C/n), so one clock of *attained
//! service* serves them all: who starts a CPU phase of demand d when the clock stands at V is done
//! when it stands at V + d, however the rate changes in between. One heap keyed by that is enough:
//! O(log n) an event, however many share (the virtual-time idea of fair queueing, Parekh &
//! Gallager 1993). The clock returns to zero whenever the cores idle.

use crate::heap::Agenda;
use crate::instant::{FINE_BITS, Fine, SimInstant};
use crate::time::Span;

/// Something that lets requests compute.
pub trait Processor {
    /// The instants that it speaks of.
    type SimInstant: SimInstant;
    /// When the next CPU phase ends; `NEVER` if none runs.
    fn next(&mut self) -> Self::SimInstant;
    /// Lets time pass until `now`, which is not after `next()`.
    fn advance(&mut self, now: Self::SimInstant);
    /// Slot `slot` of process `process` starts to compute `demand` at the instant advanced to.
    fn start(&mut self, slot: u32, process: u32, demand: Span);
    /// Takes out a slot whose CPU phase ends at the instant advanced to.
    fn take_finished(&mut self) -> Option<u32>;
}

/// The rates at which `n` runnable units share `C` cores: min(1, C/n), as fixed point.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Thousandths of a core.
    millicores: u64,
    /// By number of runnable units: the rate in 2^-64, and its inverse as whole part and 2^-64.
    table: Vec<Rate>,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    slow: bool,
    rate: u64,
    inverse_whole: u64,
    inverse_fraction: u64,
}

impl Rates {
    /// Rates for `millicores` thousandths of a core (at least 1).
    pub fn new(millicores: u64) -> Self {
        Rates { millicores: millicores.max(1), table: Vec::new() }
    }

    /// Makes the table reach `n` runnable units.
    #[inline]
    pub(super) fn reach(&mut self, n: usize) {
        if self.table.len() <= n {
            self.extend(n);
        }
    }

    #[cold]
    fn extend(&mut self, n: usize) {
        while self.table.len() <= n {
            let units = self.table.len() as u128 * 1000;
            let cores = u128::from(self.millicores);
            let slow = units > cores;
            let one = 1u128 << 64;
            let rate = if slow { (cores * one + units / 2) / units } else { 0 };
            let (whole, rest) = (units / cores, units % cores);
            let fraction = (rest * one + cores / 2) / cores;
            self.table.push(Rate {
                slow,
                rate: rate as u64,
                inverse_whole: whole as u64,
                inverse_fraction: fraction.min(one - 1) as u64,
            });
        }
    }

    /// Service that each of `n` units gains in `steps` of time.
    #[inline]
    pub(super) fn gained(&self, n: usize, steps: u128) -> u128 {
        let rate = self.table[n];
        if rate.slow { times_fraction(steps, rate.rate) } else { steps }
    }

    /// Steps of time in which each of `n` units gains `service`.
    #[inline]
    pub(super) fn needed(&self, n: usize, service: u128) -> u128 {
        let rate = self.table[n];
        if !rate.slow {
            return service;
        }
        let fraction = times_fraction(service, rate.inverse_fraction);
        match u64::try_from(service) {
            Ok(service) => u128::from(service) * u128::from(rate.inverse_whole) + fraction,
            Err(_) => {
                service.saturating_mul(u128::from(rate.inverse_whole)).saturating_add(fraction)
            }
        }
    }
}

/// `value x fraction / 2^64`, to the nearest.
#[inline]
fn times_fraction(value: u128, fraction: u64) -> u128 {
    let fraction = u128::from(fraction);
    let low = u128::from(value as u64) * fraction;
    let rounded = u128::from((low >> 64) as u64) + u128::from(low as u64 >> 63);
    match value >> 64 {
        0 => rounded,
        high => rounded + high * fraction,
    }
}

/// No unit gains service faster than time passes: one that lacks 2^-8 ns is not done.
#[inline]
pub(super) fn lacks_too_much(lacks: u128) -> bool {
    lacks >= 1 << (FINE_BITS - 8)
}

/// Every runnable slot is a unit of its own: workers without threads, or threads without a GIL.
#[derive(Clone, Debug)]
pub struct Shared {
    rates: Rates,
    now: Fine,
    attained: u128,
    running: Agenda,
    /// The next end, and the clock of attained service then; `None` after a change.
    next: Option<(Fine, u128)>,
}

impl Shared {
    /// Idle cores.
    pub fn new(millicores: u64) -> Self {
        let mut rates = Rates::new(millicores);
        rates.reach(1);
        Shared { rates, now: Fine(0), attained: 0, running: Agenda::new(), next: None }
    }

    #[inline]
    fn end_of(&self, target: u128) -> Fine {
        let left = target.saturating_sub(self.attained);
        let steps = self.rates.needed(self.running.len(), left);
        Fine(self.now.0.saturating_add(steps)).min(Fine::NEVER)
    }
}

impl Processor for Shared {
    type SimInstant = Fine;

    #[inline]
    fn next(&mut self) -> Fine {
        if let Some((end, _)) = self.next {
            return end;
        }
        let Some((target, _)) = self.running.peek() else { return Fine::NEVER };
        let end = self.end_of(target);
        self.next = Some((end, target));
        end
    }

    #[inline]
    fn advance(&mut self, now: Fine) {
        match self.next {
            // The clock arrives where it was bound for, whatever the rounding.
            Some((end, target)) if end <= now => self.attained = self.attained.max(target),
            _ if self.running.is_empty() => self.attained = 0,
            _ => {
                let passed = now.0.saturating_sub(self.now.0);
                self.attained += self.rates.gained(self.running.len(), passed);
            }
        }
        self.now = now.max(self.now);
        self.next = None;
    }

    #[inline]
    fn start(&mut self, slot: u32, _process: u32, demand: Span) {
        self.running.push(self.attained + Fine::steps(demand), slot);
        self.rates.reach(self.running.len());
        self.next = None;
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        let (target, slot) = self.running.peek()?;
        let lacks = target.saturating_sub(self.attained);
        if lacks_too_much(lacks) || lacks > 0 && !self.end_of(target).due(self.now) {
            return None;
        }
        self.running.pop();
        self.next = None;
        Some(slot)
    }
}

/// Nobody computes: models whose phases are all waiting, or whose cores are never shared (there
/// the whole demand of a request is one span).
#[derive(Clone, Debug)]
pub struct Unshared;

impl Processor for Unshared {
    type SimInstant = crate::instant::Whole;

    #[inline]
    fn next(&mut self) -> Self::SimInstant {
        Self::SimInstant::NEVER
    }

    #[inline]
    fn advance(&mut self, _now: Self::SimInstant) {}

    /// # Panics
    /// Always: a model that computes is not given to this processor.
    fn start(&mut self, _slot: u32, _process: u32, _demand: Span) {
        unreachable!("a model with shared cores runs on `Shared`")
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    fn ends(millicores: u64, demands: &[u64]) -> Vec<u64> {
        let mut cores = Shared::new(millicores);
        for (slot, demand) in demands.iter().enumerate() {
            cores.start(slot as u32, 0, Span::from_nanos(*demand));
        }
        let mut ends = vec![0; demands.len()];
        while cores.next() != Fine::NEVER {
            let now = cores.next();
            cores.advance(now);
            while let Some(slot) = cores.take_finished() {
                ends[slot as usize] = now.to_time().as_nanos();
            }
        }
        ends
    }

    /// Worked by hand: d1 n; + (d2 - d1)(n - 1); ...
    #[test]
    fn equal_shares_end_as_worked_by_hand() {
        assert_eq!(ends(1000, &[1_000, 2_000, 3_000]), [3_000, 5_000, 6_000]);
        assert_eq!(ends(2000, &[1_000, 2_000, 3_000]), [1_500, 2_500, 3_500]);
        assert_eq!(ends(3000, &[3_000; 3]), [3_000; 3]);
        assert_eq!(ends(500, &[1_000]), [2_000], "half a core takes twice as long");
        assert_eq!(ends(3000, &[3_000_000_000; 7]), [7_000_000_000; 7]);
    }

    #[test]
    fn long_demands_do_not_overflow() {
        let year = 31_536_000_000_000_000;
        assert_eq!(ends(1, &[year / 1000, year / 1000]), [2 * year, 2 * year]);
        let mut cores = Shared::new(1);
        cores.start(0, 0, Span::MAX);
        assert_eq!(cores.next().to_time(), Time::MAX);
    }
}
