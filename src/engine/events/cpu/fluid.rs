//! Cores that are shared equally at every moment.
//!
//! All runnable units gain service at the same rate min(1, C/n), so one clock of *attained
//! service* serves them all: a unit that starts a burst of demand d when the clock stands at V is done
//! when it stands at V + d, however the rate changes in between. One heap keyed by that is enough:
//! O(log n) an event, however many share (the virtual-time idea of fair queueing, Parekh &
//! Gallager 1993). The clock returns to zero whenever the cores idle.

use std::fmt::Debug;

use super::policy::Cores;
use super::quota::{Meter, Unmetered};
use crate::engine::rates::{Rates, lacks_too_much};
use crate::heap::Agenda;
use crate::instant::SimInstant;
use crate::model::Server;

/// Equal shares at every moment.
#[derive(Debug)]
pub(in crate::engine::events) struct Fluid<M> {
    rates: Rates,
    cores: u128,
    meter: M,
    now: SimInstant,
    attained: u128,
    running: Agenda,
    /// The next end, and the clock then; `None` after a change.
    end: Option<(SimInstant, u128)>,
}

impl<M: Meter> Fluid<M> {
    /// Idle cores.
    pub(crate) fn of(millicores: u64, meter: M) -> Self {
        let mut rates = Rates::new(millicores);
        rates.reach(1);
        Fluid {
            rates,
            cores: u128::from(millicores / 1000),
            meter,
            now: SimInstant(0),
            attained: 0,
            running: Agenda::new(),
            end: None,
        }
    }

    #[inline]
    fn end_of(&self, target: u128) -> SimInstant {
        let left = target.saturating_sub(self.attained);
        let steps = self.rates.needed(self.running.len(), left);
        SimInstant(self.now.0.saturating_add(steps)).min(SimInstant::NEVER)
    }
}

impl Fluid<Unmetered> {
    /// Idle cores of a server without a quota.
    pub(crate) fn new(server: &Server) -> Self {
        Fluid::of(u64::from(server.cores.millicores()), Unmetered)
    }
}

impl<M: Meter + Debug> Cores for Fluid<M> {
    #[inline]
    fn next(&mut self) -> SimInstant {
        let Some((target, _)) = self.running.peek() else { return SimInstant::NEVER };
        let cores = || self.cores.min(self.running.len() as u128);
        let metered = self.meter.next(self.now, cores);
        if self.meter.throttled() {
            return metered;
        }
        if self.end.is_none() {
            self.end = Some((self.end_of(target), target));
        }
        self.end.map_or(SimInstant::NEVER, |(end, _)| end).min(metered)
    }

    #[inline]
    fn advance(&mut self, now: SimInstant) {
        let before = self.attained;
        if self.running.is_empty() {
            self.attained = 0;
        } else if !self.meter.throttled() {
            self.attained = match self.end {
                // The clock arrives where it was bound for, whatever the rounding.
                Some((end, target)) if end <= now => before.max(target),
                _ => {
                    let passed = now.0.saturating_sub(self.now.0);
                    before + self.rates.gained(self.running.len(), passed)
                }
            };
        }
        let gained = self.attained.saturating_sub(before);
        self.meter.advance(now, || gained * self.running.len() as u128);
        self.now = now.max(self.now);
        self.end = None;
    }

    #[inline]
    fn set(&mut self, unit: u32, steps: u128) {
        self.running.push(self.attained + steps, unit);
        self.rates.reach(self.running.len());
        self.end = None;
    }

    fn clear(&mut self, unit: u32) -> u128 {
        self.end = None;
        self.running.remove(unit).map_or(0, |target| target.saturating_sub(self.attained))
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        let (target, unit) = self.running.peek()?;
        let lacks = target.saturating_sub(self.attained);
        if lacks_too_much(lacks) || lacks > 0 && !self.end_of(target).due(self.now) {
            return None;
        }
        self.running.pop();
        self.end = None;
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Span, Time};

    fn ends(millicores: u64, demands: &[u64]) -> Vec<u64> {
        let mut cores = Fluid::of(millicores, Unmetered);
        for (slot, demand) in demands.iter().enumerate() {
            cores.set(slot as u32, SimInstant::steps(Span::from_nanos(*demand)));
        }
        let mut ends = vec![0; demands.len()];
        while cores.next() != SimInstant::NEVER {
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
        let mut cores = Fluid::of(1, Unmetered);
        cores.set(0, SimInstant::steps(Span::MAX));
        assert_eq!(cores.next().to_time(), Time::MAX);
    }
}
