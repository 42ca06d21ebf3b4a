//! How near simsrv comes to the bare arithmetic: each model as a loop with nothing but draws, the
//! queue and one histogram, and as the whole program, in one run; printed as their ratio.
//!
//! `cargo bench --bench ratio` (the figures kept are in `benches/record/`).

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use rand::RngExt;
use rand_distr::Exp1;
use simsrv::experiment::{Control, Plan, run::run_cell};
use simsrv::heap::Heap;
use simsrv::random::{Purpose, Replication, Seed, Stream};
use simsrv::scenario::{Files, Place, Value, Written, plan};
use simsrv::stats::histogram::Histogram;

/// Requests of one measurement.
const REQUESTS: u64 = 4_000_000;
/// Measurements; the median counts.
const ROUNDS: usize = 7;

/// A row: its name, the options of the whole program, and the bare loop.
type Row = (&'static str, &'static [(&'static str, &'static str)], fn() -> Histogram);

const ROWS: [Row; 5] = [
    ("M/M/1, load 0.8", &[("workers", "1"), ("service", "exp(1s)"), ("rate", "0.8/s")], || {
        recursion(1, 0.8)
    }),
    ("M/M/4, load 0.8", &[("workers", "4"), ("service", "exp(1s)"), ("rate", "3.2/s")], || {
        recursion(4, 3.2)
    }),
    (
        "M/M/32, load 0.9",
        &[("workers", "32"), ("cores", "32"), ("service", "exp(1s)"), ("rate", "28.8/s")],
        || recursion(32, 28.8),
    ),
    (
        "closed, 100 clients, 8 workers",
        &[("workers", "8"), ("clients", "100"), ("think", "exp(1s)"), ("service", "exp(100ms)")],
        closed,
    ),
    (
        "16 workers on 4 cores, load 0.8",
        &[("workers", "16"), ("cores", "4"), ("service", "exp(1s)"), ("rate", "3.2/s")],
        sharing,
    ),
];

fn main() {
    println!("{:<34}{:>12}{:>12}{:>9}", "model", "bare ns", "simsrv ns", "ratio");
    for (name, options, bare) in ROWS {
        let whole = whole(options);
        let mut times: Vec<(f64, f64)> = (0..ROUNDS)
            .map(|_| (per_request(|| black_box(bare()).count()), per_request(&whole)))
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
        let result = run_cell(&cells[0], &settings, Control::new(&stop));
        result.map_or(0, |result| result.row.requests)
    }
}

fn exponential(stream: &mut Stream) -> f64 {
    stream.sample(Exp1)
}

fn stream(purpose: Purpose) -> Stream {
    Stream::new(Seed(1), purpose, Replication(0), 0)
}

/// Kiefer and Wolfowitz, a heap of workers, a histogram of response times.
fn recursion(workers: usize, rate: f64) -> Histogram {
    let (mut gaps, mut services) = (stream(Purpose::Arrival), stream(Purpose::Phase(0)));
    let mut free = Heap::new();
    (0..workers).for_each(|_| free.push(0u64));
    let (mut now, mut seen) = (0u64, Histogram::new());
    for _ in 0..REQUESTS {
        now += (exponential(&mut gaps) * 1e9 / rate) as u64;
        let start = now.max(free.peek().unwrap_or(0));
        let end = start + (exponential(&mut services) * 1e9) as u64;
        free.replace_top(end);
        seen.record(end - now);
    }
    seen
}

/// Clients on a heap by their next request; workers on another.
fn closed() -> Histogram {
    let (mut thinks, mut services) = (stream(Purpose::Think), stream(Purpose::Phase(0)));
    let (mut coming, mut free) = (Heap::new(), Heap::new());
    (0..100).for_each(|_| coming.push(0u64));
    (0..8).for_each(|_| free.push(0u64));
    let mut seen = Histogram::new();
    for _ in 0..REQUESTS {
        let now = coming.peek().unwrap_or(0);
        let start = now.max(free.peek().unwrap_or(0));
        let end = start + (exponential(&mut services) * 1e8) as u64;
        free.replace_top(end);
        coming.replace_top(end + (exponential(&mut thinks) * 1e9) as u64);
        seen.record(end - now);
    }
    seen
}

/// Processor sharing by virtual time in floats, reset when idle.
fn sharing() -> Histogram {
    const WORKERS: usize = 16;
    const CORES: f64 = 4.0;
    let (mut gaps, mut services) = (stream(Purpose::Arrival), stream(Purpose::Phase(0)));
    let mut running: Heap<(u64, u64)> = Heap::new();
    let mut queue = std::collections::VecDeque::new();
    let (mut now, mut clock, mut seen) = (0.0f64, 0.0f64, Histogram::new());
    let mut arrival = exponential(&mut gaps) / 3.2;
    let mut left = REQUESTS;
    while left > 0 {
        let rate = (CORES / running.len().max(1) as f64).min(1.0);
        let end = running
            .peek()
            .map_or(f64::MAX, |(key, _)| now + (f64::from_bits(key) - clock).max(0.0) / rate);
        let next = end.min(arrival);
        clock = if running.is_empty() { 0.0 } else { clock + (next - now) * rate };
        now = next;
        let mut begin = |running: &mut Heap<(u64, u64)>, came: f64| {
            running.push(((clock + exponential(&mut services)).to_bits(), came.to_bits()));
        };
        if end <= arrival {
            let (_, came) = running.pop().unwrap_or((0, 0));
            seen.record(((now - f64::from_bits(came)) * 1e9) as u64);
            left -= 1;
            if let Some(came) = queue.pop_front() {
                begin(&mut running, came);
            }
        } else {
            if running.len() < WORKERS {
                begin(&mut running, now)
            } else {
                queue.push_back(now)
            }
            arrival = now + exponential(&mut gaps) / 3.2;
        }
    }
    seen
}
