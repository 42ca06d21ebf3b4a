//! The processes that can accept a connection at a listener, the first to be chosen first.

use std::collections::VecDeque;

/// Processes by rank, of equal rank by number. Which rank a process has is said where it is
/// listed: the instant since which it is idle, or how many connections it holds.
///
/// They lie side by side: a process is mostly taken from the front and listed near the end.
#[derive(Debug, Default)]
pub(super) struct Acceptors(VecDeque<(u64, u32)>);

impl Acceptors {
    #[inline]
    pub(crate) fn insert(&mut self, rank: u64, process: u32) {
        let mut at = self.0.len();
        if at > 8 && self.0[at - 8] > (rank, process) {
            at = self.0.partition_point(|other| *other < (rank, process));
        }
        while at > 0 && self.0[at - 1] > (rank, process) {
            at -= 1;
        }
        if at == self.0.len() {
            self.0.push_back((rank, process));
        } else {
            self.0.insert(at, (rank, process));
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, rank: u64, process: u32) {
        if self.0.front() == Some(&(rank, process)) {
            self.0.pop_front();
        } else if let Ok(at) = self.0.binary_search(&(rank, process)) {
            self.0.remove(at);
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The process that is first.
    #[inline]
    pub(crate) fn first(&self) -> Option<u32> {
        self.0.front().map(|(_, process)| *process)
    }

    /// The process at a place.
    pub(crate) fn get(&self, at: usize) -> Option<u32> {
        self.0.get(at).map(|(_, process)| *process)
    }

    /// How many have the rank of the first.
    pub(crate) fn equal_to_first(&self) -> usize {
        self.0
            .iter()
            .take_while(|(rank, _)| Some(rank) == self.0.front().map(|(rank, _)| rank))
            .count()
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(_, process)| *process)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// They are what a sorted set is.
        #[test]
        fn acceptors_are_in_order(
            changes in prop::collection::vec((0u64..9, 0u32..20, any::<bool>()), 1..200),
        ) {
            let (mut acceptors, mut sorted) = (Acceptors::default(), BTreeSet::new());
            for (rank, process, comes) in changes {
                if !comes {
                    acceptors.remove(rank, process);
                    sorted.remove(&(rank, process));
                } else if sorted.insert((rank, process)) {
                    acceptors.insert(rank, process);
                }
                prop_assert!(acceptors.iter().eq(sorted.iter().map(|(_, process)| *process)));
                prop_assert_eq!(acceptors.first(), acceptors.get(0));
                prop_assert_eq!(acceptors.len(), sorted.len());
                let least = sorted.first().map(|(rank, _)| *rank);
                let equal = sorted.iter().filter(|(rank, _)| Some(*rank) == least).count();
                prop_assert_eq!(acceptors.equal_to_first(), equal);
            }
        }
    }
}
