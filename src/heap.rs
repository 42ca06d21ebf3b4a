//! A 4-ary min-heap of (key, item): shallower than a binary heap, and the four children of a
//! node lie side by side. Entries are ordered by key, then item: the order is total.

/// The least key first; of equal keys the least item.
#[derive(Clone, Debug)]
pub struct Heap<K> {
    entries: Vec<(K, u32)>,
}

/// Children of a node.
const ARITY: usize = 4;

impl<K: Copy + Ord> Heap<K> {
    /// An empty heap.
    pub fn new() -> Self {
        Heap { entries: Vec::new() }
    }

    /// How many entries there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry with the least key.
    #[inline]
    pub fn peek(&self) -> Option<(K, u32)> {
        self.entries.first().copied()
    }

    /// Adds an entry.
    pub fn push(&mut self, key: K, item: u32) {
        self.entries.push((key, item));
        self.sift_up(self.entries.len() - 1);
    }

    /// Takes the entry with the least key out.
    pub fn pop(&mut self) -> Option<(K, u32)> {
        let top = self.entries.first().copied()?;
        let last = self.entries.pop()?;
        if !self.entries.is_empty() {
            self.entries[0] = last;
            self.sift_down();
        }
        Some(top)
    }

    /// Replaces the entry with the least key: cheaper than a pop and a push.
    ///
    /// # Panics
    /// If the heap is empty.
    #[inline]
    pub fn replace_top(&mut self, key: K, item: u32) {
        self.entries[0] = (key, item);
        self.sift_down();
    }

    fn sift_up(&mut self, mut at: usize) {
        let entry = self.entries[at];
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.entries[parent] <= entry {
                break;
            }
            self.entries[at] = self.entries[parent];
            at = parent;
        }
        self.entries[at] = entry;
    }

    fn sift_down(&mut self) {
        let entries = self.entries.as_mut_slice();
        let entry = entries[0];
        let mut at = 0;
        loop {
            let first = at * ARITY + 1;
            if first >= entries.len() {
                break;
            }
            let mut least = first;
            for child in first + 1..(first + ARITY).min(entries.len()) {
                if entries[child] < entries[least] {
                    least = child;
                }
            }
            if entries[least] >= entry {
                break;
            }
            entries[at] = entries[least];
            at = least;
        }
        entries[at] = entry;
    }
}

impl<K: Copy + Ord> Default for Heap<K> {
    fn default() -> Self {
        Heap::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Pushes, pops and replacements give what a sorted list gives.
        #[test]
        fn pops_in_order(keys in prop::collection::vec((0u64..50, 0u8..4), 1..200)) {
            let mut heap = Heap::new();
            let mut sorted: Vec<u64> = Vec::new();
            for (key, action) in keys {
                if action == 0 && !sorted.is_empty() {
                    prop_assert_eq!(heap.pop().map(|(key, _)| key), Some(sorted.remove(0)));
                } else if action == 1 && !sorted.is_empty() {
                    heap.replace_top(key, 0);
                    sorted.remove(0);
                    sorted.push(key);
                } else {
                    heap.push(key, 0);
                    sorted.push(key);
                }
                sorted.sort_unstable();
                prop_assert_eq!(heap.peek().map(|(key, _)| key), sorted.first().copied());
                prop_assert_eq!(heap.len(), sorted.len());
            }
        }
    }
}
