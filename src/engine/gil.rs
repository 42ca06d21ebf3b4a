//! Processes that run one of their threads at a time (a global interpreter lock), as a fluid:
//! runnable processes share the cores, runnable threads share their process's rate.
//!
//! The clock of attained service stands twice: once over the processes (as in [`super::cores`]),
//! once inside each process, where it advances by 1/m of what the process gains while m threads
//! compute. The next end of a process is known in terms of the outer clock and only changes when
//! its own set of threads does, so an event costs O(log n).

use std::collections::BTreeSet;

use super::cores::{Processor, Rates};
use crate::heap::Agenda;
use crate::instant::{Fine, SimInstant};
use crate::time::Span;

/// The threads of one process that compute.
#[derive(Clone, Debug, Default)]
struct Process {
    /// Attained service of each thread that has computed since the process last idled.
    attained: u128,
    /// The outer clock when `attained` was last right.
    seen: u128,
    threads: Agenda,
}

impl Process {
    /// Brings the inner clock up to the outer one.
    fn catch_up(&mut self, outer: u128) {
        let threads = self.threads.len() as u128;
        let gained = outer.saturating_sub(self.seen);
        self.attained = match threads {
            0 => 0,
            1 => self.attained + gained,
            _ => self.attained + (gained + threads / 2) / threads,
        };
        self.seen = outer;
    }

    /// The outer clock at the end of the thread that is done first.
    fn end(&self) -> Option<u128> {
        let (target, _) = self.threads.peek()?;
        let left = target.saturating_sub(self.attained);
        Some(self.seen.saturating_add(left.saturating_mul(self.threads.len() as u128)))
    }
}

/// Cores shared by processes, processes shared by their threads.
#[derive(Clone, Debug)]
pub struct SharedByProcess {
    rates: Rates,
    now: Fine,
    outer: u128,
    processes: Vec<Process>,
    /// (outer clock at its next end, process) of each runnable process.
    ends: BTreeSet<(u128, u32)>,
}

impl SharedByProcess {
    /// Idle cores for `processes` processes.
    pub fn new(millicores: u64, processes: u32) -> Self {
        let mut rates = Rates::new(millicores);
        rates.reach(processes as usize);
        let processes = vec![Process::default(); processes as usize];
        SharedByProcess { rates, now: Fine(0), outer: 0, processes, ends: BTreeSet::new() }
    }

    fn instant_of(&self, outer_end: u128) -> Fine {
        let left = outer_end.saturating_sub(self.outer);
        let steps = self.rates.needed(self.ends.len(), left);
        Fine(self.now.0.saturating_add(steps)).min(Fine::NEVER)
    }

    /// Changes the threads of a process and keeps its place among the ends.
    fn change<R>(&mut self, process: u32, change: impl FnOnce(&mut Process) -> R) -> R {
        let state = &mut self.processes[process as usize];
        if let Some(end) = state.end() {
            self.ends.remove(&(end, process));
        }
        state.catch_up(self.outer);
        let result = change(state);
        if let Some(end) = state.end() {
            self.ends.insert((end, process));
        }
        result
    }
}

impl Processor for SharedByProcess {
    type SimInstant = Fine;

    fn next(&mut self) -> Fine {
        self.ends.first().map_or(Fine::NEVER, |(end, _)| self.instant_of(*end))
    }

    fn advance(&mut self, now: Fine) {
        let passed = now.0.saturating_sub(self.now.0);
        self.now = now.max(self.now);
        if !self.ends.is_empty() {
            self.outer += self.rates.gained(self.ends.len(), passed);
        }
    }

    fn start(&mut self, slot: u32, process: u32, demand: Span) {
        self.change(process, |state| {
            state.threads.push(state.attained + Fine::steps(demand), slot);
        });
    }

    fn take_finished(&mut self) -> Option<u32> {
        let (end, process) = *self.ends.first()?;
        if end > self.outer && !self.instant_of(end).due(self.now) {
            return None;
        }
        self.change(process, |state| {
            let (target, slot) = state.threads.pop()?;
            // The division left at most a step or two: whoever ties with it ends with it.
            state.attained = state.attained.max(target);
            Some(slot)
        })
    }
}
