//! Runs that a limit of time or a signal cuts short: they may say less, never another number.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use simsrv::experiment::choice::{Outcome, choices};
use simsrv::experiment::row::{Row, Verdict};
use simsrv::experiment::{CellResult, Control};
use simsrv::job::{AnswerKind, Job, Results};
use simsrv::scenario::NoFiles;

/// M/G/c at 90 a second with CPU times: with 20 % more load 4 workers have 4.32 of work, which is
/// too much, and 5 are 86 % busy.
const LOAD: [(&str, &str); 6] = [
    ("cpu", "exp(10ms)"),
    ("io", "exp(30ms)"),
    ("rate", "90/s"),
    ("slo", "p95<140ms"),
    ("headroom", "20%"),
    ("cores", "4"),
];

/// A run whose time is over after so many looks at the clock, or that is stopped then; one thread makes
/// the looks the same each time.
fn run(options: &[(&str, &str)], looks: usize, stop: bool) -> Results {
    let options = LOAD.iter().chain(options).copied();
    let job = Job::of_options(options, Box::new(NoFiles)).expect("options");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let (looked, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let elapsed = || {
        let now = looked.fetch_add(1, Ordering::Relaxed);
        if stop && now >= looks {
            stopped.store(true, Ordering::Relaxed);
        }
        Duration::from_micros(now as u64)
    };
    let most =
        if stop { Duration::from_secs(1 << 30) } else { Duration::from_micros(looks as u64) };
    let control = Control::new(&stopped).within(most, &elapsed);
    pool.install(|| job.run(control, |_: &CellResult| ())).expect("a run")
}

fn outcome(results: &Results) -> Option<(Outcome, Vec<u32>)> {
    let rows: Vec<&Row> = results.rows().collect();
    let workers = rows.iter().map(|row| row.axes.workers).collect();
    choices(&rows).first().map(|choice| (choice.outcome.clone(), workers))
}

fn named(results: &Results) -> Option<u32> {
    match outcome(results)? {
        (Outcome::Named(at), workers) => Some(workers[at]),
        _ => None,
    }
}

/// Looks at the clock that a run makes in full, in steps that meet each of its parts.
const STEP: usize = 7;

/// F1: the kind of a run at the higher load that is missing or was cut short.
#[test]
fn a_list_that_is_cut_short_never_names_another_number() {
    let list = [("workers", "4..7"), ("requests", "3000"), ("replications", "8")];
    let full = named(&run(&list, usize::MAX >> 24, false));
    assert_eq!(full, Some(6));
    let mut open = 0;
    for stop in [false, true] {
        for looks in (0..200 * STEP).step_by(STEP) {
            let results = run(&list, looks, stop);
            let found = named(&results);
            assert!(found.is_none() || found == full, "{looks} looks, {stop}: {found:?}");
            if !stop && found.is_none() {
                assert_eq!(results.answer_kind(), AnswerKind::CannotTell, "{looks} looks");
            }
            for (_, cell) in results.finished().filter(|(_, cell)| cell.headroom.is_none()) {
                let good = cell.row.verdict().is_some_and(Verdict::good);
                assert!(!good, "{looks} looks, {stop}: {:?}", cell.row.axes);
            }
            let whole = results.finished().all(|(_, cell)| cell.row.replications == 8);
            let strained = results.finished().all(|(_, cell)| cell.headroom.is_some());
            open += usize::from(!stop && whole && !strained);
        }
    }
    assert!(open > 0, "no limit between the rows and their headroom");
}

/// F2: a search that the time ends is no interrupt, and numbers that were not tried may be the answer.
#[test]
fn a_search_that_is_cut_short_never_names_another_number() {
    let full = named(&run(&[], usize::MAX >> 24, false));
    assert_eq!(full, Some(6));
    for looks in (0..8_000).step_by(250) {
        let results = run(&[], looks, false);
        assert!(!results.partial(), "{looks} looks");
        let Some((outcome, workers)) = outcome(&results) else {
            panic!("no answer: {looks} looks")
        };
        match outcome {
            Outcome::Named(at) => assert_eq!(Some(workers[at]), full, "{looks} looks"),
            Outcome::Between(first, last) => {
                assert!((workers[first]..=workers[last]).contains(&6), "{looks}: {workers:?}");
            }
            Outcome::None | Outcome::DoesNotFit(_) => panic!("{looks} looks: {outcome:?}"),
        }
    }
}
