//! Cores that runnable units share, and the tokens that a quota grants them.
//!
//! A unit is what the kernel sees as runnable: a process, or a thread without a lock. Shared
//! as a fluid, all units gain service at the rate min(1, C/n) (the clock of attained service of
//! [`crate::engine::cores`]); with a time slice, cores take units from one queue in turn.

use std::collections::VecDeque;

use super::super::cores::{Rates, lacks_too_much};
use crate::heap::Agenda;
use crate::instant::{FINE_BITS, Fine, SimInstant};
use crate::model::Server;
use crate::model::runtime::{Quota, Runtime};
use crate::time::Span;

/// CPU time by the period.
#[derive(Debug)]
struct BandwidthBucket {
    budget: u128,
    period: u128,
    left: u128,
    /// When it is refilled.
    refill: Fine,
}

impl BandwidthBucket {
    fn new(quota: &Quota, server: &Server, begin: Span) -> Self {
        let budget = Fine::steps(quota.budget(server.cores));
        let refill = Fine(Fine::steps(begin));
        BandwidthBucket { budget, period: Fine::steps(quota.period), left: budget, refill }
    }

    /// Lets time pass, in which `spent` was used.
    fn advance(&mut self, now: Fine, spent: u128) {
        self.left = self.left.saturating_sub(spent);
        // The remainder of a rounded division counts as nothing.
        if self.left < 1 << (FINE_BITS - 8) {
            self.left = 0;
        }
        if self.refill <= now {
            let periods = (now.0 - self.refill.0) / self.period + 1;
            self.refill = Fine(self.refill.0 + periods * self.period);
            self.left = self.budget;
        }
    }

    /// When the tokens are spent or refilled, if `cores` cores run.
    fn next(&self, now: Fine, cores: u128) -> Fine {
        match self.left {
            0 => self.refill,
            left if cores <= 1 => Fine(now.0 + left).min(self.refill),
            left => Fine(now.0 + left.div_ceil(cores)).min(self.refill),
        }
    }

    fn throttled(&self) -> bool {
        self.left == 0
    }
}

/// Cores, shared as a fluid or in slices.
#[derive(Debug)]
pub(super) enum Cores {
    Fluid(Fluid),
    Sliced(Sliced),
}

impl Cores {
    /// Idle cores; periods of a quota are granted anew from `begin` on.
    pub fn new(server: &Server, runtime: &Runtime, begin: Span) -> Self {
        let meter = runtime.quota.as_ref().map(|quota| BandwidthBucket::new(quota, server, begin));
        let cores = runtime.quota.as_ref().map_or(server.cores, |quota| quota.machine);
        match runtime.slice {
            None => Cores::Fluid(Fluid::new(u64::from(cores.millicores()), meter)),
            Some(slice) => Cores::Sliced(Sliced::new(cores.millicores() / 1000, slice, meter)),
        }
    }

    /// The next event: a unit ends, tokens run out, a slice ends.
    pub fn next(&mut self) -> Fine {
        match self {
            Cores::Fluid(cores) => cores.next(),
            Cores::Sliced(cores) => cores.next(),
        }
    }

    /// Lets time pass until `now`, which is not after `next()`.
    pub fn advance(&mut self, now: Fine) {
        match self {
            Cores::Fluid(cores) => cores.advance(now),
            Cores::Sliced(cores) => cores.advance(now),
        }
    }

    /// A unit begins to compute for so many steps.
    pub fn set(&mut self, unit: u32, steps: u128) {
        match self {
            Cores::Fluid(cores) => cores.set(unit, steps),
            Cores::Sliced(cores) => cores.set(unit, steps),
        }
    }

    /// A unit stops; gives the steps that it lacks.
    pub fn clear(&mut self, unit: u32) -> u128 {
        match self {
            Cores::Fluid(cores) => cores.clear(unit),
            Cores::Sliced(cores) => cores.clear(unit),
        }
    }

    /// Takes out a unit that is done.
    pub fn take_finished(&mut self) -> Option<u32> {
        match self {
            Cores::Fluid(cores) => cores.take_finished(),
            Cores::Sliced(cores) => cores.take_finished(),
        }
    }
}

/// Grows a table to hold an entry.
fn reach<T: Clone>(table: &mut Vec<T>, index: u32, empty: T) {
    if table.len() <= index as usize {
        table.resize(index as usize + 1, empty);
    }
}

/// Equal shares at every moment.
#[derive(Debug)]
pub(super) struct Fluid {
    rates: Rates,
    cores: u128,
    meter: Option<BandwidthBucket>,
    now: Fine,
    attained: u128,
    running: Agenda,
    /// The next end, and the clock then; `None` after a change.
    end: Option<(Fine, u128)>,
}

impl Fluid {
    fn new(millicores: u64, meter: Option<BandwidthBucket>) -> Self {
        let mut rates = Rates::new(millicores);
        rates.reach(1);
        Fluid {
            rates,
            cores: u128::from(millicores / 1000),
            meter,
            now: Fine(0),
            attained: 0,
            running: Agenda::new(),
            end: None,
        }
    }

    fn throttled(&self) -> bool {
        self.meter.as_ref().is_some_and(BandwidthBucket::throttled)
    }

    fn end_of(&self, target: u128) -> Fine {
        let left = target.saturating_sub(self.attained);
        let steps = self.rates.needed(self.running.len(), left);
        Fine(self.now.0.saturating_add(steps)).min(Fine::NEVER)
    }

    #[inline]
    fn next(&mut self) -> Fine {
        let Some((target, _)) = self.running.peek() else { return Fine::NEVER };
        let metered = self.meter.as_ref().map_or(Fine::NEVER, |meter| {
            meter.next(self.now, self.cores.min(self.running.len() as u128))
        });
        if self.throttled() {
            return metered;
        }
        let (end, _) = *self.end.get_or_insert((self.end_of(target), target));
        end.min(metered)
    }

    fn advance(&mut self, now: Fine) {
        let before = self.attained;
        if self.running.is_empty() {
            self.attained = 0;
        } else if !self.throttled() {
            self.attained = match self.end {
                // The clock arrives where it was bound for, whatever the rounding.
                Some((end, target)) if end <= now => before.max(target),
                _ => {
                    let passed = now.0.saturating_sub(self.now.0);
                    before + self.rates.gained(self.running.len(), passed)
                }
            };
        }
        if let Some(meter) = &mut self.meter {
            let gained = self.attained.saturating_sub(before);
            meter.advance(now, gained * self.running.len() as u128);
        }
        self.now = now.max(self.now);
        self.end = None;
    }

    fn set(&mut self, unit: u32, steps: u128) {
        self.running.push(self.attained + steps, unit);
        self.rates.reach(self.running.len());
        self.end = None;
    }

    fn clear(&mut self, unit: u32) -> u128 {
        self.end = None;
        self.running.remove(unit).map_or(0, |target| target.saturating_sub(self.attained))
    }

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

/// A unit on a core.
#[derive(Clone, Copy, Debug)]
struct OnCore {
    unit: u32,
    /// Of its slice.
    left: u128,
}

/// Whole cores that take units from one queue, each for a slice at a time while others wait.
#[derive(Debug)]
pub(super) struct Sliced {
    slice: u128,
    meter: Option<BandwidthBucket>,
    now: Fine,
    waiting: VecDeque<u32>,
    running: Vec<OnCore>,
    cores: usize,
    /// What each unit still has to compute.
    work: Vec<u128>,
}

impl Sliced {
    fn new(cores: u32, slice: Span, meter: Option<BandwidthBucket>) -> Self {
        Sliced {
            slice: Fine::steps(slice),
            meter,
            now: Fine(0),
            waiting: VecDeque::new(),
            running: Vec::new(),
            cores: cores as usize,
            work: Vec::new(),
        }
    }

    fn throttled(&self) -> bool {
        self.meter.as_ref().is_some_and(BandwidthBucket::throttled)
    }

    /// Ends slices while others wait, and fills the cores.
    fn settle(&mut self) {
        let mut at = 0;
        while at < self.running.len() {
            let OnCore { unit, left } = self.running[at];
            if left > 0 || self.work[unit as usize] == 0 {
                at += 1;
            } else if self.waiting.is_empty() {
                self.running[at].left = self.slice;
            } else {
                self.running.remove(at);
                self.waiting.push_back(unit);
            }
        }
        while self.running.len() < self.cores
            && let Some(unit) = self.waiting.pop_front()
        {
            self.running.push(OnCore { unit, left: self.slice });
        }
    }

    fn next(&mut self) -> Fine {
        self.settle();
        if self.running.is_empty() {
            return Fine::NEVER;
        }
        let cores = self.running.len() as u128;
        let metered = self.meter.as_ref().map_or(Fine::NEVER, |meter| meter.next(self.now, cores));
        if self.throttled() {
            return metered;
        }
        let others = !self.waiting.is_empty();
        let steps = |on: &OnCore| {
            let work = self.work[on.unit as usize];
            if others { work.min(on.left) } else { work }
        };
        let least = self.running.iter().map(steps).min().unwrap_or(0);
        Fine(self.now.0.saturating_add(least)).min(metered).min(Fine::NEVER)
    }

    fn advance(&mut self, now: Fine) {
        let passed = if self.throttled() { 0 } else { now.0.saturating_sub(self.now.0) };
        for on in &mut self.running {
            let work = &mut self.work[on.unit as usize];
            *work = work.saturating_sub(passed);
            on.left = on.left.saturating_sub(passed);
        }
        if let Some(meter) = &mut self.meter {
            meter.advance(now, passed * self.running.len() as u128);
        }
        self.now = now.max(self.now);
    }

    fn set(&mut self, unit: u32, steps: u128) {
        reach(&mut self.work, unit, 0);
        self.work[unit as usize] = steps;
        self.waiting.push_back(unit);
        self.settle();
    }

    fn clear(&mut self, unit: u32) -> u128 {
        self.running.retain(|on| on.unit != unit);
        self.waiting.retain(|other| *other != unit);
        self.work.get_mut(unit as usize).map_or(0, std::mem::take)
    }

    fn take_finished(&mut self) -> Option<u32> {
        let done = |on: &OnCore| self.work[on.unit as usize] == 0;
        if let Some(at) = self.running.iter().position(done) {
            return Some(self.running.remove(at).unit);
        }
        // Work of no length is done before it gets a core.
        let at = self.waiting.iter().position(|unit| self.work[*unit as usize] == 0)?;
        self.waiting.remove(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::runtime::Class;
    use crate::time::Time;

    const MS: u64 = 1_000_000;

    fn server(cores: &str) -> Server {
        Server { cores: cores.parse().unwrap(), ..Server::ideal(4) }
    }

    /// Runs units of so many ms, all set at 0; the ends in ms, by unit.
    fn ends(mut cores: Cores, units: &[u64]) -> Vec<u64> {
        for (unit, ms) in units.iter().enumerate() {
            cores.set(unit as u32, Fine::steps(Span::from_nanos(ms * MS)));
        }
        let mut ends = vec![0; units.len()];
        loop {
            let next = cores.next();
            if next == Fine::NEVER {
                return ends;
            }
            cores.advance(next);
            while let Some(unit) = cores.take_finished() {
                ends[unit as usize] = (next.to_time().as_nanos() + MS / 2) / MS;
            }
        }
    }

    /// Three units of 30 ms on one core: in slices of 10 ms they end at 70, 80 and 90 ms, shared
    /// as a fluid all at 90 ms.
    #[test]
    fn slices_end_one_after_another() {
        let mut runtime = Runtime::neutral(Class::Sync);
        let fluid = Cores::new(&server("1"), &runtime, Span::ZERO);
        assert_eq!(ends(fluid, &[30, 30, 30]), [90, 90, 90]);
        runtime.slice = Some(Span::from_nanos(10 * MS));
        let sliced = Cores::new(&server("1"), &runtime, Span::ZERO);
        assert_eq!(ends(sliced, &[30, 30, 30]), [70, 80, 90]);
        let two = Cores::new(&server("2"), &runtime, Span::ZERO);
        // 0-10 ms: 0 and 1; 10-20: 2 and 0; 20-30: 1 and 2; and so on.
        assert_eq!(ends(two, &[20, 20, 20]), [20, 30, 30]);
    }

    /// Half a core in periods of 100 ms on two cores: two units of 60 ms run 25 ms each, stand
    /// until 100 ms, run 25 ms, stand, and end at 210 ms. As a speed they would end at 240 ms.
    #[test]
    fn tokens_are_spent_at_full_speed() {
        let mut runtime = Runtime::neutral(Class::Sync);
        let (period, machine) = (Span::from_nanos(100 * MS), crate::model::Cores::whole(2));
        let quota = Quota { period, machine, phase: None };
        runtime.quota = Some(quota);
        for slice in [None, Some(Span::from_nanos(3 * MS))] {
            runtime.slice = slice;
            let cores = Cores::new(&server("500m"), &runtime, Span::ZERO);
            assert_eq!(ends(cores, &[60, 60]), [210, 210], "{slice:?}");
        }
        runtime.slice = None;
        let late = Cores::new(&server("500m"), &runtime, Span::from_nanos(30 * MS));
        // 0-30 ms: 30 ms done; granted anew at 30 ms: 50 ms more, to 80 ms; then from 130 ms on.
        assert_eq!(ends(late, &[90]), [140]);
        assert_eq!(Fine::of(Time::ZERO), Fine(0));
    }

    #[test]
    fn what_is_stopped_tells_what_is_left() {
        let runtime = Runtime::neutral(Class::Sync);
        let mut cores = Cores::new(&server("1"), &runtime, Span::ZERO);
        let ms = |n: u64| Fine::steps(Span::from_nanos(n * MS));
        cores.set(7, ms(30));
        cores.set(3, ms(30));
        cores.advance(Fine(ms(20)));
        assert_eq!(cores.clear(7), ms(20));
        assert_eq!(cores.clear(7), 0);
        assert_eq!(cores.next(), Fine(ms(40)));
    }
}
