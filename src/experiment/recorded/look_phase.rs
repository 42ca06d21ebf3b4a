//! When the master of a growing pool looked at its processes, read off a recorded run.
//!
//! It looks once a second, from an instant that nobody records. A process that it has started takes a
//! waiting request at once, so the first request of the first process that was not there at the
//! beginning began just after a look.

use std::collections::BTreeMap;

use super::validation::Recorded;
use crate::model::runtime::LOOKS;
use crate::time::{Span, Time};

/// How long after time 0 the master looked for the first time, if `start` processes were there at the
/// beginning; `None` if no more ever were, or nobody knows who served what.
pub fn phase<'a>(requests: impl Iterator<Item = &'a Recorded>, start: u32) -> Option<Span> {
    let mut first: BTreeMap<u32, Time> = BTreeMap::new();
    for request in requests.filter(|request| request.answered) {
        let held: u64 = request.demands.iter().map(|demand| demand.span().as_nanos()).sum();
        let began = Time::from_nanos(request.done.as_nanos().saturating_sub(held));
        let known = first.entry(request.process?).or_insert(began);
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
    use crate::model::{Demand, PhaseKind};

    const MS: u64 = 1_000_000;

    /// Two processes from the beginning; the third has its first answer at 5.3 s, after 200 ms of work:
    /// it began at 5.1 s, just after the look that is 5 x 1.0015 s after the one at 0.0925 s.
    #[test]
    fn a_new_process_tells_when_its_master_looked() {
        let request = |process: u32, done: u64| Recorded {
            scheduled: Time::ZERO,
            demands: vec![Demand::new(PhaseKind::Io, Span::from_nanos(200 * MS))],
            done: Time::from_nanos(done * MS),
            answered: true,
            number: None,
            client: 0,
            process: Some(process),
        };
        let all = [request(0, 300), request(1, 400), request(2, 6000), request(2, 5300)];
        assert_eq!(phase(all.iter(), 2), Some(Span::from_nanos(92_500_000)));
        assert_eq!(phase(all[..2].iter(), 2), None);
    }
}
