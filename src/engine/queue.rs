//! The listen queue: first come, first served; clients may leave it.

use std::collections::{BTreeSet, VecDeque};

/// Requests that wait, by slot. Those that left are passed over when their turn comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    order: VecDeque<u32>,
    waiting: u64,
}

impl Queue {
    /// How many wait.
    #[inline]
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    #[inline]
    pub(super) fn push(&mut self, slot: u32) {
        self.order.push_back(slot);
        self.waiting += 1;
    }

    /// The slot at the head, whether it still waits or not.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<u32> {
        self.order.pop_front()
    }

    /// One of those waiting is started, or has left.
    #[inline]
    pub(super) fn one_less(&mut self) {
        self.waiting -= 1;
    }
}

/// When those who wait will leave: (deadline, slot), least first.
pub(super) type Deadlines<T> = BTreeSet<(T, u32)>;
