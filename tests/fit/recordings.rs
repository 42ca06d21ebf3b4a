//! Recorded runs of real servers, turned into logs as the formats round: the service times that
//! come back are those that were asked for.
//!
//! What was asked for stands in the column `phases` of the recordings; the server adds 0.65 ms of
//! its own to each request. Response times at these loads are up to nine times the service.

use std::fmt::Write as _;
use std::path::Path;

use simsrv::fit::record::Status;
use simsrv::fit::service::{Deployment, WorkersFound, service};

use super::support::ledger;

/// One recorded request, in seconds.
struct Recorded {
    scheduled: f64,
    started: f64,
    finished: f64,
    done: f64,
    cpu: f64,
    io: f64,
    worker: String,
}

fn recording(name: &str) -> Vec<Recorded> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fit").join(format!("{name}.csv"));
    let mut reader = csv::Reader::from_path(path).expect(name);
    let headers = reader.headers().expect(name).clone();
    let at = |column: &str| headers.iter().position(|header| header == column).expect(column);
    let columns = ["scheduled_s", "started_s", "finished_s", "done_s"].map(at);
    let (phases, worker, status) = (at("phases"), at("worker"), at("status"));
    let mut all = Vec::new();
    for record in reader.records().map(|record| record.expect(name)) {
        if &record[status] != "200" {
            continue;
        }
        let [scheduled, started, finished, done] =
            columns.map(|column| record[column].parse().unwrap_or(0.0));
        let sum = |kind: &str| -> f64 {
            let of = |phase: &str| phase.strip_prefix(kind)?.parse::<f64>().ok();
            record[phases].split_whitespace().filter_map(of).sum()
        };
        let (cpu, io, worker) = (sum("cpu:"), sum("io:"), record[worker].to_owned());
        all.push(Recorded { scheduled, started, finished, done, cpu, io, worker });
    }
    assert!(all.len() > 100, "{name}: {} requests", all.len());
    all
}

/// When the logs begin, in seconds since 1970.
const START: f64 = 1_795_401_376.0;

/// nginx: `$msec` and times of three decimals, written when the request ends.
fn nginx(all: &[Recorded]) -> String {
    let mut order: Vec<&Recorded> = all.iter().collect();
    order.sort_by(|one, other| one.done.total_cmp(&other.done));
    let mut text = String::new();
    for one in order {
        let time = one.done - one.scheduled;
        let msec = START + one.done;
        let _ = writeln!(
            text,
            "::1 - - [23/Nov/2026:02:36:18 +0000] \"GET /a HTTP/1.1\" 200 3 \"-\" \"x\" \
             rt={time:.3} uct=0.000 uht={time:.3} urt={time:.3} msec={msec:.3}"
        );
    }
    text
}

/// JMeter: the start and the elapsed time in whole milliseconds.
fn jmeter(all: &[Recorded]) -> String {
    let mut text = "timeStamp,elapsed,label,responseCode,success\n".to_owned();
    for one in all {
        let start = ((START + one.scheduled) * 1e3).floor();
        let elapsed = ((START + one.done) * 1e3).floor() - start;
        let _ = writeln!(text, "{start},{elapsed},a,200,true");
    }
    text
}

/// Gunicorn: whole seconds, microseconds in the worker, and a header of the proxy in front.
fn gunicorn(all: &[Recorded]) -> String {
    let mut text = String::new();
    for one in all {
        let held = ((one.finished - one.started) * 1e6).round();
        let came = START + one.scheduled;
        let _ = writeln!(
            text,
            "::1 - - [23/Nov/2026:02:36:18 +0000] \"GET /a HTTP/1.0\" 200 3 \"-\" \"x\" D={held} \
             pid=<{}> xrs=t={came:.3}",
            one.worker
        );
    }
    text
}

/// hey: seconds with four decimals.
fn hey(all: &[Recorded]) -> String {
    let mut text = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,\
                    status-code,offset\n"
        .to_owned();
    for one in all {
        let time = one.done - one.scheduled;
        let _ = writeln!(text, "{time:.4},0,0,0,0,0,200,{:.4}", one.scheduled);
    }
    text
}

/// The server's own time in each request, in seconds; it is measured in `docs/performance.md` of
/// the recordings' origin at 0.65 ms (0.3 of it outside of the handler).
const OWN: f64 = 0.000_65;

/// Mean, p50, p95, p99.
fn figures(mut values: Vec<f64>) -> [f64; 4] {
    values.sort_by(f64::total_cmp);
    let at = |p: f64| values[((p * values.len() as f64).ceil() as usize).max(1) - 1];
    [values.iter().sum::<f64>() / values.len() as f64, at(0.5), at(0.95), at(0.99)]
}

struct Run {
    name: &'static str,
    workers: u32,
    threads: u32,
    cores: f64,
    /// How far each figure may be off.
    within: f64,
}

const fn run(name: &'static str, workers: u32, threads: u32, cores: f64, within: f64) -> Run {
    Run { name, workers, threads, cores, within }
}

/// I/O only, CPU only, and both.
const RUNS: [Run; 14] = [
    run("open-io--exp_rho0.5_w4--run1", 4, 1, 2.0, 0.05),
    run("open-io--exp_rho0.8_w4--run1", 4, 1, 2.0, 0.05),
    run("open-io--fix_rho0.8_w4--run1", 4, 1, 2.0, 0.05),
    run("closed-io--n30_w4--run1", 4, 1, 2.0, 0.05),
    run("open-cpu--exp_rho0.5_w1_1c--run1", 1, 1, 1.0, 0.05),
    run("open-cpu--exp_rho0.5_w4_1c--run1", 4, 1, 1.0, 0.05),
    run("open-cpu--exp_rho0.7_w2_1c--run1", 2, 1, 1.0, 0.05),
    run("open-cpu--exp_rho0.7_w8_1c--run1", 8, 1, 1.0, 0.05),
    run("open-cpu--exp_rho0.7_w8_1c--run2", 8, 1, 1.0, 0.05),
    run("mixed--open60_exp_w8_1c--run1", 8, 1, 1.0, 0.10),
    run("mixed--open60_exp_w8_1c--run2", 8, 1, 1.0, 0.10),
    run("mixed--sat32_exp_w4_1c--run1", 4, 1, 1.0, 0.10),
    run("mixed--sat32_cv0.3_w8_1c--run1", 8, 1, 1.0, 0.10),
    run("gthread-mixed--open50_exp_gthread_w1t4_1c--run1", 1, 4, 1.0, 0.10),
];

/// The share of the cores that was busy, as an operator reads it off: CPU asked for and the
/// server's own, over the time of the run.
fn busy(all: &[Recorded], cores: f64) -> f64 {
    let first = all.iter().map(|one| one.scheduled).fold(f64::INFINITY, f64::min);
    let last = all.iter().map(|one| one.done).fold(0.0, f64::max);
    let cpu: f64 = all.iter().map(|one| one.cpu + OWN).sum();
    (cpu / (last - first) / cores).min(1.0)
}

/// How far the figures are off, of one run in one format.
fn errors(run: &Run, all: &[Recorded], text: &str, busy: Option<f64>, own: f64) -> [f64; 4] {
    let deployment = Deployment {
        workers: Some(run.workers),
        threads: Some(run.threads),
        cores: Some(run.cores),
        cpu_busy: busy,
        event_loop: false,
    };
    let ledger = ledger(text, None);
    let (found, _) =
        service(&ledger, &deployment).unwrap_or_else(|why| panic!("{}: {why}", run.name));
    let found = figures(found.of.iter().map(|one| one.1).collect());
    let asked = figures(all.iter().map(|one| one.cpu + one.io + own).collect());
    std::array::from_fn(|at| found[at] / asked[at] - 1.0)
}

#[track_caller]
fn within(what: &str, errors: [f64; 4], most: f64) {
    let shown: Vec<String> = errors.iter().map(|error| format!("{:+.1}%", error * 100.0)).collect();
    assert!(errors.iter().all(|error| error.abs() <= most), "{what}: {}", shown.join(" "));
}

#[test]
fn responses_give_the_service_back() {
    for run in &RUNS {
        let all = recording(run.name);
        let busy = Some(busy(&all, run.cores));
        for (format, text) in [("nginx", nginx(&all)), ("JMeter", jmeter(&all)), ("hey", hey(&all))]
        {
            let what = format!("{} as {format}", run.name);
            within(&what, errors(run, &all, &text, busy, OWN), run.within);
        }
    }
}

/// The time in the worker and the arrival in front of it.
#[test]
fn held_times_give_the_service_back() {
    for run in &RUNS {
        let all = recording(run.name);
        let busy = Some(busy(&all, run.cores));
        let what = format!("{} as Gunicorn", run.name);
        within(&what, errors(run, &all, &gunicorn(&all), busy, OWN / 2.0), run.within);
    }
}

/// Of pure runs the share of CPU is seen in the log itself.
#[test]
fn without_the_busy_share_all_or_nothing_is_seen() {
    for run in RUNS.iter().filter(|run| run.within < 0.1) {
        let all = recording(run.name);
        within(run.name, errors(run, &all, &nginx(&all), None, OWN), run.within);
    }
}

#[test]
fn the_number_of_workers_is_found() {
    for run in RUNS.iter().filter(|run| !run.name.contains("fix") && !run.name.contains("cv0.3")) {
        let all = recording(run.name);
        let (_, found) = service(&ledger(&nginx(&all), None), &Deployment::default()).unwrap();
        let slots = (run.workers * run.threads) as usize;
        let found = match found {
            WorkersFound::Best(found) | WorkersFound::AtLeast(found) => found,
            WorkersFound::Nothing => 0,
        };
        assert!(found.abs_diff(slots) <= 1, "{}: {found} workers, there were {slots}", run.name);
    }
}

/// Several processes with threads have a queue each: the order contradicts one queue.
#[test]
fn what_is_not_one_queue_is_refused() {
    let all = recording("gthread-mixed--open50_exp_gthread_w2t2_1c--run1");
    let deployment = Deployment { workers: Some(2), threads: Some(2), ..Deployment::default() };
    let why = service(&ledger(&nginx(&all), None), &deployment).unwrap_err();
    assert!(why.contains("have a queue each"), "{why}");
    // too few workers are said to be too few
    let all = recording("open-io--exp_rho0.8_w4--run1");
    let deployment = Deployment { workers: Some(2), ..Deployment::default() };
    let why = service(&ledger(&nginx(&all), None), &deployment).unwrap_err();
    assert!(why.contains("there were more workers"), "{why}");
}

#[test]
fn what_a_limit_cut_off_is_counted_apart() {
    let all = recording("open-io--exp_rho0.5_w4--run1");
    let text = nginx(&all).replacen(" 200 3 ", " 504 3 ", 3).replacen(" 200 3 ", " 500 3 ", 2);
    let ledger = ledger(&text, None);
    let (found, _) =
        service(&ledger, &Deployment { workers: Some(4), ..Deployment::default() }).unwrap();
    assert_eq!(found.of.len() + 5, all.len());
    let cut = ledger.kept.iter().filter(|kept| kept.status.is_cut_off()).count();
    assert_eq!((cut, Status::Code(500).is_cut_off()), (3, false));
}
