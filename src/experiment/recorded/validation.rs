//! The same requests again: what a server did, recorded request by request, beside what a model
//! of it does with the very same arrivals and demands.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::engine::{self, Choice, Run};
use crate::experiment::error::PlanError;
use crate::experiment::recorded::{look_phase, quota_phase};
use crate::model::runtime::{Accept, Bias, Class, Runtime};
use crate::model::{Demand, Load, Model, ModelError, Server, Trace};
use crate::random::{Replication, Seed};
use crate::record::{Outcome, RequestRecord};
use crate::source::{ScriptLine, ScriptSource};
use crate::time::{Span, Time};

/// One recorded request.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// When it was to be sent.
    pub(crate) scheduled: Time,
    /// What it asked for.
    pub(crate) demands: Vec<Demand>,
    /// When its client had the answer, or knew that there would be none.
    pub done: Time,
    /// Whether there was an answer that says that all is well.
    pub(crate) answered: bool,
    /// Of a closed loop: its line in the script, from 0, where that is known. A line that is not
    /// recorded was not sent any more: its client had stopped.
    pub(crate) number: Option<u32>,
    /// Its client, where clients wait for answers.
    pub(crate) client: u32,
    /// The process that served it, where that is known.
    pub(crate) process: Option<u32>,
}

impl Recorded {
    /// When it began, if it was held for no longer than it asked for.
    fn began(&self) -> Time {
        let held: u64 = self.demands.iter().map(|demand| demand.span().as_nanos()).sum();
        Time::from_nanos(self.done.as_nanos().saturating_sub(held))
    }
}

/// One recorded run.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Its requests, in the order of the schedule (open) or of the script (closed).
    pub requests: Vec<Recorded>,
    /// Of a closed loop: how many clients, and until when they send.
    pub(crate) closed: Option<(u32, Time)>,
}

/// How a replay is made.
#[derive(Clone, Copy, Debug)]
pub struct ReplaySettings {
    /// Seed of the random numbers.
    pub seed: Seed,
    /// Runs of each recording, where chance has a part.
    pub replications: u32,
    /// What is taken from the recordings.
    pub split: Split,
}

/// What of the recorded chance a replay takes over: who won each connection where several processes
/// race for them, and when the periods of a CPU quota began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// Nothing: whoever the server's own policy says takes a connection, periods begin at random.
    #[default]
    Policy,
    /// Each process as large a share as it took, at random.
    Proportions,
    /// Each request goes to the process that took it, and the periods of a quota begin when they
    /// did, as far as that can be read off the answers (`experiment/recorded/quota_phase.rs`); so do
    /// the looks of the master of a growing pool (`look_phase.rs`).
    Recorded,
}

impl std::str::FromStr for Split {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Split, PlanError> {
        match text {
            "" | "policy" => Ok(Split::Policy),
            "proportions" => Ok(Split::Proportions),
            "recorded" => Ok(Split::Recorded),
            other => Err(PlanError::Split(other.to_owned())),
        }
    }
}

/// What some requests came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Response times of the answered, in seconds, sorted.
    responses: Vec<f64>,
    /// Those that were not answered.
    pub(crate) unanswered: u64,
    /// Seconds from 0 to the last answer, summed over runs.
    span: f64,
    runs: u64,
}

/// What is compared.
pub const NAMES: [&str; 8] =
    ["mean_s", "p50_s", "p90_s", "p95_s", "p99_s", "max_s", "throughput_per_s", "unanswered"];

impl Figures {
    /// Of one run whose requests were answered after so many seconds.
    #[cfg(test)]
    pub(crate) fn of(responses: Vec<f64>) -> Figures {
        let mut figures =
            Figures { span: responses.iter().sum(), runs: 1, responses, ..Figures::default() };
        figures.sort();
        figures
    }

    fn add(&mut self, responses: impl Iterator<Item = Option<f64>>, end: Time) {
        for response in responses {
            match response {
                Some(response) => self.responses.push(response),
                None => self.unanswered += 1,
            }
        }
        self.span += end.as_secs_f64();
        self.runs += 1;
    }

    fn merge(&mut self, other: &Figures) {
        self.responses.extend(&other.responses);
        self.unanswered += other.unanswered;
        self.span += other.span;
        self.runs += other.runs;
    }

    fn sort(&mut self) {
        self.responses.sort_unstable_by(f64::total_cmp);
    }

    /// A percentile of the response time: the least time that so large a share does not exceed.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let rank = (p * self.responses.len() as f64).ceil().max(1.0) as usize;
        self.responses.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    /// Mean response time of the answered.
    pub fn mean(&self) -> f64 {
        self.responses.iter().sum::<f64>() / self.responses.len() as f64
    }

    /// The values of [`NAMES`]; the last two per run.
    pub fn values(&self) -> [f64; 8] {
        let q = |p| self.quantile(p);
        [
            self.mean(),
            q(0.5),
            q(0.9),
            q(0.95),
            q(0.99),
            q(1.0),
            self.responses.len() as f64 / self.span,
            self.unanswered as f64 / self.runs as f64,
        ]
    }
}

/// What was measured and what is predicted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Of the recordings.
    pub measured: Figures,
    /// Of the model, all replays together.
    pub predicted: Figures,
    /// Each replay by itself: how far apart they are is what chance does within the model.
    pub(crate) replays: Vec<Figures>,
}

impl Comparison {
    /// The least and the greatest of a value of [`NAMES`] among the replays, if chance has a part.
    pub(crate) fn spread(&self, at: usize) -> Option<(f64, f64)> {
        let values = || self.replays.iter().map(|replay| replay.values()[at]);
        let least = values().min_by(f64::total_cmp)?;
        let greatest = values().max_by(f64::total_cmp)?;
        (self.replays.len() > 1 && least < greatest).then_some((least, greatest))
    }
}

/// Replays recordings of one server, and pools them.
///
/// # Errors
/// Why a recording is not a load of the server.
pub fn replay(
    server: &Server,
    recordings: &[Recording],
    settings: ReplaySettings,
) -> Result<Comparison, ModelError> {
    let mut all = Comparison::default();
    for (place, recording) in (0..).zip(recordings) {
        let requests = recording.requests.iter();
        let measured = |r: &Recorded| r.answered.then(|| r.done.since(r.scheduled).as_secs_f64());
        let end = requests.clone().filter(|r| r.answered).map(|r| r.done).max();
        all.measured.add(requests.map(measured), end.unwrap_or(Time::ZERO));
        let model = model(server, recording, settings)?;
        let runs = if model.random() { settings.replications } else { 1 };
        for number in 0..runs {
            // Chance in one recording says nothing of chance in another.
            let own = u64::from(number) + place * u64::from(settings.replications);
            let records = records(&model, recording, settings.seed, Replication(own));
            let end = records.iter().filter(|v| v.outcome == Outcome::Served).map(|v| v.departure);
            let end = end.max().unwrap_or(Time::ZERO);
            let response = |record: &RequestRecord| {
                (record.outcome == Outcome::Served).then(|| record.response().as_secs_f64())
            };
            if all.replays.len() <= number as usize {
                all.replays.push(Figures::default());
            }
            all.replays[number as usize].add(records.iter().map(response), end);
        }
    }
    all.measured.sort();
    for replay in &mut all.replays {
        replay.sort();
        all.predicted.merge(replay);
    }
    all.predicted.sort();
    Ok(all)
}

/// The server before one recording.
fn model(
    server: &Server,
    recording: &Recording,
    settings: ReplaySettings,
) -> Result<Model, ModelError> {
    let mut server = server.clone();
    let class = if server.threads > 1 { Class::Gthread } else { Class::Sync };
    let mut runtime = server.runtime.as_deref().cloned().unwrap_or_else(|| Runtime::neutral(class));
    let races = matches!(runtime.accept, Accept::Greedy(_) | Accept::Random);
    match settings.split {
        Split::Recorded if runtime.accept != Accept::Shared => {
            runtime.accept = Accept::Recorded(assigned(recording));
        }
        Split::Proportions if races => {
            runtime.accept = Accept::Greedy(Bias::Parts(parts(recording, server.workers)));
        }
        _ => {}
    }
    if let Some(quota) = runtime.quota.as_mut().filter(|_| settings.split == Split::Recorded) {
        let answered = recording.requests.iter().filter(|request| request.answered);
        quota.phase = Some(quota_phase::phase(answered.map(|request| request.done), quota.period));
    }
    if settings.split == Split::Recorded && runtime.spawning.grows() {
        let start = runtime.spawning.start(server.workers);
        let served = recording.requests.iter().filter(|request| request.answered);
        let began = served.filter_map(|request| Some((request.process?, request.began())));
        runtime.look_phase = look_phase::phase(began, start);
    }
    server.runtime = Some(Arc::new(runtime));
    let mut trace = Trace::new();
    let mut last = Time::ZERO;
    for request in &recording.requests {
        // The order of a closed loop is that of its script, not of its clock.
        last = if recording.closed.is_some() { last } else { request.scheduled };
        trace.push(last, &request.demands)?;
    }
    Model::new(Load::Trace(Arc::new(trace)), server)
}

/// Which process took each request; of those that nobody knows, the first.
fn assigned(recording: &Recording) -> Vec<u32> {
    recording.requests.iter().map(|request| request.process.unwrap_or(0)).collect()
}

/// How the recorded connections were split among processes, the most eager first.
fn parts(recording: &Recording, workers: u32) -> Vec<f64> {
    let mut counts = vec![0.0; workers as usize];
    for request in &recording.requests {
        if let Some(count) = request.process.and_then(|p| counts.get_mut(p as usize)) {
            *count += 1.0;
        }
    }
    counts.sort_unstable_by(|a: &f64, b| b.total_cmp(a));
    if counts.iter().all(|count| *count == 0.0) { vec![1.0; workers as usize] } else { counts }
}

/// The model's records, in the order in which requests came.
pub(crate) fn records(
    model: &Model,
    recording: &Recording,
    seed: Seed,
    replication: Replication,
) -> Vec<RequestRecord> {
    let stop = AtomicBool::new(false);
    let run = Run { seed, replication, until: Time::MAX, stop: &stop, deadline: None };
    let mut records = Vec::new();
    // It has no limit, so it always ends as a complete one.
    let _ = match recording.closed {
        None => engine::run(model, Choice::Auto, run, &mut records),
        Some((clients, until)) => {
            let lines = script(recording);
            let source = ScriptSource::new(&lines, clients, until);
            engine::run_source(model, source, run, &mut records)
        }
    };
    records.sort_by_key(|record| record.request);
    records
}

/// The script of a closed loop: how long each client thought, from its answer to its next request.
fn script(recording: &Recording) -> Vec<ScriptLine> {
    let clients = recording.requests.iter().map(|r| r.client as usize + 1).max().unwrap_or(0);
    let mut free = vec![Time::ZERO; clients];
    let mut order: Vec<usize> = (0..recording.requests.len()).collect();
    order.sort_by_key(|at| recording.requests[*at].scheduled);
    let mut think = vec![Span::ZERO; order.len()];
    for at in order {
        let request = &recording.requests[at];
        let free = &mut free[request.client as usize];
        think[at] = request.scheduled.since(*free);
        *free = request.done;
    }
    let line = |(request, think): (&Recorded, Span)| ScriptLine {
        think,
        demands: request.demands.clone(),
    };
    let mut lines = Vec::new();
    for (request, think) in recording.requests.iter().zip(think) {
        let missing = request.number.map_or(0, |n| (n as usize).saturating_sub(lines.len()));
        lines.extend(std::iter::repeat_n(
            ScriptLine { think: Span::MAX, demands: Vec::new() },
            missing,
        ));
        lines.push(line((request, think)));
    }
    lines
}
