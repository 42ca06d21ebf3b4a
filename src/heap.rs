//! A 4-ary min-heap: shallower than a binary heap, and the four children of a node lie side by
//! side. Entries are pairs such as (instant, number), so that the order is total. Beside it a
//! tournament, for players who are always there.

/// The least entry first.
#[derive(Clone, Debug)]
pub(crate) struct Heap<E> {
    entries: Vec<E>,
}

/// Children of a node.
const ARITY: usize = 4;

impl<E: Copy + Ord> Heap<E> {
    /// An empty heap.
    pub(crate) fn new() -> Self {
        Heap { entries: Vec::new() }
    }

    /// How many entries there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The least entry.
    #[inline]
    pub(crate) fn peek(&self) -> Option<E> {
        self.entries.first().copied()
    }

    /// The least entry, where it lies.
    #[inline]
    pub(crate) fn first(&self) -> Option<&E> {
        self.entries.first()
    }

    /// Adds an entry.
    #[inline]
    pub(crate) fn push(&mut self, entry: E) {
        self.entries.push(entry);
        self.sift_up(self.entries.len() - 1);
    }

    /// Takes the least entry out.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<E> {
        let top = self.entries.first().copied()?;
        let last = self.entries.pop()?;
        if !self.entries.is_empty() {
            self.replace_top(last);
        }
        Some(top)
    }

    /// Replaces the least entry: cheaper than a pop and a push.
    ///
    /// # Panics
    /// If the heap is empty.
    #[inline]
    pub(crate) fn replace_top(&mut self, entry: E) {
        self.sift_down(0, entry);
    }

    /// Removes an entry of which that holds, wherever it lies. Entries are looked at one after
    /// another: for what is rare.
    pub(crate) fn remove(&mut self, wanted: impl Fn(&E) -> bool) -> Option<E> {
        let at = self.entries.iter().position(wanted)?;
        let last = self.entries.pop()?;
        if at == self.entries.len() {
            return Some(last);
        }
        let removed = std::mem::replace(&mut self.entries[at], last);
        self.sift_down(at, last);
        self.sift_up(at);
        Some(removed)
    }

    /// Puts an entry at a place or below it.
    #[inline]
    fn sift_down(&mut self, mut at: usize, entry: E) {
        let entries = self.entries.as_mut_slice();
        loop {
            let first = at * ARITY + 1;
            if first >= entries.len() {
                break;
            }
            let least = least_of(entries, first);
            if entries[least] >= entry {
                break;
            }
            entries[at] = entries[least];
            at = least;
        }
        entries[at] = entry;
    }

    #[inline]
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
}

/// The least of the siblings that begin at `first`: two independent comparisons, then one.
#[inline]
fn least_of<E: Copy + Ord>(entries: &[E], first: usize) -> usize {
    if let Some([a, b, c, d]) = entries.get(first..first + ARITY) {
        let left = usize::from(b < a);
        let right = 2 + usize::from(d < c);
        let (x, y) = (if left == 0 { a } else { b }, if right == 2 { c } else { d });
        return first + if y < x { right } else { left };
    }
    let mut least = first;
    for child in first + 1..entries.len() {
        if entries[child] < entries[least] {
            least = child;
        }
    }
    least
}

/// A tournament: as many entries as there are players, of which the least is known and any one can
/// be replaced.
///
/// Every inner node holds the lesser of its two children, so a replacement plays the matches from
/// its leaf to the root: log2 n comparisons without a branch, along a path that is known
/// beforehand. A heap whose least entry is replaced by a late one compares as often and guesses
/// wrong at every level.
#[derive(Clone, Debug)]
pub(crate) struct Tournament<E> {
    /// The root is 1, the children of `k` are `2k` and `2k + 1`; the players stand at the end.
    nodes: Vec<E>,
    players: usize,
}

impl<E: Copy + Ord> Tournament<E> {
    /// Lets `players` play; places without a player hold `never`.
    pub(crate) fn new(players: impl ExactSizeIterator<Item = E>, never: E) -> Self {
        let places = players.len().next_power_of_two();
        let mut nodes = vec![never; 2 * places];
        nodes[places..].iter_mut().zip(players).for_each(|(node, player)| *node = player);
        for at in (1..places).rev() {
            nodes[at] = nodes[2 * at].min(nodes[2 * at + 1]);
        }
        Tournament { nodes, players: places }
    }

    /// The least entry.
    #[inline]
    pub(crate) fn least(&self) -> E {
        self.nodes[1]
    }

    /// Gives player number `player` another entry.
    ///
    /// # Panics
    /// If there is no such player.
    #[inline]
    pub(crate) fn replace(&mut self, player: usize, entry: E) {
        let mut at = self.players + player;
        let mut least = entry;
        self.nodes[at] = entry;
        while at > 1 {
            least = least.min(self.nodes[at ^ 1]);
            at /= 2;
            self.nodes[at] = least;
        }
    }
}

/// Numbered items, each with an instant: the earliest first, of those at one instant the lowest
/// number.
///
/// Instant and number share one word of 128 bits (96 and 32), which compares in two instructions
/// where a pair would need branches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda {
    entries: Heap<u128>,
}

/// Bits of the number.
const NUMBER: u32 = 32;

impl Agenda {
    /// Nothing to come.
    pub(crate) fn new() -> Self {
        Agenda::default()
    }

    /// How many items there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an item at an instant; instants beyond 2^96 count as that.
    #[inline]
    pub(crate) fn push(&mut self, instant: u128, number: u32) {
        self.entries.push(Agenda::entry(instant, number));
    }

    /// The earliest item.
    #[inline]
    pub(crate) fn peek(&self) -> Option<(u128, u32)> {
        self.entries.peek().map(|entry| (entry >> NUMBER, entry as u32))
    }

    /// Takes the earliest item out.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(u128, u32)> {
        self.entries.pop().map(|entry| (entry >> NUMBER, entry as u32))
    }

    /// Removes the item of a number, and gives its instant.
    pub(crate) fn remove(&mut self, number: u32) -> Option<u128> {
        self.entries.remove(|entry| *entry as u32 == number).map(|entry| entry >> NUMBER)
    }

    /// Puts an item in the place of the earliest.
    ///
    /// # Panics
    /// If there is none.
    #[inline]
    pub(crate) fn replace_first(&mut self, instant: u128, number: u32) {
        self.entries.replace_top(Agenda::entry(instant, number));
    }

    #[inline]
    fn entry(instant: u128, number: u32) -> u128 {
        (instant.min(u128::MAX >> NUMBER) << NUMBER) | u128::from(number)
    }
}

impl<E: Copy + Ord> Default for Heap<E> {
    fn default() -> Self {
        Heap::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The least of a tournament is the least of its players.
        #[test]
        fn the_least_wins(
            players in prop::collection::vec(0u64..50, 1..40),
            replacements in prop::collection::vec((any::<prop::sample::Index>(), 0u64..60), 1..99),
        ) {
            let mut players = players;
            let mut tournament = Tournament::new(players.iter().copied(), u64::MAX);
            for (player, entry) in replacements {
                prop_assert_eq!(Some(tournament.least()), players.iter().copied().min());
                let player = player.index(players.len());
                players[player] = entry;
                tournament.replace(player, entry);
            }
        }

        /// Pushes, pops and replacements give what a sorted list gives.
        #[test]
        fn pops_in_order(keys in prop::collection::vec((0u64..50, 0u8..6), 1..200)) {
            let mut heap = Heap::new();
            let mut sorted: Vec<u64> = Vec::new();
            for (key, action) in keys {
                if action == 0 && !sorted.is_empty() {
                    prop_assert_eq!(heap.pop(), Some(sorted.remove(0)));
                } else if action == 1 && !sorted.is_empty() {
                    heap.replace_top(key);
                    sorted.remove(0);
                    sorted.push(key);
                } else if action == 2 {
                    let at = sorted.iter().position(|other| *other == key);
                    prop_assert_eq!(heap.remove(|other| *other == key), at.map(|_| key));
                    at.map(|at| sorted.remove(at));
                } else {
                    heap.push(key);
                    sorted.push(key);
                }
                sorted.sort_unstable();
                prop_assert_eq!(heap.peek(), sorted.first().copied());
                prop_assert_eq!(heap.len(), sorted.len());
            }
        }
    }
}
