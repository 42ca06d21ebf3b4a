//! The rates of processor sharing by virtual time.
//!
//! All runnable workers gain service at the same rate min(1, C/n), so one clock of *attained
//! service* serves them all: who starts a CPU phase of demand d when the clock stands at V is done
//! when it stands at V + d, however the rate changes in between. One heap keyed by that is enough:
//! O(log n) an event, however many share (the virtual-time idea of fair queueing, Parekh &
//! Gallager 1993). The clock returns to zero whenever the cores idle.

use crate::instant::FINE_BITS;

/// The rates at which `n` runnable units share `C` cores: min(1, C/n), as fixed point.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    /// Thousandths of a core.
    millicores: u64,
    /// By number of runnable units: the rate in 2^-64, and its inverse as whole part and 2^-64.
    table: Vec<FixedRate>,
}

#[derive(Clone, Copy, Debug)]
struct FixedRate {
    slow: bool,
    rate: u64,
    inverse_whole: u64,
    inverse_fraction: u64,
}

impl Rates {
    /// Rates for `millicores` thousandths of a core (at least 1).
    pub(crate) fn new(millicores: u64) -> Self {
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
            self.table.push(FixedRate {
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
