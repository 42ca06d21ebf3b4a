//! The log of one configuration predicts another with the same arrivals: recorded runs of a real
//! Gunicorn as nginx logs, the first configuration fitted, the second one predicted.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use simsrv::fit::check::{Check, MeasureVerdict, Whose, check};
use simsrv::fit::findings::Findings;
use simsrv::fit::service::Deployment;
use simsrv::fit::{scenario_text, trace_text};
use simsrv::model::{Load, Model, Server};
use simsrv::scenario::{NoFiles, file, plan_of_one, trace_file};

use super::support::ledger;

/// When the logs begin, in seconds since 1970.
const START: f64 = 1_795_401_376.0;
/// The server's own time in each request, in seconds (see `recordings.rs`).
const OWN: f64 = 0.000_65;

/// A recorded run as nginx logs it, and the share of one core that was busy.
fn logged(name: &str) -> (String, f64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/gunicorn")
        .join(format!("{name}.csv"));
    let mut reader = csv::Reader::from_path(path).expect(name);
    let headers = reader.headers().expect(name).clone();
    let at = |column: &str| headers.iter().position(|header| header == column).expect(column);
    let (phases, scheduled, done) = (at("phases"), at("scheduled_s"), at("done_s"));
    let (mut all, mut cpu) = (Vec::new(), 0.0);
    for record in reader.records().map(|record| record.expect(name)) {
        let instants: [f64; 2] = [scheduled, done].map(|at| record[at].parse().expect("seconds"));
        let of = |phase: &str| phase.strip_prefix("cpu:")?.parse::<f64>().ok();
        cpu += OWN + record[phases].split_whitespace().filter_map(of).sum::<f64>();
        all.push(instants);
    }
    assert!(all.len() > 300, "{name}: {} requests", all.len());
    all.sort_by(|one, other| one[1].total_cmp(&other[1]));
    let first = all.iter().map(|one| one[0]).fold(f64::INFINITY, f64::min);
    let busy = cpu / (all[all.len() - 1][1] - first);
    let mut text = String::new();
    for [came, gone] in all {
        let (time, msec) = (gone - came, START + gone);
        let _ = writeln!(
            text,
            "::1 - - [23/Nov/2026:02:36:18 +0000] \"GET /a HTTP/1.1\" 200 3 \"-\" \"x\" \
             rt={time:.3} urt={time:.3} msec={msec:.3}"
        );
    }
    (text, busy)
}

/// What a log says of a server on one core.
fn findings(name: &str, (workers, threads): (u32, u32)) -> Findings {
    let (text, busy) = logged(name);
    let deployment = Deployment {
        workers: Some(workers),
        threads: Some(threads),
        cores: Some(1.0),
        cpu_busy: Some(busy),
        ..Deployment::default()
    };
    Findings::new(ledger(&text, None), None, deployment).expect(name)
}

fn server((workers, threads): (u32, u32)) -> Server {
    Server { threads, cores: "1".parse().expect("a core"), ..Server::ideal(workers) }
}

/// The second configuration, predicted from the log of the first.
fn predicted(from: (&str, (u32, u32)), to: (&str, (u32, u32))) -> Check {
    let trace = trace_text::text(&findings(from.0, from.1)).expect(from.0);
    let trace = trace_file::read(trace.as_bytes()).expect(from.0);
    let model = Model::new(Load::Trace(trace.into()), server(to.1)).expect(to.0);
    let stop = AtomicBool::new(false);
    check(&findings(to.0, to.1), (&model, Whose::Given), 0, &stop).expect(to.0)
}

#[track_caller]
fn within_a_tenth(from: (&str, (u32, u32)), to: (&str, (u32, u32))) {
    let check = predicted(from, to);
    for row in &check.rows {
        let difference = row.difference().unwrap_or(f64::INFINITY);
        assert!(difference.abs() <= 0.10, "{} -> {}: {row:?}", from.0, to.0);
    }
    assert!(!check.missed());
}

#[test]
fn one_worker_predicts_two_four_and_eight() {
    for run in 1..=3 {
        let of = |rest: &str| format!("open-cpu--exp_{rest}_1c--run{run}");
        within_a_tenth((&of("rho0.5_w1"), (1, 1)), (&of("rho0.5_w4"), (4, 1)));
        within_a_tenth((&of("rho0.7_w1"), (1, 1)), (&of("rho0.7_w2"), (2, 1)));
        within_a_tenth((&of("rho0.7_w1"), (1, 1)), (&of("rho0.7_w8"), (8, 1)));
    }
}

/// CPU and I/O: four processes and one process of four threads, each from the other.
#[test]
fn processes_predict_threads_and_threads_processes() {
    for run in 1..=3 {
        let of = |rest: &str| format!("gthread-mixed--open50_exp_{rest}_1c--run{run}");
        let (processes, threads) = (of("sync_w4t1"), of("gthread_w1t4"));
        within_a_tenth((&processes, (4, 1)), (&threads, (1, 4)));
        within_a_tenth((&threads, (1, 4)), (&processes, (4, 1)));
    }
}

/// If the CPU is taken for I/O, eight workers do not wait, and the check says so.
#[test]
fn a_wrong_scenario_is_missed() {
    let name = "open-cpu--exp_rho0.7_w8_1c--run1";
    let scenario = file::read("rate = \"33/s\"\nio = \"exp(20ms)\"\nworkers = 8").unwrap();
    let mut plan = plan_of_one(&scenario.base, &[], &NoFiles).unwrap();
    let model = plan.cells.remove(0).model;
    let stop = AtomicBool::new(false);
    let check = check(&findings(name, (8, 1)), (&model, Whose::Given), 0, &stop).unwrap();
    let of = |name: &str| check.rows.iter().find(|row| row.measure == name).unwrap().verdict;
    assert!(
        check.missed()
            && of("mean") == MeasureVerdict::Missed
            && of("p95") == MeasureVerdict::Missed
    );
    assert_eq!(of("throughput"), MeasureVerdict::Holds);
}

/// The scenario that a log gives, with demands drawn anew, holds the log that it came from.
#[test]
fn the_scenario_of_a_log_holds_the_log() {
    for (name, slots) in [
        ("open-io--exp_rho0.8_w4--run1", (4, 1)),
        ("open-cpu--exp_rho0.7_w8_1c--run1", (8, 1)),
        ("gthread-mixed--open50_exp_sync_w4t1_1c--run1", (4, 1)),
    ] {
        let findings = findings(name, slots);
        let text = scenario_text::text(&findings, None, 0).unwrap();
        let scenario = file::read(&text).unwrap();
        let model = plan_of_one(&scenario.base, &[], &NoFiles).unwrap().cells.remove(0).model;
        let stop = AtomicBool::new(false);
        let check = check(&findings, (&model, Whose::OfTheLog), 0, &stop).unwrap();
        assert_eq!(check.replays, 199, "{name}");
        let held = check.rows.iter().filter(|row| row.verdict == MeasureVerdict::Holds).count();
        assert!(held == 6 && !check.missed(), "{name}: {check:?}");
        // of failures a log without any says nothing
        assert_eq!(check.rows[6].verdict, MeasureVerdict::Unsaid);
    }
}
