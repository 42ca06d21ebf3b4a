//! The engine with arbitrary models: bytes choose options, as a person gives them; what a plan refuses
//! is not run. Whatever is run ends, each request ends once, and no more time is spent than workers
//! and cores have. `tests/suite/progress.rs` tries the same with its own cases.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};
use simsrv::engine::{self, Choice, End, Run};
use simsrv::experiment::run::shards::Shard;
use simsrv::experiment::{Control, Plan};
use simsrv::job::{Job, merged};
use simsrv::model::runtime::{Class, Runtime};
use simsrv::model::{Discipline, Load, Model, Server};
use simsrv::random::{Replication, Seed};
use simsrv::record::{EngineEvent, Outcome, RequestRecord, Sink};
use simsrv::render::part_csv;
use simsrv::scenario::{NoFiles, Place, RawOptions, Value};
use simsrv::stats::tally::Tally;
use simsrv::stats::window::Window;
use simsrv::time::{Span, Time};

pub type Options = Vec<(&'static str, String)>;

pub fn plan(options: &[(&'static str, String)]) -> Result<Plan, String> {
    let mut raw = RawOptions::new();
    for (name, text) in options {
        raw.set(name, Value { text: text.clone(), place: Place::Flag(name) });
    }
    simsrv::scenario::plan(&raw, &[], &NoFiles).map_err(|problem| problem.to_string())
}

/// Options as on the command line, without blanks in their values.
pub fn options(line: &'static str) -> Options {
    let words: Vec<&'static str> = line.split_whitespace().collect();
    let pair = |pair: &[&'static str]| (pair[0].trim_start_matches("--"), pair[1].to_owned());
    words.chunks(2).map(pair).collect()
}

// ---- which models ------------------------------------------------------------------------------

const DEMANDS: &[&str] = &[
    "--cpu exp(20ms)",
    "--cpu 10ms",
    "--cpu exp(10ms) --io exp(30ms)",
    "--cpu 5ms --io mix(90%:20ms,10%:2s)",
    "--io 50ms",
    "--route",
];

/// Several kinds of requests.
const ROUTES: &str = "a 60% cpu:exp(5ms) | b 30% cpu:2ms io:exp(20ms) cpu:3ms | c 10% io:50ms";

/// Clients that go on for ever, or arrivals from outside.
const STEADY: &[&str] = &[
    "--clients 3 --duration 5s",
    "--clients 12 --duration 5s",
    "--clients 12 --think exp(50ms) --duration 5s",
    "--rate 60/s --duration 5s",
    "--rate 60/s --arrivals batch(5) --duration 5s",
    "--clients ramp(0s:1,2s:9) --duration 5s",
];

/// Clients with so many requests to send.
const FINITE: &[&str] = &["--clients 3 --requests 9", "--clients 12 --requests 9"];

/// Options of the server, each with its values; none where it is empty, and the more often the likelier.
const SERVER: &[(&str, &[&str])] = &[
    ("class", &["", "sync", "gthread", "gthread", "gevent", "asgi"]),
    ("workers", &["1", "2", "4"]),
    ("threads", &["", "", "3"]),
    ("cores", &["1", "2", "8", "500m"]),
    ("backlog", &["", "0", "2", "unlimited"]),
    ("on-full", &["", "", "refuse"]),
    ("overhead", &["", "0s", "2ms"]),
    (
        "accept",
        &["", "", "reuse-port", "random", "round-robin", "shared", "greedy", "least-loaded"],
    ),
    ("patience", &["", "", "", "0s", "exp(30ms)"]),
    ("client-timeout", &["", "", "40ms", "mix(90%:0s,10%:50ms)", "exp(1s)"]),
    ("retries", &["", "", "2"]),
    ("retry-backoff", &["", "0s", "exp(10ms)"]),
    ("timeout", &["", "", "1s"]),
    ("max-requests", &["", "", "1", "4"]),
    ("boot", &["", "", "300ms"]),
    ("worker-connections", &["", "", "1", "5"]),
    ("at-limit", &["", "", "refuse"]),
    ("slice", &["", "", "3ms"]),
    ("quota-period", &["", "", "", "100ms"]),
    ("hosts", &["", "", "2"]),
    ("pool", &["", "", "1"]),
    ("loop", &["", "", "uvloop", "single"]),
    ("lock", &["", "", "ruby"]),
    ("listen", &["", "", "", "unix"]),
    ("spawn", &["", "", "", "dynamic", "ondemand", "prefork"]),
    ("keep-alive", &["", "", "", "20ms", "1s"]),
    ("queue", &["", "", "", "lifo", "priority"]),
    ("pool-per", &["", "", "process", "host"]),
    ("pool-overflow", &["", "", "2"]),
    ("pool-timeout", &["", "", "0s", "30ms"]),
    ("proxy-timeout", &["", "", "", "5ms", "60ms", "1s"]),
    ("contention", &["", "", "", "usl(0.05,0.001)"]),
    ("server", &["", "", "", "", "", "fastapi", "puma", "gunicorn", "node-cluster", "php-fpm"]),
    ("balance", &["", "", "least-connections", "power-of-two", "join-idle"]),
    ("gil", &["", "", "", "off"]),
    ("leak", &["", "", "", "1M"]),
];

/// Bytes that make a model, the last two its seed.
pub const BYTES: usize = SERVER.len() + 6;

/// Options from bytes; those that are missing are 0. One in four is ideal, for which there are several
/// engines.
pub fn chosen(bytes: &[u8], steady: bool) -> (Options, u64) {
    let mut bytes = bytes.iter().copied().chain(std::iter::repeat(0));
    let mut next = || usize::from(bytes.next().unwrap_or(0));
    let demands = DEMANDS[next() % DEMANDS.len()];
    let clients = if steady { STEADY } else { FINITE };
    let mut all = options(clients[next() % clients.len()]);
    match demands {
        "--route" => all.push(("route", ROUTES.to_owned())),
        _ => all.extend(options(demands)),
    }
    let ideal = next().is_multiple_of(4);
    for (name, values) in SERVER {
        let value = values[next() % values.len()];
        let of_ideal = ["workers", "threads", "cores", "backlog", "patience", "queue", "gil"];
        if value.is_empty() || ideal && !of_ideal.contains(name) {
            continue;
        }
        all.push((name, value.to_owned()));
        if *name == "leak" {
            all.extend(options("--worker-memory 100M --memory 500M"));
        }
    }
    (all, (next() * 256 + next()) as u64)
}

/// The model of some options; of those that do not go together options are dropped until they do.
pub fn accepted(mut options: Options) -> Option<(Options, Model)> {
    for _ in 0..8 {
        match plan(&options) {
            Ok(plan) => return Some((options, plan.cells[0].model.clone())),
            Err(why) => {
                assert!(why.len() > 10, "{why}");
                let named = |(name, _): &(&str, String)| why.contains(&format!("--{name}"));
                let at = options.iter().rposition(named)?;
                options.remove(at);
            }
        }
    }
    None
}

// ---- how they are run --------------------------------------------------------------------------

/// Records of a run from which on it is stopped: one that makes progress has fewer.
pub const MOST_RECORDS: usize = 50_000;
/// The same of half a second here, which has at most 50 tries of each of 12 clients.
const MOST_STEADY: usize = 2_000;

/// What a run comes to. Sets `stop` once more has come than a model that makes progress has.
struct Sums<'a> {
    records: Vec<RequestRecord>,
    tally: Tally,
    wasted: [u128; 2],
    most: usize,
    stop: &'a AtomicBool,
}

impl Sink for Sums<'_> {
    fn take(&mut self, record: &RequestRecord) {
        self.records.push(*record);
        self.tally.take(record);
        if self.records.len() >= self.most {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn note(&mut self, note: &EngineEvent) {
        self.tally.note(note);
        if let EngineEvent::Wasted { from, to, cpu, .. } = note {
            self.wasted[0] += u128::from(to.since(*from).as_nanos());
            // Instants inside are finer than a nanosecond: no more is computed than the time lasts.
            self.wasted[1] += u128::from(cpu.as_nanos().min(to.since(*from).as_nanos()));
        }
    }
}

/// What a run came to.
pub struct Ran {
    pub end: End,
    /// In order of the number of the request.
    pub records: Vec<RequestRecord>,
    /// Worker time and CPU time for clients that had no answer.
    pub wasted: [u128; 2],
    pub tally: Tally,
}

pub fn run(model: &Model, seed: u64, until: Time) -> Ran {
    run_with(model, Choice::Auto, seed, until)
}

pub fn run_with(model: &Model, choice: Choice, seed: u64, until: Time) -> Ran {
    run_at_most(MOST_RECORDS, (model, choice), seed, until)
}

fn run_at_most(most: usize, (model, choice): (&Model, Choice), seed: u64, until: Time) -> Ran {
    let stop = AtomicBool::new(false);
    let run =
        Run { seed: Seed(seed), replication: Replication(0), until, stop: &stop, deadline: None };
    let tally = Tally::new(Window::ALL, true);
    let mut sums = Sums { records: Vec::new(), tally, wasted: [0; 2], most, stop: &stop };
    let end = engine::run(model, choice, run, &mut sums);
    sums.tally.close();
    let Sums { mut records, tally, wasted, .. } = sums;
    records.sort_by_key(|record| record.request);
    Ran { end, records, wasted, tally }
}

thread_local! {
    /// A pool whose one thread is the one that asks: nothing is handed from thread to thread.
    static HERE: ThreadPool = {
        let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread();
        pool.build().expect("a pool")
    };
}

/// Does what would use several threads on this one.
pub fn here<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    HERE.with(|pool| pool.install(work))
}

// ---- what holds --------------------------------------------------------------------------------

/// Records of a run that is divided too: it is run six times more.
const MOST_DIVIDED: usize = 300;

/// The first byte says whether the load goes on for ever, the others choose the options; whether there is
/// such a model. Of one in 64 a whole run is divided, which takes as long as many others: not of those
/// without a seed, which are many.
pub fn model(bytes: &[u8]) -> bool {
    let Some((first, rest)) = bytes[..bytes.len().min(BYTES)].split_first() else { return false };
    let steady = first % 2 == 1;
    let (options, seed) = chosen(rest, steady);
    let Some((options, model)) = accepted(options) else { return false };
    let records = if steady { steady_holds(&model, seed) } else { finite_holds(&model, seed) };
    if seed % 64 == 63 && records <= MOST_DIVIDED {
        here(|| parts_make_the_whole(&options, seed));
    }
    true
}

/// A run in parts, put together, is the whole, byte for byte.
fn parts_make_the_whole(options: &Options, seed: u64) {
    let short = [("replications", "3".to_owned()), ("seed", seed.to_string())];
    let brief = |name, text| if name == "duration" { (name, "500ms") } else { (name, text) };
    let all = options.iter().chain(&short).map(|(name, text)| brief(*name, text.as_str()));
    let job = Job::of_options(all, Box::new(NoFiles)).expect("a job");
    let stop = AtomicBool::new(false);
    let control = Control::new(&stop);
    let count = 2 + (seed / 64 % 3) as u32;
    let (mut parts, mut files) = (Vec::new(), Vec::<String>::new());
    for index in 1..=count {
        let shard = Shard::new(index, count).expect("a shard");
        // Some runs cannot be divided.
        let Ok((plan, head)) = job.head(shard, "[]".to_owned()) else { return };
        let part = job.run_shard(&plan, head, control, || ()).expect("a part");
        let written = String::from_utf8(part_csv::write(&part)).expect("text");
        let found = part_csv::index(&mut written.as_bytes()).expect("what is written is read");
        parts.push((format!("part {index}"), found));
        files.push(written);
    }
    let line = |part: usize, range| part_csv::line(files[part].as_bytes(), range);
    let put_together = merged(&job, parts, &line, control).expect("a whole");
    let whole = job.run(control, |_| ()).expect("a run");
    assert!(job.csv(&put_together).expect("a table") == job.csv(&whole).expect("a table"));
}

/// A run of a load that goes on for ever gets to its end, and the requests of a client follow each
/// other. Beyond the end others come until those that came before have their answer: for minutes, where the
/// listen queue is full and a client's kernel tries again. Gives the number of its records.
fn steady_holds(model: &Model, seed: u64) -> usize {
    let until = Time::ZERO + Span::from_nanos(500_000_000);
    let Ran { end, records, .. } = run_at_most(MOST_STEADY, (model, Choice::Auto), seed, until);
    let beyond = records.iter().any(|record| record.arrival > until);
    assert!(
        end == End::Complete || end == End::Stopped && beyond,
        "after {} records",
        records.len()
    );
    times_are_in_order(&records);
    if let Load::Closed(closed) = model.load() {
        let mut of_client = vec![Time::ZERO; closed.clients as usize];
        for record in &records {
            let free = &mut of_client[record.client as usize];
            assert!(record.arrival >= *free, "{record:?}");
            *free = record.departure;
        }
    }
    records.len()
}

/// A finite run: conservation, order, supply of time, Little's law, and all engines. Gives the number of
/// its records.
fn finite_holds(model: &Model, seed: u64) -> usize {
    let ran = run(model, seed, Time::MAX);
    let records = &ran.records;
    assert_eq!(ran.end, End::Complete);
    // Arrived = answered + refused + gave up, and nothing is left inside.
    assert_eq!(Some(records.len() as u128), model.story_requests());
    let numbers: BTreeSet<u64> = records.iter().map(|record| record.request).collect();
    assert_eq!(numbers.len(), records.len());
    times_are_in_order(records);
    little_holds(&ran);
    shares_are_shares(model, &ran);
    other_engines_agree(model, seed, records);
    neutral_is_ideal(model, seed);
    records.len()
}

fn times_are_in_order(records: &[RequestRecord]) {
    let ordered = |r: &&RequestRecord| r.arrival <= r.start && r.start <= r.departure;
    assert_eq!(records.iter().find(|record| !ordered(record)), None);
}

/// Little's law, exactly: what the tally counts as areas is the sum of the times of the requests, and
/// the work that was done for nobody.
fn little_holds(Ran { records, tally, wasted: [wasted, wasted_cpu], .. }: &Ran) {
    let sum = |of: &dyn Fn(&RequestRecord) -> Span| {
        records.iter().map(|record| u128::from(of(record).as_nanos())).sum::<u128>()
    };
    let served = |record: &RequestRecord| record.outcome == Outcome::Served;
    let waited = sum(&|record| record.start - record.arrival);
    let held = sum(&|r| if served(r) { r.departure - r.start } else { Span::ZERO });
    let cpu = sum(&|r| if served(r) { r.cpu } else { Span::ZERO });
    assert_eq!(tally.queue_area, waited, "waiting");
    assert_eq!((tally.busy_area, tally.cpu_area), (held + wasted, cpu + wasted_cpu));
    assert_eq!(u128::from(tally.served), records.iter().filter(|r| served(r)).count() as u128);
}

/// No share is above 1, from the first request to the last and in the window of the tally, and no more
/// is answered than the busiest resource lets through: the utilisation law (Denning and Buzen 1978),
/// with the demand that this run really had. A nanosecond a request is rounded, and the first and the
/// last period of a quota may be cut.
fn shares_are_shares(model: &Model, Ran { records, tally, .. }: &Ran) {
    let server = model.server();
    let hosts = f64::from(server.hosts());
    let runtime = server.runtime.as_deref();
    let quota = runtime.and_then(|runtime| runtime.quota.as_ref());
    let more = quota.map_or(0, |quota| 2 * quota.period.as_nanos());
    let dust = 2.0 * records.len() as f64 + 2.0;
    let cores = server.cores.as_f64() * hosts;
    let last = records.iter().map(|record| record.departure.as_nanos()).max().unwrap_or(0);
    for time in [last, tally.observed as u64].into_iter().filter(|time| *time > 0) {
        let busy = tally.cpu_area as f64;
        assert!(busy <= cores * (time + more) as f64 + dust, "cores: {busy} of {time}");
        if !runtime.is_some_and(|runtime| runtime.class.is_loop()) {
            let held = tally.busy_area as f64;
            let slots = f64::from(server.slots()) * hosts;
            assert!(held <= slots * time as f64 + dust, "workers: {held} of {time}");
        }
        let each = tally.cpu_area as f64 / tally.answered.max(1) as f64;
        let bound = cores * ((time + more) as f64 + dust) / each.max(1.0);
        assert!(tally.answered as f64 <= bound + 1.0, "{} of {bound}", tally.answered);
    }
}

/// An ideal server by every engine that can run it: the same records.
fn other_engines_agree(model: &Model, seed: u64, records: &[RequestRecord]) {
    if model.server().runtime.is_some() {
        return;
    }
    for choice in [Choice::Events, Choice::Recursion] {
        let other = run_with(model, choice, seed, Time::MAX);
        assert_eq!(other.records.len(), records.len());
        for (one, other) in records.iter().zip(&other.records) {
            // Who was not served has no worker.
            let worker = if one.outcome == Outcome::Served { other.worker } else { one.worker };
            assert_eq!(*one, RequestRecord { worker, ..*other }, "{choice:?}");
        }
    }
}

/// An ideal server by the engine of real ones, with nothing real about it: the same records, but for a
/// nanosecond, as both round what they divide in another order.
fn neutral_is_ideal(model: &Model, seed: u64) {
    let server = model.server();
    if server.runtime.is_some() || server.discipline != Discipline::Fifo {
        return;
    }
    let class = if server.threads > 1 { Class::Gthread } else { Class::Sync };
    let runtime = Some(Arc::new(Runtime::neutral(class)));
    let server = Server { runtime, ..server.clone() };
    let neutral = Model::new(model.load().clone(), server).expect("a model");
    let ideal = run_with(model, Choice::Events, seed, Time::MAX).records;
    let neutral = run(&neutral, seed, Time::MAX).records;
    assert_eq!(ideal.len(), neutral.len());
    let times = |r: &RequestRecord| [r.arrival, r.start, r.departure].map(Time::as_nanos);
    for (one, other) in ideal.iter().zip(&neutral) {
        let near = times(one).iter().zip(times(other)).all(|(a, b)| a.abs_diff(b) <= 1);
        assert!(near && one.outcome == other.outcome, "{one:?} {other:?}");
    }
}
