//! How near simsrv comes to the bare arithmetic: each model as a loop with nothing but draws, the
//! queue and one histogram, and as the whole program, in one run; printed as their ratio.
//!
//! `cargo bench --bench ratio` (the figures kept are in `benches/record/`).

mod bare;

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use bare::Counts;
use simsrv::experiment::{Control, Plan, run::run_cell};
use simsrv::scenario::{Files, Place, Value, Written, plan};

/// Requests of one measurement.
const REQUESTS: u64 = 4_000_000;
/// Measurements; the median counts.
const ROUNDS: usize = 7;

/// A row: its name, the options of the whole program, and the bare loop.
type Row = (&'static str, &'static [(&'static str, &'static str)], fn() -> Counts);

#[rustfmt::skip]
const ROWS: [Row; 5] = [
    ("M/M/1, load 0.8", &[("workers", "1"), ("service", "exp(1s)"), ("rate", "0.8/s")], || bare::single(0.8, REQUESTS)),
    ("M/M/4, load 0.8", &[("workers", "4"), ("service", "exp(1s)"), ("rate", "3.2/s")], || bare::few::<4>(3.2, REQUESTS)),
    ("M/M/32, load 0.9", &[("workers", "32"), ("cores", "32"), ("service", "exp(1s)"), ("rate", "28.8/s")], || bare::many(32, 28.8, REQUESTS)),
    ("closed, 100 clients, 8 workers", &[("workers", "8"), ("clients", "100"), ("think", "exp(1s)"), ("service", "exp(100ms)")], || bare::closed(100, 8, REQUESTS)),
    ("16 workers on 4 cores, load 0.8", &[("workers", "16"), ("cores", "4"), ("service", "exp(1s)"), ("rate", "3.2/s")], || bare::sharing(16, 4.0, 3.2, REQUESTS)),
];

fn main() {
    for (name, _, b) in ROWS {
        println!("{name} {}", b().mean());
    }
    println!("{:<34}{:>12}{:>12}{:>9}", "model", "bare ns", "simsrv ns", "ratio");
    for (name, options, bare) in ROWS {
        let whole = whole(options);
        let mut times: Vec<(f64, f64)> = (0..ROUNDS)
            .map(|_| {
                (
                    per_request(|| {
                        black_box(bare()).mean();
                        REQUESTS
                    }),
                    per_request(&whole),
                )
            })
            .collect();
        let median = |of: fn(&(f64, f64)) -> f64, times: &mut Vec<(f64, f64)>| {
            times.sort_by(|a, b| of(a).total_cmp(&of(b)));
            of(&times[ROUNDS / 2])
        };
        let (bare, simsrv) = (median(|t| t.0, &mut times), median(|t| t.1, &mut times));
        println!("{name:<34}{bare:>12.1}{simsrv:>12.1}{:>9.2}", simsrv / bare);
    }
}

/// Nanoseconds per request of something that gives its number of requests.
fn per_request(run: impl Fn() -> u64) -> f64 {
    let begin = Instant::now();
    let requests = run();
    begin.elapsed().as_nanos() as f64 / requests as f64
}

struct NoFiles;

impl Files for NoFiles {
    fn trace(&self, _: &str) -> Result<simsrv::model::Trace, String> {
        Err("no files here".to_owned())
    }

    fn samples(&self, _: &str, _: Option<&str>) -> Result<Vec<simsrv::time::Span>, String> {
        Err("no files here".to_owned())
    }
}

/// One replication of the whole program: draws, engine, every measure.
fn whole(options: &[(&'static str, &'static str)]) -> impl Fn() -> u64 {
    let mut written = Written::new();
    let mut set = |name: &'static str, text: &str| {
        written.set(name, Value { text: text.to_owned(), place: Place::Flag(name) });
    };
    options.iter().for_each(|(name, text)| set(name, text));
    set("replications", "1");
    set("warmup", "0s");
    let find = |wanted: &str| options.iter().find(|(name, _)| *name == wanted);
    let rate: f64 = match find("rate") {
        Some((_, text)) => text.trim_end_matches("/s").parse().unwrap_or(1.0),
        None => 79.0,
    };
    set("duration", &format!("{}s", (REQUESTS as f64 / rate) as u64));
    let Plan { cells, settings } = plan(&written, &[], &NoFiles).expect("the options are right");
    move || {
        let stop = AtomicBool::new(false);
        let result = run_cell(&cells[0], &settings, Control { stop: &stop });
        result.map_or(0, |result| result.row.requests)
    }
}
