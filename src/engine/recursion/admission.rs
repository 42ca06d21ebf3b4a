//! Whether the listen queue is full, from the starts of earlier requests.
//!
//! Requests start in the order in which they were admitted. So a request finds the queue full if,
//! and only if, the request admitted `places` before it starts later than it arrives (and it would
//! not start at once itself).

use std::collections::VecDeque;

use crate::model::Backlog;
use crate::record::BLOCK;

/// Starts of the requests admitted last.
pub(super) enum Starts {
    /// No request is refused.
    Unlimited,
    /// The last `places` starts and a block more, the oldest first.
    Last { places: usize, starts: VecDeque<u64> },
}

/// Places beyond which a queue is not kept in memory beforehand.
const MANY: usize = 1 << 16;

impl Starts {
    pub(super) fn new(backlog: Backlog) -> Self {
        match backlog {
            Backlog::Unlimited => Starts::Unlimited,
            Backlog::Places(places) => {
                let places = usize::try_from(places).unwrap_or(usize::MAX);
                let room = places.min(MANY) + BLOCK;
                Starts::Last { places, starts: VecDeque::with_capacity(room) }
            }
        }
    }

    /// Whether a request that arrives at `arrival` and would start at `start` finds a place;
    /// if so, it takes it.
    pub(super) fn admits(&mut self, arrival: u64, start: u64) -> bool {
        let Starts::Last { places, starts } = self else { return true };
        let full = start > arrival
            && (*places == 0
                || starts.len() >= *places && starts[starts.len() - *places] > arrival);
        if !full {
            starts.push_back(start);
            forget(starts, *places);
        }
        !full
    }

    /// Whether none of the next `count` requests, the first of which arrives at `first_arrival`,
    /// can find the queue full.
    #[inline]
    pub(super) fn never_full_before(&self, count: usize, first_arrival: u64) -> bool {
        let Starts::Last { places, starts } = self else { return true };
        if *places < count {
            return false;
        }
        // The last of them compares with the start that lies `places` before it.
        let back = places - count + 1;
        starts.len() < back || starts[starts.len() - back] <= first_arrival
    }

    /// Takes places for requests of which none found the queue full.
    #[inline]
    pub(super) fn push_block(&mut self, block: &[u64]) {
        let Starts::Last { places, starts } = self else { return };
        starts.extend(block);
        forget(starts, *places);
    }
}

/// Drops the starts that no later request needs.
#[inline]
fn forget(starts: &mut VecDeque<u64>, places: usize) {
    if starts.len() > places {
        starts.drain(..starts.len() - places);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One worker, service 3 s, arrivals at 0, 1, 2, 3, one place: the third is refused, the
    /// fourth comes as the first leaves.
    #[test]
    fn the_queue_is_full_when_the_one_before_still_waits() {
        let mut starts = Starts::new(Backlog::Places(1));
        assert!(starts.admits(0, 0));
        assert!(starts.admits(1, 3));
        assert!(!starts.admits(2, 6));
        assert!(starts.admits(3, 6));
    }

    #[test]
    fn without_places_only_those_who_start_at_once_come_in() {
        let mut starts = Starts::new(Backlog::Places(0));
        assert!(starts.admits(0, 0));
        assert!(!starts.admits(1, 2));
        assert!(starts.admits(2, 2));
        assert!(!starts.never_full_before(1, 5));
    }
}
