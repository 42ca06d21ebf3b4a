//! Models whose exact values are known, and how often the intervals of simulated runs contain them.
//! Shared by the bench (1000 seeds, `benches/coverage/main.rs`) and its short form among the tests.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;
use simsrv::experiment::row::{Measure, Row};
use simsrv::experiment::theory::theory_of;
use simsrv::experiment::{Control, Plan, run_cell};
use simsrv::random::Seed;
use simsrv::scenario::{NoFiles, Place, RawOptions, Value, plan_of_one};
use simsrv::theory::single::Inverted;
use simsrv::theory::transform::Transform;
use simsrv::theory::{Known, TimeDistribution};

/// Options by name.
pub type Options = &'static [(&'static str, &'static str)];

/// A model with its name, and the options that ask for it.
pub struct Case {
    /// What it is called in tables.
    pub name: &'static str,
    options: Options,
    truth: fn(&Known) -> Vec<(Measure, f64)>,
}

/// The models that the promise is measured on.
pub const CASES: [Case; 7] = [
    Case {
        name: "M/M/1, load 0.8",
        options: &[("workers", "1"), ("service", "exp(1s)"), ("rate", "0.8/s")],
        truth: responses,
    },
    Case {
        name: "M/M/12, load 0.9",
        options: &[("workers", "12"), ("io", "exp(1s)"), ("rate", "10.8/s")],
        truth: responses,
    },
    Case {
        name: "M/G/1, log-normal with cv 2, load 0.8",
        options: &[("workers", "1"), ("service", "lognormal(mean=1s,cv=2)"), ("rate", "0.8/s")],
        truth: lognormal,
    },
    Case {
        name: "M/M/4/20, load 0.9",
        options: &[("workers", "4"), ("service", "exp(1s)"), ("rate", "3.6/s"), ("backlog", "16")],
        truth: responses,
    },
    Case {
        name: "M/M/4//40, think 10 s",
        options: &[
            ("workers", "4"),
            ("service", "exp(1s)"),
            ("clients", "40"),
            ("think", "exp(10s)"),
        ],
        truth: responses,
    },
    Case {
        name: "8 workers share 2 cores, load 0.8",
        options: &[("workers", "8"), ("cores", "2"), ("service", "exp(1s)"), ("rate", "1.6/s")],
        truth: responses,
    },
    Case {
        name: "CPU 0.4 s + I/O 0.6 s, 4 workers on 2 cores",
        options: &[
            ("workers", "4"),
            ("cores", "2"),
            ("cpu", "exp(400ms)"),
            ("io", "exp(600ms)"),
            ("rate", "2.8/s"),
        ],
        truth: waits,
    },
];

/// Exact values that every model has.
fn means(known: &Known) -> Vec<(Measure, f64)> {
    [
        (Measure::ResponseMean, known.response_mean),
        (Measure::Throughput, known.throughput),
        (Measure::WorkerUtilisation, known.worker_utilisation),
        (Measure::CoreUtilisation, known.core_utilisation.filter(|share| *share > 0.0)),
    ]
    .into_iter()
    .filter_map(|(measure, value)| Some((measure, value?)))
    .collect()
}

fn responses(known: &Known) -> Vec<(Measure, f64)> {
    let response = known.response.expect("the distribution of the response time is known");
    let quantiles = [
        (Measure::ResponseP50, response.p50),
        (Measure::ResponseP95, response.p95),
        (Measure::ResponseP99, response.p99),
    ];
    means(known).into_iter().chain(quantiles).collect()
}

/// Where only the distribution of the waiting time is known.
fn waits(known: &Known) -> Vec<(Measure, f64)> {
    let wait = known.wait.expect("the distribution of the waiting time is known");
    let quantiles = [
        (Measure::WaitMean, known.wait_mean.expect("the mean wait is known")),
        (Measure::WaitP95, wait.p95),
        (Measure::WaitP99, wait.p99),
    ];
    means(known).into_iter().chain(quantiles).collect()
}

/// M/G/1 by inversion of the transform (Pollaczek & Khinchine).
fn lognormal(known: &Known) -> Vec<(Measure, f64)> {
    let service = Transform::lognormal(1.0, 2.0).expect("a proper distribution");
    let response = Inverted::response(0.8, &service).expect("below capacity");
    let mut values = means(known);
    for (measure, p) in
        [(Measure::ResponseP50, 0.5), (Measure::ResponseP95, 0.95), (Measure::ResponseP99, 0.99)]
    {
        values.push((measure, response.quantile(p)));
    }
    values
}

/// How a measure's intervals did over many seeds.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Which measure.
    pub measure: Measure,
    /// The exact value.
    pub truth: f64,
    /// Seeds whose interval contains the exact value.
    pub hits: usize,
    /// Mean of (estimate - truth) / truth.
    pub bias: f64,
    /// Mean of half-width / truth.
    pub half_width: f64,
    /// Standard deviation of the estimates / truth.
    pub deviation: f64,
}

impl Case {
    /// Runs the model with every seed of `seeds`; gives each measure's record, and the mean number
    /// of requests that a run reports on.
    pub fn test(&self, seeds: Range<u64>, precision: Option<&str>) -> (Vec<Tested>, f64) {
        let Plan { cells, settings, .. } = plan(self.options, precision);
        let known = theory_of(&cells[0].model, &settings);
        test(self.options, &(self.truth)(&known), seeds, precision)
    }
}

/// The plan, with the wanted precision if one is given.
pub fn plan(options: Options, precision: Option<&str>) -> Plan {
    let mut raw = RawOptions::new();
    let extra = precision.map(|text| ("precision", text));
    for (name, text) in options.iter().copied().chain(extra) {
        let value = Value { text: text.to_owned(), place: Place::Flag(name) };
        raw.set(name, value);
    }
    plan_of_one(&raw, &[], &NoFiles).expect("the options are right")
}

/// Runs what the options ask for with every seed; gives the record of each measure whose true value is
/// given, and the mean number of requests that a run reports on.
pub fn test(
    options: Options,
    truths: &[(Measure, f64)],
    seeds: Range<u64>,
    precision: Option<&str>,
) -> (Vec<Tested>, f64) {
    let Plan { cells, settings, .. } = plan(options, precision);
    let runs: Vec<Row> = seeds
        .into_par_iter()
        .filter_map(|seed| {
            let mut settings = settings.clone();
            settings.seed = Seed(seed);
            let stop = AtomicBool::new(false);
            Some(run_cell(&cells[0], &settings, Control::new(&stop))?.row)
        })
        .collect();
    let tested = truths.iter().map(|(measure, truth)| Tested::of(*measure, *truth, &runs));
    let requests = runs.iter().map(|row| row.requests as f64).sum::<f64>() / runs.len() as f64;
    (tested.collect(), requests)
}

impl Tested {
    fn of(measure: Measure, truth: f64, runs: &[Row]) -> Tested {
        let mut tested =
            Tested { measure, truth, hits: 0, bias: 0.0, half_width: 0.0, deviation: 0.0 };
        let count = runs.len() as f64;
        for row in runs {
            let estimate = row.measures.get(measure).expect("every measure has a value");
            let half_width = estimate.half_width.expect("every measure has an interval");
            tested.hits += usize::from((estimate.value - truth).abs() <= half_width);
            tested.bias += (estimate.value / truth - 1.0) / count;
            tested.half_width += half_width / truth / count;
            tested.deviation += (estimate.value / truth - 1.0).powi(2) / count;
        }
        tested.deviation = (tested.deviation - tested.bias.powi(2)).sqrt();
        tested
    }
}
