//! How often the named number of workers is truly worse than it may be: independent seeds of sweeps
//! whose best number is known by theory, as the table of `docs/trust.md`. Beside it the rule of before
//! 0.2.0: the smallest number that cannot be told apart from the best.
//!
//! `cargo bench --bench named -- SEEDS LENGTH [PART OF A NAME]`; a length is replications and the
//! requests of each, such as `4x1000`, or a precision such as `5%`.

use rayon::prelude::*;
use simsrv::experiment::Control;
use simsrv::experiment::choice::{ChoiceOutcome, choices};
use simsrv::experiment::row::{Measure, Row, Theory, TheoryKind};
use simsrv::job::{Job, Results};
use simsrv::scenario::NoFiles;
use simsrv::stats::inference::student;

/// A name, and options.
type Model = (&'static str, &'static [(&'static str, &'static str)]);

/// What cells are compared by.
const BY: Measure = Measure::ResponseP95;
/// What a named cell may be worse than the best, as a share (`--delta`).
const DELTA: f64 = 0.05;

#[rustfmt::skip]
const MODELS: [Model; 6] = [
    ("M/M/c, 0.8 busy", &[("workers", "1..4"), ("cores", "4"), ("service", "exp(1s)"), ("rate", "0.8/s")]),
    ("M/M/c, 3.2 busy", &[("workers", "4..8"), ("cores", "8"), ("service", "exp(1s)"), ("rate", "3.2/s")]),
    ("M/M/c, 14 busy", &[("workers", "16..24"), ("cores", "24"), ("service", "exp(1s)"), ("rate", "14/s")]),
    ("M/E2/c, 3.2 busy", &[("workers", "4..8"), ("cores", "8"), ("service", "erlang(mean=1s,k=2)"), ("rate", "3.2/s")]),
    ("M/H2/c, 3.2 busy", &[("workers", "4..9"), ("cores", "9"), ("service", "mix(90%:exp(500ms),10%:exp(5500ms))"), ("rate", "3.2/s")]),
    ("2 shared cores, 1.6 busy", &[("workers", "2..6"), ("cores", "2"), ("cpu", "exp(1s)"), ("rate", "1.6/s")]),
];

/// What came out of one seed.
#[derive(Default)]
struct Count {
    /// A number was named.
    named: u32,
    /// It is worse than the best by more than it may.
    worse: u32,
    /// The one that the older rule names is.
    older_worse: u32,
}

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let seeds: u32 = arguments.first().map_or(1000, |text| text.parse().expect("SEEDS: a number"));
    let length = arguments.get(1).map_or("5%", String::as_str);
    let part = arguments.get(2).map_or("", String::as_str);
    println!("| model | length | seeds | named | named, and worse by over 5 % | the older rule |");
    println!("|---|---|---|---|---|---|");
    for (name, options) in MODELS.iter().filter(|(name, _)| name.contains(part)) {
        let all = (1..=seeds).into_par_iter().map(|seed| one(options, length, seed));
        let sum = all.reduce(Count::default, |a, b| Count {
            named: a.named + b.named,
            worse: a.worse + b.worse,
            older_worse: a.older_worse + b.older_worse,
        });
        let share = |count: u32| format!("{:.1} %", 100.0 * f64::from(count) / f64::from(seeds));
        println!(
            "| {name} | {length} | {seeds} | {} | {} | {} |",
            share(sum.named),
            share(sum.worse),
            share(sum.older_worse)
        );
    }
}

fn one(options: &[(&'static str, &'static str)], length: &str, seed: u32) -> Count {
    let seed = seed.to_string();
    let length = match length.split_once('x') {
        Some((replications, each)) => vec![("replications", replications), ("requests", each)],
        None => vec![("precision", length)],
    };
    let all = options.iter().copied().chain([("seed", &*seed)]).chain(length);
    let job = Job::of_options(all, Box::new(NoFiles)).expect("a job");
    let never = std::sync::atomic::AtomicBool::new(false);
    let results = job.run(Control::new(&never), |_| ()).expect("results");
    let rows: Vec<&Row> = results.rows().collect();
    let truths: Vec<f64> = rows.iter().map(|row| truth(row)).collect();
    let best = truths.iter().copied().fold(f64::INFINITY, f64::min);
    let worse = |at: usize| u32::from(truths[at] > best * (1.0 + DELTA));
    let named = match &choices(&rows)[..] {
        [choice] => match choice.outcome {
            ChoiceOutcome::Named(at) => Some(at),
            _ => None,
        },
        _ => None,
    };
    Count {
        named: u32::from(named.is_some()),
        worse: named.map_or(0, worse),
        older_worse: worse(smallest_not_told_apart(&results)),
    }
}

/// The exact value; infinite for what is overloaded.
fn truth(row: &Row) -> f64 {
    let at = Theory::MEASURES.iter().position(|measure| *measure == BY).expect("a column");
    match (row.theory.kind, row.theory.values[at]) {
        (Some(TheoryKind::Unstable), _) => f64::INFINITY,
        (Some(TheoryKind::Exact), Some(value)) => value,
        other => panic!("no exact value: {other:?}"),
    }
}

/// The rule of before: the smallest number whose difference from the lowest, replication by replication,
/// has an interval (95 %) that holds 0.
fn smallest_not_told_apart(results: &Results) -> usize {
    let sections: Vec<Vec<f64>> = results
        .finished()
        .map(|(_, cell)| cell.sections.iter().filter_map(|one| one.value(BY)).collect())
        .collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let ran = |at: &usize| !sections[*at].is_empty();
    let all = || (0..sections.len()).filter(ran);
    let best = all().min_by(|a, b| mean(&sections[*a]).total_cmp(&mean(&sections[*b])));
    let best = best.expect("a cell that is not overloaded");
    let alike = |at: &usize| {
        let pairs = sections[*at].iter().zip(&sections[best]);
        let differences: Vec<f64> = pairs.map(|(one, other)| one - other).collect();
        let (count, center) = (differences.len() as f64, mean(&differences));
        let squares = differences.iter().map(|d| (d - center).powi(2)).sum::<f64>();
        let error = (squares / (count - 1.0) / count).sqrt();
        center.abs() <= student(0.95, differences.len() - 1) * error
    };
    all().find(alike).unwrap_or(best)
}
