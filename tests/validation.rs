//! Recorded runs of real servers, replayed: what is predicted is as near as it was promised. The
//! recordings are in `tests/data/gunicorn` and, of other servers, in `tests/data/servers/recorded`;
//! `runs.csv` tells each server and its target.

use std::path::{Path, PathBuf};

use simsrv::experiment::recorded::validation::{Comparison, Recording, ReplaySettings, replay};
use simsrv::random::Seed;
use simsrv::scenario::runs::{self, Runs};
use simsrv::scenario::{NoFiles, recorded, server};
use simsrv::time::Span;

const GUNICORN: &str = "tests/data/gunicorn";
const OTHERS: &str = "tests/data/servers/recorded";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn list_of(name: &str) -> Vec<Runs> {
    let text = std::fs::read_to_string(folder(name).join("runs.csv")).expect("runs.csv");
    runs::read(&text).expect("a list of runs")
}

fn list() -> Vec<Runs> {
    list_of(GUNICORN)
}

fn compared(run: &Runs) -> Comparison {
    compared_in(GUNICORN, run)
}

fn compared_in(name: &str, run: &Runs) -> Comparison {
    let folder = folder(name);
    let raw = &run.raw;
    let text = |name: &str| raw.get(name).map(|value| value.text.clone());
    let clients = text("clients").map(|text| text.parse::<u32>().expect("clients"));
    let until = text("duration").map(|text| text.parse::<Span>().expect("a duration"));
    let read = |name: &String| -> Recording {
        let file = std::fs::File::open(folder.join(name)).expect("a recording");
        recorded::read(file, clients.map(|clients| (clients, until))).expect("a recording")
    };
    let recordings: Vec<Recording> = run.files.iter().map(read).collect();
    let server = server(raw, &NoFiles).expect("a server");
    let settings = ReplaySettings { seed: Seed(1), replications: 20, split: run.split };
    replay(&server, &recordings, settings).expect("a replay")
}

/// Figures of the runs of a folder that are farther off than their target, and how many runs have
/// one: mean, median, p95, p99 and throughput.
fn farther_off(folder: &str) -> (Vec<String>, usize) {
    let wanted = ["mean_s", "p50_s", "p95_s", "p99_s", "throughput_per_s"];
    let mut far = Vec::new();
    let mut seen = 0;
    for run in list_of(folder) {
        let Some(target) = run.target else { continue };
        seen += 1;
        let found = compared_in(folder, &run);
        let names = simsrv::experiment::recorded::validation::NAMES;
        let values = found.measured.values().into_iter().zip(found.predicted.values());
        for (name, (measured, predicted)) in names.into_iter().zip(values) {
            if !wanted.contains(&name) {
                continue;
            }
            let off = predicted / measured - 1.0;
            if off.is_nan() || off.abs() > target {
                far.push(format!("{}: {name} {measured} predicted {predicted}", run.name));
            }
        }
    }
    (far, seen)
}

#[test]
fn predictions_are_as_near_as_promised() {
    let (far, seen) = farther_off(GUNICORN);
    assert!(seen >= 25, "{seen} runs have a target");
    assert!(far.is_empty(), "\n{}", far.join("\n"));
}

/// Stories and static pools within 2 %, CPU and I/O 5 %, threads and loops 10 %; runs without a
/// target are those of which `docs/validation.md` says why they are farther off.
#[test]
fn other_servers_are_as_near_as_promised() {
    let (far, seen) = farther_off(OTHERS);
    assert!(seen >= 35, "{seen} runs have a target");
    assert!(far.is_empty(), "\n{}", far.join("\n"));
}

/// Who was not answered in a recording is not answered in its replay, and the others are.
#[test]
fn the_same_number_is_not_answered() {
    let all = list();
    let runs: Vec<&Runs> = all.iter().filter(|run| run.name.starts_with("timeout")).collect();
    assert!(!runs.is_empty(), "no run of a timeout");
    for run in runs {
        let found = compared(run);
        let unanswered = |of: &simsrv::experiment::recorded::validation::Figures| of.values()[7];
        assert_eq!(unanswered(&found.measured), unanswered(&found.predicted), "{}", run.name);
    }
}

/// When the periods of a quota began is a fact of a run, and decides what is measured: predictions
/// for any phase leave it to chance, and are farther off for every run with several workers.
#[test]
fn the_periods_of_a_quota_begin_when_they_did() {
    let runs: Vec<Runs> = list().into_iter().filter(|run| run.name.starts_with("quota")).collect();
    assert!(!runs.is_empty(), "no run of a quota");
    for pair in runs.chunks(2) {
        let [recorded, default] = pair else { panic!("each as recorded, and by default") };
        let off = |run: &Runs| {
            let found = compared(run);
            (found.predicted.mean() / found.measured.mean() - 1.0).abs()
        };
        let (recorded, default) = (off(recorded), off(default));
        assert!(recorded < 0.04 && recorded < 0.6 * default, "{recorded} against {default}");
    }
}

/// The comparison can fail: half of the overhead, or none, is too far off at a load of 80 %.
#[test]
fn without_what_the_server_takes_it_would_be_off() {
    let mut run =
        list().into_iter().find(|run| run.name == "open-io exp_rho0.8_w4").expect("a run");
    run.raw = simsrv::scenario::RawOptions::new();
    for (name, text) in
        [("workers", "4"), ("class", "sync"), ("overhead", "0"), ("overhead-io", "0")]
    {
        let place = simsrv::scenario::Place::Flag("workers");
        run.raw.set(name, simsrv::scenario::Value { text: text.to_owned(), place });
    }
    let found = compared(&run);
    assert!(found.predicted.mean() / found.measured.mean() < 0.96);
}
