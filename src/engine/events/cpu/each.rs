//! Threads without a lock, and processes of one thread.

use super::policy::{Cores, Cpu};
use crate::instant::SimInstant;
use crate::model::Server;
use crate::time::Span;

/// No lock: each worker, or thread, is a unit of its own to the kernel.
#[derive(Debug)]
pub(in crate::engine::events) struct Each<C> {
    cores: C,
    /// The connection whose burst each worker (or thread) runs.
    running: Vec<u32>,
}

impl<C: Cores> Each<C> {
    /// Workers that are idle.
    pub(crate) fn of(cores: C, server: &Server) -> Self {
        Each { cores, running: vec![0; server.slots() as usize] }
    }
}

impl<C: Cores> Cpu for Each<C> {
    #[inline]
    fn next(&mut self) -> SimInstant {
        self.cores.next()
    }

    #[inline]
    fn advance(&mut self, now: SimInstant) {
        self.cores.advance(now);
    }

    #[inline]
    fn start(&mut self, conn: u32, (_, worker): (u32, u32), demand: Span) {
        self.running[worker as usize] = conn;
        self.cores.set(worker, SimInstant::steps(demand));
    }

    fn stop(&mut self, _conn: u32, (_, worker): (u32, u32)) -> u128 {
        self.cores.clear(worker)
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        self.cores.take_finished().map(|unit| self.running[unit as usize])
    }
}
