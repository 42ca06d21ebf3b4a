//! Whether the number of workers grew while the log was written: then no one number explains it, and
//! what requests waited for a worker that was not there yet seems to be service.

use super::ledger::Ledger;
use super::occupancy::visits;
use super::service::{WorkersFound, best_slots};

/// Requests of a third of the log that are needed to see a number of workers.
const LEAST: usize = 150;

/// How many workers there were at first and at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Growth {
    /// Of the first third of the log.
    pub(crate) first: usize,
    /// Of the last third.
    pub(crate) last: usize,
}

impl Growth {
    /// Two workers more and half as many again: what is found of a pool that does not grow is off
    /// by one.
    fn of(first: usize, last: usize) -> Option<Growth> {
        (last >= first + 2 && 2 * last >= 3 * first).then_some(Growth { first, last })
    }
}

/// The growth that a log shows: by its processes if it names them, else by the number of workers
/// that explains each third.
pub(crate) fn growth(ledger: &Ledger) -> Option<Growth> {
    match ledger.processes.is_empty() {
        false => of_processes(ledger),
        true if ledger.kept.iter().any(|kept| kept.held.is_some()) => None,
        true => of_thirds(ledger),
    }
}

/// Processes that were seen in the first and in the last third: of a pool that replaces its
/// processes as many are in both.
fn of_processes(ledger: &Ledger) -> Option<Growth> {
    let third = ledger.requests / 3;
    if third < LEAST as u64 {
        return None;
    }
    let seen = |wanted: fn(&(u64, u64), u64) -> bool| {
        ledger.processes.values().filter(|span| wanted(span, third)).count()
    };
    // one that ended in the last third has a successor there
    let ended = ledger.processes.values().filter(|(_, last)| *last < 3 * third - third / 4).count();
    let first = seen(|(first, _), third| *first < third);
    let last = seen(|(_, last), third| *last >= 2 * third).saturating_sub(ended);
    Growth::of(first, last)
}

fn of_thirds(ledger: &Ledger) -> Option<Growth> {
    if ledger.step > 1_000_000 {
        return None;
    }
    let all = visits(&ledger.kept);
    let third = all.len() / 3;
    if third < LEAST {
        return None;
    }
    let of = |part| match best_slots(part, ledger.step) {
        WorkersFound::Best(found) => Some(found),
        WorkersFound::AtLeast(_) | WorkersFound::Nothing => None,
    };
    Growth::of(of(&all[..third])?, of(&all[2 * third..])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::routes::LogRoutes;

    /// Requests of processes that take turns, one log after another.
    fn grown(parts: &[std::ops::Range<u64>]) -> Option<Growth> {
        let mut text = String::new();
        for (part, processes) in parts.iter().enumerate() {
            for k in 0..300 {
                let pid = processes.start + k % (processes.end - processes.start);
                let second = part as u64 * 15 + k / 20;
                text += &format!(
                    "::1 - - [23/Nov/2026:02:36:{second:02} +0000] \"GET / HTTP/1.0\" 200 3 \"-\" \
                     \"c\" D=9000 pid=<{pid}>\n"
                );
            }
        }
        let mut ledger = Ledger::new(LogRoutes::new([]).unwrap());
        ledger.read("log", text.as_bytes(), None).unwrap();
        growth(&ledger)
    }

    #[test]
    fn processes_that_come_are_growth_and_those_that_are_replaced_are_not() {
        assert_eq!(grown(&[1..3, 1..5, 1..9]), Some(Growth { first: 2, last: 8 }));
        assert_eq!(grown(&[1..5, 1..5, 1..5]), None);
        assert_eq!(grown(&[1..5, 5..9, 9..13]), None, "all were replaced, twice");
    }
}
