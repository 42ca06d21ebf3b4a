//! How near simsrv comes to the bare arithmetic: each model as a loop with nothing but draws, the
//! queue and one histogram, and as the whole program, in one run; printed as their ratio. Then real
//! servers, beside the ideal one of the same size.
//!
//! `cargo bench --bench ratio` (the figures kept are in `benches/record/`).

mod bare;
mod servers;

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use bare::Counts;
use simsrv::experiment::row::{Measure, Row};
use simsrv::experiment::{Control, Plan, run_cell};
use simsrv::scenario::{NoFiles, Place, RawOptions, Value, plan};

/// Requests of one measurement.
const REQUESTS: u64 = 4_000_000;
/// Measurements; the median counts.
const ROUNDS: usize = 7;

/// Options of the whole program, by name.
type Options = &'static [(&'static str, &'static str)];

/// A row: its name, the options of the whole program, the bare loop, and the mean response time in
/// seconds by theory (Erlang C; the machine repairman; and Erlang C again for shared cores, where
/// the number inside grows and shrinks as in M/M/4).
type Case = (&'static str, Options, fn() -> Counts, f64);

#[rustfmt::skip]
const ROWS: [Case; 5] = [
    ("M/M/1, load 0.8", &[("workers", "1"), ("service", "exp(1s)"), ("rate", "0.8/s")], || bare::single(0.8, REQUESTS), 5.0),
    ("M/M/4, load 0.8", &[("workers", "4"), ("service", "exp(1s)"), ("rate", "3.2/s")], || bare::few::<4>(3.2, REQUESTS), 1.7455),
    ("M/M/32, load 0.9", &[("workers", "32"), ("cores", "32"), ("service", "exp(1s)"), ("rate", "28.8/s")], || bare::many(32, 28.8, REQUESTS), 1.1473),
    ("closed, 100 clients, 8 workers", &[("workers", "8"), ("clients", "100"), ("think", "exp(1s)"), ("service", "exp(100ms)")], || bare::closed(100, 8, REQUESTS), 0.2627),
    ("16 workers on 4 cores, load 0.8", &[("workers", "16"), ("cores", "4"), ("service", "exp(1s)"), ("rate", "3.2/s")], || bare::sharing(16, 4.0, 3.2, REQUESTS), 1.7455),
];

fn main() {
    println!("{:<34}{:>12}{:>12}{:>9}", "model", "bare ns", "simsrv ns", "ratio");
    for (name, options, bare, mean) in ROWS {
        // Both have to simulate the same before their speeds are worth comparing: the mean response
        // time, within 5 % (ten standard errors of the noisiest row).
        let seen = bare().mean();
        assert!(
            (seen / mean - 1.0).abs() < 0.05,
            "{name}: the bare loop's mean is {seen}, not {mean}"
        );
        let whole = whole(name, options, mean);
        let (mut bares, mut wholes) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bares.push(per_request(|| {
                black_box(bare());
                REQUESTS
            }));
            wholes.push(per_request(&whole));
        }
        let (bare, simsrv) = (median(bares), median(wholes));
        println!("{name:<34}{bare:>12.1}{simsrv:>12.1}{:>9.2}", simsrv / bare);
    }
    servers::print();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds of CPU time per request of something that gives its number of requests.
fn per_request(run: impl Fn() -> u64) -> f64 {
    let begin = cpu_time();
    let requests = run();
    (cpu_time() - begin) / requests as f64
}

/// CPU time of this process in nanoseconds: what others do at the same time disturbs it less than
/// a clock on the wall.
#[cfg(unix)]
fn cpu_time() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

#[cfg(not(unix))]
fn cpu_time() -> f64 {
    static BEGIN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    BEGIN.get_or_init(std::time::Instant::now).elapsed().as_nanos() as f64
}

/// One replication of the whole program, whose mean response time is compared with that of theory.
fn whole(name: &'static str, options: Options, mean: f64) -> impl Fn() -> u64 {
    let run = replication(options, REQUESTS);
    move || {
        let row = run();
        let seen = row.measures.value(Measure::ResponseMean).unwrap_or(f64::NAN);
        assert!((seen / mean - 1.0).abs() < 0.05, "{name}: simsrv's mean is {seen}, not {mean}");
        row.requests
    }
}

/// One replication of the whole program: draws, engine, every measure.
fn replication(
    options: &[(&'static str, &'static str)],
    requests: u64,
) -> impl Fn() -> Row + use<> {
    let mut raw = RawOptions::new();
    let mut set = |name: &'static str, text: &str| {
        raw.set(name, Value { text: text.to_owned(), place: Place::Flag(name) });
    };
    options.iter().for_each(|(name, text)| set(name, text));
    set("replications", "1");
    set("warmup", "0s");
    let find = |wanted: &str| options.iter().find(|(name, _)| *name == wanted);
    let rate: f64 = match find("rate") {
        Some((_, text)) => text.trim_end_matches("/s").parse().unwrap_or(1.0),
        None => 79.0,
    };
    set("duration", &format!("{}s", (requests as f64 / rate) as u64));
    let Plan { cells, settings, .. } = plan(&raw, &[], &NoFiles).expect("the options are right");
    move || {
        let stop = AtomicBool::new(false);
        run_cell(&cells[0], &settings, Control::new(&stop)).expect("nothing stops it").row
    }
}
