//! Processes that run one of their threads at a time (a global interpreter lock), as a fluid:
//! runnable processes share the cores, runnable threads share what their process gains.
//!
//! The clock of attained service stands twice: over the processes it is that of the cores, and
//! inside each process it advances by 1/m of what the process gains while m threads compute.

use super::policy::{Cores, Cpu};
use crate::heap::Agenda;
use crate::instant::SimInstant;
use crate::model::Server;
use crate::time::Span;

/// The threads of one process that compute.
#[derive(Debug, Default)]
struct LockedProcess {
    /// Attained service of each thread that has computed since the process last idled.
    attained: u128,
    /// The threads by the service at their ends.
    threads: Agenda,
    /// What was asked of the cores.
    asked: u128,
}

/// The ideal lock.
#[derive(Debug)]
pub(in crate::engine::events) struct FluidLock<C> {
    cores: C,
    processes: Vec<LockedProcess>,
}

impl<C: Cores> FluidLock<C> {
    /// Processes that are idle.
    pub(crate) fn of(cores: C, server: &Server) -> Self {
        let processes = (0..server.workers).map(|_| LockedProcess::default()).collect();
        FluidLock { cores, processes }
    }

    /// Changes the threads of a process, and its demand on the cores.
    fn change(&mut self, process: u32, change: impl FnOnce(&mut LockedProcess)) {
        let left = self.cores.clear(process);
        let state = &mut self.processes[process as usize];
        let gained = state.asked.saturating_sub(left);
        let threads = state.threads.len() as u128;
        state.attained = match threads {
            0 => 0,
            1 => state.attained + gained,
            _ => state.attained + divided(gained + threads / 2, threads),
        };
        change(state);
        self.ask(process);
    }

    fn ask(&mut self, process: u32) {
        let state = &mut self.processes[process as usize];
        state.asked = 0;
        if let Some((target, _)) = state.threads.peek() {
            let left = target.saturating_sub(state.attained);
            state.asked = left.saturating_mul(state.threads.len() as u128);
            self.cores.set(process, state.asked);
        }
    }
}

impl<C: Cores> Cpu for FluidLock<C> {
    #[inline]
    fn next(&mut self) -> SimInstant {
        self.cores.next()
    }

    #[inline]
    fn advance(&mut self, now: SimInstant) {
        self.cores.advance(now);
    }

    #[inline]
    fn start(&mut self, conn: u32, (process, _): (u32, u32), demand: Span) {
        self.change(process, |state| {
            state.threads.push(state.attained + SimInstant::steps(demand), conn);
        });
    }

    fn stop(&mut self, conn: u32, (process, _): (u32, u32)) -> u128 {
        let mut left = 0;
        self.change(process, |state| {
            let attained = state.attained;
            let lacks = |target: u128| target.saturating_sub(attained);
            left = state.threads.remove(conn).map_or(0, lacks);
        });
        left
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        let process = self.cores.take_finished()?;
        let state = &mut self.processes[process as usize];
        let (target, conn) = state.threads.pop()?;
        // The division left at most a step or two: threads that tie end together.
        state.attained = state.attained.max(target);
        self.ask(process);
        Some(conn)
    }
}

/// A quotient, in 64 bits where they are enough.
fn divided(value: u128, by: u128) -> u128 {
    match (u64::try_from(value), u64::try_from(by)) {
        (Ok(value), Ok(by)) => u128::from(value / by),
        _ => value / by,
    }
}
