//! Runs that a limit of time or a signal cuts short: they may say less, never another number.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use simsrv::experiment::choice::{ChoiceOutcome, choices};
use simsrv::experiment::row::{Row, Verdict};
use simsrv::experiment::sweep::sweep;
use simsrv::experiment::{CellResult, Control};
use simsrv::job::{self, Job};
use simsrv::scenario::NoFiles;

/// The cells that a run gives.
type Cells = Vec<Option<Box<CellResult>>>;

/// M/G/c at 90 a second with CPU times: with 20 % more load 4 workers have 4.32 of work, which is
/// too much, and 5 are 86 % busy.
const LOAD: [(&str, &str); 6] = [
    ("cpu", "exp(10ms)"),
    ("io", "exp(30ms)"),
    ("rate", "90/s"),
    ("slo", "p95<150ms"),
    ("headroom", "20%"),
    ("cores", "4"),
];

/// A run whose time is over after so many looks at the clock, or that is stopped then; one thread makes
/// the looks the same each time.
fn run(options: &[(&str, &str)], looks: usize, stop: bool) -> (Cells, usize) {
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
    let plan = job.plan().expect("a plan");
    let (_, cells) = pool.install(|| sweep(plan, control, |_| ()));
    (cells, looked.into_inner())
}

fn outcome(cells: &Cells) -> Option<(ChoiceOutcome, Vec<u32>)> {
    let rows: Vec<&Row> = cells.iter().flatten().map(|cell| &cell.row).collect();
    let workers = rows.iter().map(|row| row.axes.workers).collect();
    choices(&rows).first().map(|choice| (choice.outcome.clone(), workers))
}

fn named(cells: &Cells) -> Option<u32> {
    match outcome(cells)? {
        (ChoiceOutcome::Named(at), workers) => Some(workers[at]),
        _ => None,
    }
}

/// A limit that is never reached.
const NONE: usize = 1 << 40;

/// Limits that meet each part of a run with so many looks at the clock.
fn limits(looks: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |part| looks * part / count)
}

/// F1: the kind of a run at the higher load that is missing or was cut short.
#[test]
fn a_list_that_is_cut_short_never_names_another_number() {
    let list = [("workers", "4..7"), ("requests", "6000"), ("replications", "16")];
    let (whole, all) = run(&list, NONE, false);
    let full = named(&whole);
    assert_eq!(full, Some(6));
    let mut open = 0;
    for stop in [false, true] {
        for looks in limits(all, 8) {
            let (cells, _) = run(&list, looks, stop);
            let found = named(&cells);
            assert!(found.is_none() || found == full, "{looks} looks, {stop}: {found:?}");
            if !stop && found.is_none() {
                let outcome = outcome(&cells).map(|(outcome, _)| outcome);
                assert!(
                    matches!(outcome, Some(ChoiceOutcome::Between(..))),
                    "{looks}: {outcome:?}"
                );
            }
            for cell in cells.iter().flatten().filter(|cell| cell.headroom.is_none()) {
                let good = cell.row.verdict().is_some_and(Verdict::good);
                assert!(!good, "{looks} looks, {stop}: {:?}", cell.row.axes);
            }
            let whole = cells.iter().flatten().all(|cell| cell.row.replications == 16);
            let strained = cells.iter().flatten().all(|cell| cell.headroom.is_some());
            open += usize::from(!stop && whole && !strained);
        }
    }
    assert!(open > 0, "no limit between the rows and their headroom");
}

/// F2: a search that the time ends is no interrupt, and numbers that were not tried may be the answer.
#[test]
fn a_search_that_is_cut_short_never_names_another_number() {
    let full = Some(6);
    for looks in [0, 30, 100, 300, 1000, 3000] {
        let (cells, _) = run(&[], looks, false);
        assert!(cells.iter().all(Option::is_some), "{looks} looks");
        let Some((outcome, workers)) = outcome(&cells) else { panic!("no answer: {looks} looks") };
        match outcome {
            ChoiceOutcome::Named(at) => assert_eq!(Some(workers[at]), full, "{looks} looks"),
            ChoiceOutcome::Between(first, last) => {
                assert!((workers[first]..=workers[last]).contains(&6), "{looks}: {workers:?}");
            }
            ChoiceOutcome::None | ChoiceOutcome::DoesNotFit(_) => {
                panic!("{looks} looks: {outcome:?}")
            }
        }
    }
}

/// F4 and F8: what is said of a run that was stopped at once.
#[test]
fn a_run_that_is_stopped_at_once_says_so() {
    let options = [("workers", "5,6"), ("io", "exp(1s)"), ("rate", "3/s"), ("server", "gunicorn")];
    let job = |more: &[(&'static str, &'static str)]| {
        let options = options.iter().chain(more).copied();
        Job::of_options(options, Box::new(NoFiles)).expect("options")
    };
    let stop = AtomicBool::new(true);
    let stopped = |job: &Job| job.run(Control::new(&stop), |_: &CellResult| ()).expect("a run");
    let config = job(&[("format", "config")]);
    assert_eq!(config.config(&stopped(&config)), Err(job::Error::Stopped));
    let quiet = job(&[("quiet", "true")]);
    let said = quiet.text(&stopped(&quiet), 80).expect("a text");
    assert_eq!(said, "Interrupted before the first cell was finished.\n");
}

/// F8: of a row that was not run nobody knows what is answered.
#[test]
fn a_row_that_was_not_run_has_no_unanswered_requests() {
    let options = [("workers", "5,6"), ("io", "exp(1s)"), ("rate", "3/s"), ("slo", "p95<5s")];
    let job = Job::of_options(options, Box::new(NoFiles)).expect("options");
    let (stop, elapsed) = (AtomicBool::new(false), || Duration::from_secs(1));
    let control = Control::new(&stop).within(Duration::ZERO, &elapsed);
    let results = job.run(control, |_: &CellResult| ()).expect("a run");
    let said = job.answer(&results);
    assert!(said.contains("unknown, as no request was simulated"), "{said}");
}
