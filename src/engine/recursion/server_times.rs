//! When workers are free again: the state of the recursion.

use crate::heap::{Agenda, Heap};
use crate::time::Time;

/// The instants from which the workers are free.
pub(super) trait Free: 'static {
    /// A placeholder for a state that is moved elsewhere.
    fn none() -> Self;
    /// The earliest instant, and the worker (0 where workers have no numbers).
    fn earliest(&self) -> (u64, u32);
    /// That worker takes a request and is free again at `until`.
    fn take(&mut self, until: u64);
}

/// One worker.
pub(super) struct One(u64);

impl One {
    pub(super) fn new() -> Self {
        One(Time::ZERO.as_nanos())
    }
}

impl Free for One {
    #[inline]
    fn none() -> Self {
        One::new()
    }

    #[inline]
    fn earliest(&self) -> (u64, u32) {
        (self.0, 0)
    }

    #[inline]
    fn take(&mut self, until: u64) {
        self.0 = until;
    }
}

/// A few workers, rising.
pub(super) struct Few<const N: usize>([u64; N]);

impl<const N: usize> Few<N> {
    pub(super) fn new() -> Self {
        Few([0; N])
    }
}

impl<const N: usize> Free for Few<N> {
    #[inline]
    fn none() -> Self {
        Few::new()
    }

    #[inline]
    fn earliest(&self) -> (u64, u32) {
        (self.0[0], 0)
    }

    /// Carries `until` up to its place, each step a minimum and a maximum and no branch: with few
    /// workers cheaper than a search for the place.
    #[inline]
    fn take(&mut self, until: u64) {
        let mut carried = until;
        for at in 1..N {
            let next = self.0[at];
            self.0[at - 1] = next.min(carried);
            carried = next.max(carried);
        }
        self.0[N - 1] = carried;
    }
}

/// Any number of workers without numbers.
pub(super) struct Many(Heap<u64>);

impl Many {
    pub(super) fn new(workers: u32) -> Self {
        let mut heap = Heap::new();
        (0..workers).for_each(|_| heap.push(0));
        Many(heap)
    }
}

impl Free for Many {
    #[inline]
    fn none() -> Self {
        Many(Heap::new())
    }

    #[inline]
    fn earliest(&self) -> (u64, u32) {
        (self.0.peek().unwrap_or(0), 0)
    }

    #[inline]
    fn take(&mut self, until: u64) {
        self.0.replace_top(until);
    }
}

/// Workers with numbers: of those free at the same instant the lowest.
pub(super) struct Numbered(Agenda);

impl Numbered {
    pub(super) fn new(workers: u32) -> Self {
        let mut agenda = Agenda::new();
        (0..workers).for_each(|worker| agenda.push(0, worker));
        Numbered(agenda)
    }
}

impl Free for Numbered {
    #[inline]
    fn none() -> Self {
        Numbered(Agenda::new())
    }

    #[inline]
    fn earliest(&self) -> (u64, u32) {
        self.0.peek().map_or((0, 0), |(instant, worker)| (instant as u64, worker))
    }

    #[inline]
    fn take(&mut self, until: u64) {
        let (_, worker) = self.earliest();
        self.0.replace_first(u128::from(until), worker);
    }
}
