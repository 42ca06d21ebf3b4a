//! Cores that take units from one queue in turn, each for a time slice.

use std::collections::VecDeque;

use super::policy::Cores;
use super::quota::{BandwidthBucket, Meter};
use crate::instant::SimInstant;
use crate::time::Span;

/// Grows a table to hold an entry.
fn reach<T: Clone>(table: &mut Vec<T>, index: u32, empty: T) {
    if table.len() <= index as usize {
        table.resize(index as usize + 1, empty);
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
pub(in crate::engine::events) struct Sliced {
    slice: u128,
    meter: Option<BandwidthBucket>,
    now: SimInstant,
    waiting: VecDeque<u32>,
    running: Vec<OnCore>,
    cores: usize,
    /// What each unit still has to compute.
    work: Vec<u128>,
}

impl Sliced {
    /// Idle cores.
    pub(crate) fn new(cores: u32, slice: Span, meter: Option<BandwidthBucket>) -> Self {
        Sliced {
            slice: SimInstant::steps(slice),
            meter,
            now: SimInstant(0),
            waiting: VecDeque::new(),
            running: Vec::new(),
            cores: cores as usize,
            work: Vec::new(),
        }
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
}

impl Cores for Sliced {
    fn next(&mut self) -> SimInstant {
        self.settle();
        if self.running.is_empty() {
            return SimInstant::NEVER;
        }
        let metered = self.meter.next(self.now, || self.running.len() as u128);
        if self.meter.throttled() {
            return metered;
        }
        let others = !self.waiting.is_empty();
        let steps = |on: &OnCore| {
            let work = self.work[on.unit as usize];
            if others { work.min(on.left) } else { work }
        };
        let least = self.running.iter().map(steps).min().unwrap_or(0);
        SimInstant(self.now.0.saturating_add(least)).min(metered).min(SimInstant::NEVER)
    }

    fn advance(&mut self, now: SimInstant) {
        let passed = if self.meter.throttled() { 0 } else { now.0.saturating_sub(self.now.0) };
        for on in &mut self.running {
            let work = &mut self.work[on.unit as usize];
            *work = work.saturating_sub(passed);
            on.left = on.left.saturating_sub(passed);
        }
        self.meter.advance(now, || passed * self.running.len() as u128);
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
