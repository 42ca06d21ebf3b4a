//! When the master of a growing pool looked at its processes, read off a recorded run.
//!
//! It looks once a second, from an instant that nobody records. A process that it has started takes a
//! waiting request at once, so the first request of the first process that was not there at the
//! beginning began just after a look.

use std::collections::BTreeMap;

use crate::model::runtime::LOOKS;
use crate::time::{Span, Time};

/// How long after time 0 the master looked for the first time, if `start` processes were there at the
/// beginning; `None` if no more ever were. `served` has the process of each request, and when it began.
pub(crate) fn phase(served: impl Iterator<Item = (u32, Time)>, start: u32) -> Option<Span> {
    let mut first: BTreeMap<u32, Time> = BTreeMap::new();
    for (process, began) in served {
        let known = first.entry(process).or_insert(began);
        *known = began.min(*known);
    }
    let mut began: Vec<Time> = first.into_values().collect();
    began.sort_unstable();
    let later = began.get(start as usize)?;
    Some(Span::from_nanos(later.as_nanos() % LOOKS.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Two processes from the beginning; the third began with its first request at 5.1 s, just after the look that is 5 x 1.0015 s after the one at 0.0925 s.
    #[test]
    fn a_new_process_tells_when_its_master_looked() {
        let served = [(0, 100), (1, 200), (2, 5800), (2, 5100)];
        let served = served.map(|(process, ms)| (process, Time::from_nanos(ms * MS)));
        assert_eq!(phase(served.into_iter(), 2), Some(Span::from_nanos(92_500_000)));
        assert_eq!(phase(served[..2].iter().copied(), 2), None);
    }
}
