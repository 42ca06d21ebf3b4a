//! Plausible rows for the tests: the queue M/M/k, whose formulas are known.

use super::TimelineCell;
use crate::experiment::row::{Axes, Estimate, Measure, Measures, Row, Stability, Theory};
use crate::record::{Outcome, RequestRecord};
use crate::time::{Span, Time};

/// Mean service time of the samples in seconds; half of it is spent off the CPU.
const SERVICE: f64 = 0.05;

/// One cell: requests at `rate` for `workers` on `cores`.
pub(super) fn cell(workers: u32, cores: f64, rate: f64) -> Row {
    let axes = Axes {
        workers,
        threads: 1,
        cores,
        clients: None,
        rate_per_s: Some(rate),
        case: None,
        route: None,
        memory: None,
        kind: Vec::new(),
    };
    let servers = f64::from(workers).min((2.0 * cores).round().max(1.0));
    let queue = MmkQueue { servers, load: rate * SERVICE };
    let settles = queue.load < servers;
    let mut measures = Measures::default();
    let busy = queue.load.min(servers);
    let half = |value: f64| Some(value * 0.02);
    let mut set = |measure, value: f64| {
        measures.set(measure, Estimate { value, half_width: half(value) });
    };
    set(Measure::Throughput, busy / SERVICE);
    set(Measure::CoreUtilisation, busy / 2.0 / cores);
    set(Measure::WorkerUtilisation, busy / f64::from(workers));
    if settles {
        set(Measure::ResponseMean, queue.mean());
        set(Measure::WaitMean, queue.mean() - SERVICE);
        let tails = [
            (Measure::ResponseP50, 0.5),
            (Measure::ResponseP95, 0.05),
            (Measure::ResponseP99, 0.01),
        ];
        tails.into_iter().for_each(|(measure, share)| set(measure, queue.exceeded_by(share)));
    }
    let ccdf = (0..=120).map(|step| 0.999 * 10f64.powf(-4.0 * f64::from(step) / 120.0));
    Row {
        axes,
        requests: 100_000,
        refused: 0,
        replications: 10,
        seed: 1,
        stability: if settles { Stability::Yes } else { Stability::No },
        measures,
        flags: vec![],
        response_ccdf: ccdf.filter(|_| settles).map(|s| (s, queue.exceeded_by(s))).collect(),
        theory_response_mean_s: settles.then(|| queue.mean()),
        standing: None,
        good_but_for_memory: false,
        theory: Theory::default(),
        routes: Vec::new(),
    }
}

/// All combinations.
pub(super) fn sweep(workers: &[u32], cores: &[f64], rates: &[f64]) -> Vec<Row> {
    let mut rows = Vec::new();
    for &workers in workers {
        for &cores in cores {
            rows.extend(rates.iter().map(|&rate| cell(workers, cores, rate)));
        }
    }
    rows
}

/// The mean response time of the samples' queue.
pub(super) fn theory(servers: f64, rate: f64) -> f64 {
    let queue = MmkQueue { servers, load: rate * SERVICE };
    if queue.load < servers { queue.mean() } else { f64::INFINITY }
}

/// The story of `users` who come together, each for 3 s of CPU, to `workers` on 8 cores.
pub(super) fn story(users: u32, workers: u32) -> TimelineCell {
    let record = |user: u32| {
        let start = Time::from_nanos(u64::from(user / workers) * 3_000_000_000);
        let cpu = Span::from_nanos(3_000_000_000);
        RequestRecord {
            request: u64::from(user),
            client: user,
            worker: user % workers,
            route: 0,
            arrival: Time::ZERO,
            start,
            departure: start + cpu,
            cpu,
            outcome: Outcome::Served,
        }
    };
    let label = if workers == 1 { "1 worker".to_owned() } else { format!("{workers} workers") };
    TimelineCell { label, workers, records: (0..users).map(record).collect(), shared: vec![] }
}

/// The rows of that story: exact, so without intervals.
pub(super) fn story_rows(users: u32, workers: &[u32], cores: &[f64]) -> Vec<Row> {
    let mut rows = Vec::new();
    for &workers in workers {
        for &cores in cores {
            rows.push(story_row(users, workers, cores));
        }
    }
    rows
}

fn story_row(users: u32, workers: u32, cores: f64) -> Row {
    let mut row = cell(workers, cores, 1.0);
    row.axes = Axes { clients: Some(users), rate_per_s: None, ..row.axes };
    row.stability = Stability::Finite;
    row.theory_response_mean_s = None;
    row.measures = Measures::default();
    let together = f64::from(workers).min(f64::from(users));
    let last = 3.0 * f64::from(users) / together.min(cores);
    for (measure, value) in [
        (Measure::ResponseMax, last),
        (Measure::ResponseMean, f64::midpoint(last, 3.0)),
        (Measure::ResponseP50, f64::midpoint(last, 3.0)),
        (Measure::Throughput, f64::from(users) / last),
        (Measure::CoreUtilisation, together.min(cores) / cores),
        (Measure::WorkerUtilisation, together / f64::from(workers)),
    ] {
        row.measures.set(measure, Estimate::exact(value));
    }
    row.response_ccdf = vec![(0.667, 3.0), (0.333, f64::midpoint(3.0, last))];
    row
}

/// M/M/k with `load` erlangs.
struct MmkQueue {
    servers: f64,
    load: f64,
}

impl MmkQueue {
    /// Probability of waiting (Erlang C) by the recursion of Erlang B.
    fn waits(&self) -> f64 {
        let mut blocked = 1.0;
        for server in 1..=self.servers as u32 {
            blocked = self.load * blocked / (f64::from(server) + self.load * blocked);
        }
        blocked / (1.0 - self.load / self.servers * (1.0 - blocked))
    }

    fn mean(&self) -> f64 {
        SERVICE * (1.0 + self.waits() / (self.servers - self.load))
    }

    /// Share of the response times beyond `time`.
    fn beyond(&self, time: f64) -> f64 {
        let (scaled, spare) = (time / SERVICE, self.servers - self.load);
        let part = match (spare - 1.0).abs() < 1e-6 {
            true => scaled,
            false => (1.0 - (-scaled * (spare - 1.0)).exp()) / (spare - 1.0),
        };
        (-scaled).exp() * (1.0 + self.waits() * part)
    }

    /// The time that `share` of the requests exceed, by halving.
    fn exceeded_by(&self, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1e4 * SERVICE);
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            match self.beyond(middle) > share {
                true => low = middle,
                false => high = middle,
            }
        }
        high
    }
}
