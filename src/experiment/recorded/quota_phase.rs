//! When the periods of a CPU quota began, read off a recorded run.
//!
//! The kernel grants tokens anew at multiples of the period from an instant that nobody records
//! (Linux `kernel/sched/fair.c`, `start_cfs_bandwidth`). When tokens run out nothing is answered
//! until the next grant, so the end of a period has the fewest answers.

use crate::time::{Span, Time};

/// Instants of a period that are tried.
const STEPS: u64 = 50;
/// This part of the period, its end, should have the fewest answers.
const QUIET: u64 = 4;

/// How long after time 0 the first period begins: the answers `ends` are laid over each other,
/// period upon period, and the fewest come in the quarter before it; of several such instants, the
/// one in the middle.
pub(crate) fn phase(ends: impl Iterator<Item = Time>, period: Span) -> Span {
    let length = period.as_nanos().max(1);
    let step = |number: u64| (u128::from(length) * u128::from(number) / u128::from(STEPS)) as u64;
    let since = |end: u64, at: u64| if at >= end { at - end } else { at + (length - end) };
    let mut before = [0u64; STEPS as usize];
    for end in ends {
        let end = end.as_nanos() % length;
        for (number, count) in (0..).zip(&mut before) {
            *count += u64::from(since(end, step(number)) < length / QUIET);
        }
    }
    let fewest = before.iter().min().copied().unwrap_or(0);
    let quietest: Vec<u64> =
        (0..).zip(before).filter(|(_, count)| *count == fewest).map(|(number, _)| number).collect();
    Span::from_nanos(quietest.get(quietest.len() / 2).map_or(0, |number| step(*number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Answers every 7 ms in the first 70 ms of periods of 100 ms from 30 ms on, for ten periods:
    /// the quarter before 30 ms has none, nor have those before the 4 ms around it.
    #[test]
    fn the_quiet_end_of_a_period_is_found() {
        let ends = (0..10).flat_map(|period| (0..11).map(move |at| 30 + 100 * period + 7 * at));
        let ends = ends.map(|ms| Time::from_nanos(ms * MS));
        let found = phase(ends, Span::from_nanos(100 * MS)).as_nanos() / MS;
        assert!((26..=30).contains(&found), "{found} ms");
    }

    #[test]
    fn nothing_recorded_breaks_nothing() {
        let period = Span::from_nanos(100 * MS);
        assert!(phase(std::iter::empty(), period) < period);
        assert_eq!(phase([Time::MAX].into_iter(), Span::ZERO), Span::ZERO);
        let long = Span::from_nanos(u64::MAX);
        assert!(phase([Time::from_nanos(5)].into_iter(), long) < long);
    }
}
