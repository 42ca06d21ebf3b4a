//! What a scenario predicts of a log: replays of the log's arrivals with demands that are drawn, or
//! runs of the scenario's own load that are as long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rayon::prelude::*;

use super::figures::{RunFigures, Values};
use super::logged::{ComparedTime, Logged};
use crate::engine::{self, Choice, Deadline, Run};
use crate::model::{Demand, Load, Model, Open, PhaseKind, Trace};
use crate::random::{Replication, Seed};
use crate::record::{Outcome, RequestRecord, Sink};
use crate::source::{OpenSource, Source};
use crate::time::{Span, Time};

/// Replays at most: their least and greatest value hold that of another one in 99 of 100 cases.
const MOST: u64 = 199;
/// Replays at least: in 90 of 100 cases.
///
/// Both follow from the ranks of independent values: of n, another lies outside in 2 of n + 1 cases.
const LEAST: u64 = 19;
/// Requests of all replays together.
const REQUESTS: u64 = 20_000_000;
/// The most requests of one replay: their times are kept.
const LONGEST: u64 = 5_000_000;

/// Seed of all replays.
const SEED: Seed = Seed(1);

/// How the arrivals of a prediction are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrivalsFrom {
    /// Those of the log, one for one.
    Logged,
    /// Those of the scenario.
    Own,
    /// Those of a recorded trace, with its demands.
    Traced,
}

/// What is predicted.
#[derive(Clone, Debug)]
pub(crate) struct Predicted {
    /// The values of each replay.
    pub(crate) replays: Vec<Values>,
    /// Which arrivals they have.
    pub(crate) arrivals: ArrivalsFrom,
}

/// Runs the model against what was logged.
///
/// # Errors
/// A sentence, if the two cannot be compared.
pub(crate) fn predict(
    model: &Model,
    logged: &Logged,
    warmup: u64,
    stop: &AtomicBool,
) -> Result<Predicted, String> {
    let arrivals = match model.load() {
        Load::Trace(_) => ArrivalsFrom::Traced,
        Load::Open(_) if !logged.arrivals.is_empty() => ArrivalsFrom::Logged,
        Load::Open(_) | Load::Closed(_) => ArrivalsFrom::Own,
    };
    let until = match arrivals {
        ArrivalsFrom::Own => own_end(model, logged)?,
        ArrivalsFrom::Logged | ArrivalsFrom::Traced => Time::MAX,
    };
    let count = replays(model, logged.requests);
    let from = match arrivals {
        // a run of its own begins with an empty server
        ArrivalsFrom::Own if until < Time::MAX => Time::from_nanos(until.as_nanos() / 5),
        ArrivalsFrom::Own => Time::ZERO,
        ArrivalsFrom::Logged | ArrivalsFrom::Traced => Time::from_nanos(warmup),
    };
    let replay = |number: u64| {
        let own = match (model.load(), arrivals) {
            (Load::Open(open), ArrivalsFrom::Logged) => {
                Some(with_arrivals(model, open, &logged.arrivals, Replication(number))?)
            }
            _ => None,
        };
        let collected = Collected { compared: logged.compared, ..Collected::between(from, until) };
        collected.of_run(own.as_ref().unwrap_or(model), number, stop)
    };
    let replays: Result<Vec<Values>, String> = (0..count).into_par_iter().map(replay).collect();
    Ok(Predicted { replays: replays?, arrivals })
}

/// How many replays of so many requests there are.
fn replays(model: &Model, requests: u64) -> u64 {
    if model.random() { (REQUESTS / requests.max(1)).clamp(LEAST, MOST) } else { 1 }
}

/// The values of a model's own load in a window of time, replay by replay.
///
/// # Errors
/// A sentence, if there are too many requests.
pub(crate) fn of_window(
    model: &Model,
    (from, until): (Time, Time),
    stop: &AtomicBool,
) -> Result<Vec<Values>, String> {
    let one = |number: u64| Collected::between(from, until).of_run(model, number, stop);
    let requests = match model.load() {
        Load::Open(open) => (open.rate.per_second() * until.as_secs_f64()) as u64,
        // Only a run tells how many a closed loop sends.
        _ => {
            let mut first = Collected::between(from, until);
            first.run(model, 0, stop)?;
            first.taken
        }
    };
    if requests > LONGEST {
        return Err(too_many());
    }
    (0..replays(model, requests)).into_par_iter().map(one).collect()
}

fn too_many() -> String {
    format!(
        "the scenario sends more than {LONGEST} requests in that time, which is more than are replayed: \
         give a shorter time, or a lower load"
    )
}

/// How long a run of the scenario's own load is, so that as many requests count as in the log.
fn own_end(model: &Model, logged: &Logged) -> Result<Time, String> {
    if model.story_requests().is_some() {
        return Ok(Time::MAX);
    }
    let seconds = match model.load() {
        Load::Open(open) => logged.requests as f64 / open.rate.per_second(),
        _ => logged.seconds.ok_or("the log does not say how long it took")?,
    };
    Ok(Time::from_nanos((seconds * 1.25e9).clamp(1e6, 9e18) as u64))
}

/// The same server with the arrivals of the log, and demands drawn for them.
fn with_arrivals(
    model: &Model,
    open: &Open,
    arrivals: &[Time],
    replication: Replication,
) -> Result<Model, String> {
    let mut source = OpenSource::new(open, None, SEED, replication);
    let nothing = Demand::new(PhaseKind::Io, Span::ZERO);
    let mut demands = vec![nothing; source.longest()];
    let mut trace = Trace::new();
    for arrival in arrivals {
        let taken = source.take(&mut demands);
        trace.push(*arrival, &demands[..taken.phases])?;
    }
    Ok(Model::new(Load::Trace(Arc::new(trace)), model.server().clone())?)
}

/// The requests of one run that count.
struct Collected {
    compared: ComparedTime,
    from: Time,
    until: Time,
    times: Vec<f64>,
    failed: u64,
    last: Time,
    /// Requests, also those that do not count.
    taken: u64,
    /// There are more than [`LONGEST`].
    full: Arc<AtomicBool>,
}

impl Sink for Collected {
    const WORKERS: bool = false;

    fn take(&mut self, record: &RequestRecord) {
        self.taken += 1;
        if self.taken > LONGEST {
            self.full.store(true, Ordering::Relaxed);
        }
        if record.arrival < self.from || record.arrival >= self.until {
            return;
        }
        if record.outcome != Outcome::Served {
            self.failed += 1;
            return;
        }
        let since = match self.compared {
            ComparedTime::Response => record.arrival,
            ComparedTime::Held => record.start,
        };
        self.times.push(record.departure.since(since).as_secs_f64());
        self.last = self.last.max(record.departure);
    }
}

impl Collected {
    fn between(from: Time, until: Time) -> Collected {
        Collected {
            compared: ComparedTime::Response,
            from,
            until,
            times: Vec::new(),
            failed: 0,
            last: Time::ZERO,
            taken: 0,
            full: Arc::default(),
        }
    }

    /// Takes the requests of one run of a model.
    fn run(&mut self, model: &Model, number: u64, stop: &AtomicBool) -> Result<(), String> {
        if stop.load(Ordering::Relaxed) {
            return Err("stopped".to_owned());
        }
        let full = Arc::clone(&self.full);
        let elapsed = || if full.load(Ordering::Relaxed) { Duration::MAX } else { Duration::ZERO };
        let deadline = Some(Deadline { elapsed: &elapsed, most: Duration::MAX });
        let (replication, until) = (Replication(number), self.until);
        let run = Run { seed: SEED, replication, until, stop, deadline };
        let _ = engine::run(model, Choice::Auto, run, self);
        if full.load(Ordering::Relaxed) { Err(too_many()) } else { Ok(()) }
    }

    /// The values of one run of a model.
    fn of_run(mut self, model: &Model, number: u64, stop: &AtomicBool) -> Result<Values, String> {
        self.run(model, number, stop)?;
        Ok(self.values())
    }

    fn values(self) -> Values {
        let end = if self.until == Time::MAX { self.last } else { self.until };
        let seconds = (end.as_secs_f64() - self.from.as_secs_f64()).max(0.0);
        RunFigures { times: self.times, failed: self.failed, seconds }.values()
    }
}
