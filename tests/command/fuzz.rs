//! Odd values for every option, and odd bytes for every reader: a sentence or a result, never a
//! panic, never an endless run. The cases are the same each time.

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use simsrv::distribution::SampleUnit;
use simsrv::experiment::Control;
use simsrv::experiment::run_cell;
use simsrv::model::Trace;
use simsrv::render::{records_csv, results_csv};
use simsrv::scenario::{self, Files, Place, RawOptions, Value, file, keys, trace_file};
use simsrv::time::Span;

/// Files that are not there.
struct None;

impl Files for None {
    fn trace(&self, path: &str) -> Result<Trace, String> {
        trace_file::read(path.as_bytes())
    }

    fn samples(
        &self,
        _: &str,
        _: Option<&str>,
        _: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        Err("there are no files here".to_owned())
    }
}

/// Pieces that grammars are made of, sound and odd.
const PIECES: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "10",
    "0.5",
    "-1",
    "1e9",
    "1e400",
    "1e-400",
    "nan",
    "inf",
    "18446744073709551616",
    "s",
    "ms",
    "us",
    "ns",
    "m",
    "h",
    "/s",
    "/min",
    "%",
    "..",
    ",",
    "=",
    "(",
    ")",
    ":",
    "+",
    " ",
    "#",
    "-",
    "exp",
    "uniform",
    "erlang",
    "gamma",
    "lognormal",
    "weibull",
    "pareto",
    "hyperexp",
    "mix",
    "quantiles",
    "samples",
    "mmpp",
    "batch",
    "poisson",
    "constant",
    "mean",
    "cv",
    "k",
    "p50",
    "p99",
    "max",
    "min",
    "alpha",
    "shape",
    "median",
    "cpu",
    "io",
    "auto",
    "on",
    "off",
    "unlimited",
    "é",
    "\0",
    "20ms",
    "exp(20ms)",
    "5/s",
    "50%",
    "1..3",
    "mean=20ms",
    "cv=2",
    "cpu:1ms",
];

fn odd_value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::collection::vec(proptest::sample::select(PIECES), 0..8)
            .prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

/// Options that a scenario is planned from.
fn options() -> Vec<&'static str> {
    let planned = |key: &&keys::Key| key.group != keys::Group::Output;
    keys::KEYS.iter().filter(planned).map(|key| key.name).collect()
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: Option::None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Sound options to begin with, so that the odd ones are read.
const BASES: [&[(&str, &str)]; 4] = [
    &[("service", "exp(20ms)"), ("clients", "3")],
    &[("service", "exp(20ms)"), ("rate", "30/s"), ("requests", "20")],
    &[
        ("cpu", "1ms"),
        ("io", "exp(5ms)"),
        ("clients", "4"),
        ("think", "exp(9ms)"),
        ("requests", "5"),
    ],
    &[],
];

fn plan_and_run(base: &[(&str, &str)], odd: &[(&str, String)]) {
    let mut raw = RawOptions::new();
    let base = base.iter().map(|(name, text)| (*name, (*text).to_owned()));
    let short = [("replications", "2".to_owned()), ("max-requests-simulated", "500".to_owned())];
    for (name, text) in short.into_iter().chain(base).chain(odd.iter().cloned()) {
        raw.set(name, Value { text, place: Place::File(0..1) });
    }
    let plan = match scenario::plan(&raw, &[], &None) {
        Ok(plan) => plan,
        Err(problem) => return assert!(problem.to_string().len() > 10, "{odd:?}: {problem}"),
    };
    let stop = AtomicBool::new(false);
    let settings = &plan.settings;
    for cell in plan.cells.iter().take(3) {
        let one = scenario_of_one(cell, settings);
        if one.least_requests().is_some_and(|least| least <= 2_000)
            && cell.model.server().slots() < 500
        {
            let result = run_cell(cell, settings, Control::new(&stop));
            assert!(result.is_some(), "{odd:?}");
        }
    }
}

fn scenario_of_one(
    cell: &simsrv::experiment::Cell,
    settings: &simsrv::experiment::Settings,
) -> simsrv::experiment::Plan {
    simsrv::experiment::Plan {
        cells: vec![cell.clone()],
        settings: settings.clone(),
        search: Option::None,
        skipped: Vec::new(),
    }
}

#[test]
fn odd_options_are_refused_or_run() {
    let odd = (proptest::sample::select(options()), odd_value());
    let strategy = (proptest::sample::select(&BASES[..]), proptest::collection::vec(odd, 1..4));
    runner(6_000)
        .run(&strategy, |(base, odd)| {
            plan_and_run(base, &odd);
            Ok(())
        })
        .unwrap();
}

/// Text with the words of a grammar in it.
fn odd_text(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => proptest::sample::select(words).prop_map(str::to_owned),
        2 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[test]
fn odd_scenarios_are_refused_or_read() {
    const WORDS: &[&str] = &[
        "\n",
        " = ",
        "'",
        "\"",
        "[[case]]\n",
        "[[expect]]\n",
        "[[chart]]\n",
        "[",
        "]",
        "{",
        "}",
        "#",
        "workers",
        "service",
        "name",
        "measure",
        "value",
        "kind",
        "'3s'",
        "4",
        "true",
        "\r\n",
        "\t",
        "name = 'a'\n",
        "service = '3s'\n",
        "workers = [1, 2]\n",
        "1979-05-27",
        "ü",
        "\u{feff}",
    ];
    runner(4_000)
        .run(&odd_text(WORDS), |text| {
            if let Err(problem) = file::read(&text) {
                assert!(file::show(&problem, "s.toml", &text).starts_with("s.toml"), "{text:?}");
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn odd_tables_are_refused_or_read() {
    const WORDS: &[&str] = &[
        "\n",
        ",",
        "\"",
        "workers",
        "cores",
        "stable",
        "yes",
        "no",
        "finite",
        "response_ccdf",
        "1:2 ",
        "workers,cores,stable\n",
        "1,8,yes\n",
        "arrival_s,cpu_s,io_s\n",
        "arrival_s,phases\n",
        "0.5,cpu:1 io:2\n",
        "1,2,3\n",
        "# comment\n",
        "served",
        "refused",
        "cell,replication,request,client,worker,arrival_s,start_s,departure_s,outcome\n",
        "1,1,1,1,1,0.0,0.0,3.0,served\n",
        "1,1,2,,,0.0,,,refused\n",
    ];
    runner(4_000)
        .run(&odd_text(WORDS), |text| {
            let _ = results_csv::read(&text);
            let _ = records_csv::read(&text);
            let _ = trace_file::read(text.as_bytes());
            Ok(())
        })
        .unwrap();
}
