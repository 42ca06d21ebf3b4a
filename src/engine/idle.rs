//! Which of the idle workers takes the next request.

use std::collections::{BTreeSet, VecDeque};

/// Idle workers without threads: the one idle longest, then the lowest number.
#[derive(Clone, Debug)]
pub(super) struct IdleLongest {
    /// (instant since when, worker), least first.
    workers: VecDeque<(u64, u32)>,
}

impl IdleLongest {
    pub(super) fn new(workers: u32) -> Self {
        IdleLongest { workers: (0..workers).map(|worker| (0, worker)).collect() }
    }

    fn take(&mut self) -> Option<u32> {
        self.workers.pop_front().map(|(_, worker)| worker)
    }

    /// Instants only grow, so a worker moves at most past those freed at the same instant.
    fn free(&mut self, worker: u32, instant: u64) {
        let mut at = self.workers.len();
        while at > 0 && self.workers[at - 1] > (instant, worker) {
            at -= 1;
        }
        self.workers.insert(at, (instant, worker));
    }
}

/// Idle threads: one of the process with the fewest busy threads, ties to the lowest; in a
/// process the lowest thread.
#[derive(Clone, Debug)]
pub(super) struct LeastBusy {
    threads: u32,
    /// Idle threads of each process, highest number first.
    idle: Vec<Vec<u32>>,
    /// (busy threads, process) of the processes that have an idle one.
    order: BTreeSet<(u32, u32)>,
}

impl LeastBusy {
    pub(super) fn new(processes: u32, threads: u32) -> Self {
        let idle = vec![(0..threads).rev().collect(); processes as usize];
        LeastBusy { threads, idle, order: (0..processes).map(|process| (0, process)).collect() }
    }

    fn busy(&self, process: u32) -> u32 {
        self.threads - self.idle[process as usize].len() as u32
    }

    fn take(&mut self) -> Option<u32> {
        let (busy, process) = self.order.pop_first()?;
        let thread = self.idle[process as usize].pop()?;
        if busy + 1 < self.threads {
            self.order.insert((busy + 1, process));
        }
        Some(process * self.threads + thread)
    }

    fn free(&mut self, slot: u32) {
        let (process, thread) = (slot / self.threads, slot % self.threads);
        self.order.remove(&(self.busy(process), process));
        let idle = &mut self.idle[process as usize];
        let at = idle.partition_point(|other| *other > thread);
        idle.insert(at, thread);
        self.order.insert((self.busy(process), process));
    }
}

/// The idle workers of a server.
#[derive(Clone, Debug)]
pub(super) enum Idle {
    /// Nobody asks which: so many.
    Count(u32),
    Longest(IdleLongest),
    LeastBusy(LeastBusy),
}

impl Idle {
    /// All workers idle. Without threads, and if nobody asks for `numbers`, they are counted.
    pub(super) fn new(workers: u32, threads: u32, numbers: bool) -> Self {
        if threads == 1 && !numbers {
            Idle::Count(workers)
        } else if threads == 1 {
            Idle::Longest(IdleLongest::new(workers))
        } else {
            Idle::LeastBusy(LeastBusy::new(workers, threads))
        }
    }

    /// Takes the worker (numbered over all threads) that the next request goes to.
    #[inline]
    pub(super) fn take(&mut self) -> Option<u32> {
        match self {
            Idle::Count(0) => None,
            Idle::Count(count) => {
                *count -= 1;
                Some(0)
            }
            Idle::Longest(idle) => idle.take(),
            Idle::LeastBusy(idle) => idle.take(),
        }
    }

    /// A worker is idle from `instant` on (instants are numbered in order).
    #[inline]
    pub(super) fn free(&mut self, worker: u32, instant: u64) {
        match self {
            Idle::Count(count) => *count += 1,
            Idle::Longest(idle) => idle.free(worker, instant),
            Idle::LeastBusy(idle) => idle.free(worker),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_idle_goes_first_then_the_lowest() {
        let mut idle = Idle::new(3, 1, true);
        let taken: Vec<_> = (0..4).map(|_| idle.take()).collect();
        assert_eq!(taken, [Some(0), Some(1), Some(2), None]);
        idle.free(2, 5);
        idle.free(1, 5);
        idle.free(0, 6);
        let taken: Vec<_> = (0..3).map(|_| idle.take()).collect();
        assert_eq!(taken, [Some(1), Some(2), Some(0)]);
    }

    #[test]
    fn threads_fill_the_least_busy_process() {
        let mut idle = Idle::new(2, 2, true);
        let taken: Vec<_> = (0..5).map(|_| idle.take()).collect();
        assert_eq!(taken, [Some(0), Some(2), Some(1), Some(3), None]);
        idle.free(3, 1);
        idle.free(1, 1);
        idle.free(0, 1);
        assert_eq!(idle.take(), Some(0), "process 0 has none busy");
        assert_eq!(idle.take(), Some(1), "one busy each: the lowest process");
    }
}
