//! Random models: what they are made of, how the library runs them and how the twin does.
//!
//! Half of them live on a grid of whole seconds, where requests come, end and give up at the same
//! instant all the time; half at any nanosecond.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestError, TestRng, TestRunner};
use rand::RngExt;
use simsrv::distribution::Distribution;
use simsrv::engine::{self, Choice, Run};
use simsrv::model::{
    Backlog, Closed, Demand, Discipline, Load, Mix, Model, Open, Phase, PhaseKind, Route, Server,
    Trace,
};
use simsrv::random::{Purpose, Replication, Seed, Stream};
use simsrv::record::{RequestRecord, Sink};
use simsrv::source::OpenSource;
use simsrv::time::{Span, Time};

use crate::ratio::Ratio;
use crate::twin::{self, Ask, Coming, House, Kind, Seen};

const REPLICATION: Replication = Replication(0);
const SECOND: u64 = 1_000_000_000;

/// A model, small enough to read when a test fails; distributions as they are written.
#[derive(Clone, Debug)]
pub struct Case {
    pub workers: u32,
    pub threads: u32,
    pub gil: bool,
    pub millicores: u32,
    pub backlog: Option<u64>,
    pub patience: Option<String>,
    pub discipline: Discipline,
    pub work: Work,
    pub seed: u64,
}

/// A request: the gap before it and its phases, in nanoseconds.
pub type Recorded = (u64, Vec<(Kind, u64)>);

#[derive(Clone, Debug)]
pub enum Work {
    Trace(Vec<Recorded>),
    Closed {
        clients: u32,
        requests: u64,
        think: String,
        phases: Vec<(Kind, String)>,
        /// What half of the requests ask for instead, which go first where there are priorities.
        urgent: Option<Vec<(Kind, String)>>,
    },
    /// Arrivals are watched until `requests` of them have come.
    Open {
        rate: String,
        arrivals: String,
        phases: Vec<(Kind, String)>,
        requests: u64,
    },
}

/// How many times more cases are wanted than a quick run has.
pub fn more() -> u32 {
    std::env::var("SUITE_TIMES").map_or(1, |times| times.parse().expect("SUITE_TIMES is a number"))
}

/// Runs a property on random cases: always the same ones, so that a failure is there again
/// tomorrow. What fails is shrunk before it is shown. `SUITE_TIMES=50` tries 50 times as many.
pub fn check<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let cases = cases * more();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    match TestRunner::new_with_rng(config, rng).run(strategy, property) {
        Err(TestError::Fail(reason, case)) => panic!("{reason}\n{case:#?}"),
        Err(TestError::Abort(reason)) => panic!("too few cases: {reason}"),
        Ok(()) => {}
    }
}

// ---- how cases are drawn -----------------------------------------------------------------------

/// Whether times are whole seconds.
#[derive(Clone, Copy, Debug)]
pub enum Times {
    OnGrid,
    Anywhere,
}

impl Times {
    /// A length of up to `seconds` seconds; nothing is frequent.
    fn length(self, seconds: u64) -> BoxedStrategy<u64> {
        match self {
            Times::OnGrid => (0..=seconds).prop_map(|n| n * SECOND).boxed(),
            Times::Anywhere => prop_oneof![1 => Just(0), 5 => 0..=seconds * SECOND].boxed(),
        }
    }

    fn distribution(self) -> BoxedStrategy<String> {
        let constant = self.length(3).prop_map(|ns| format!("{ns}ns"));
        match self {
            Times::OnGrid => {
                let mix = (0..3u64, 1..5u64).prop_map(|(a, b)| format!("mix(50%:{a}s,50%:{b}s)"));
                prop_oneof![constant, mix].boxed()
            }
            Times::Anywhere => prop_oneof![
                1 => constant,
                3 => proptest::sample::select(&[
                    "exp(1s)", "uniform(0s,2s)", "lognormal(mean=1s,cv=2)", "mix(30%:0s,70%:exp(1s))",
                ][..]).prop_map(str::to_owned),
            ]
            .boxed(),
        }
    }

    fn phases(self) -> impl Strategy<Value = Vec<(Kind, String)>> {
        prop::collection::vec((kind(), self.distribution()), 1..4)
    }
}

pub fn times() -> impl Strategy<Value = Times> {
    prop_oneof![Just(Times::OnGrid), Just(Times::Anywhere)]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![2 => Just(Kind::Cpu), 1 => Just(Kind::Io)]
}

/// Recorded requests; some ask for nothing at all.
pub fn trace(times: Times, most: usize) -> BoxedStrategy<Work> {
    let phases = prop::collection::vec((kind(), times.length(3)), 0..5);
    prop::collection::vec((times.length(2), phases), 1..=most).prop_map(Work::Trace).boxed()
}

/// Clients that come again a few times.
pub fn closed(times: Times) -> BoxedStrategy<Work> {
    (1..6u32, 1..5u64, times.distribution(), times.phases(), prop::option::of(times.phases()))
        .prop_map(|(clients, requests, think, phases, urgent)| Work::Closed {
            clients,
            requests,
            think,
            phases,
            urgent,
        })
        .boxed()
}

/// Arrivals by a distribution.
pub fn open(times: Times, requests: u64) -> BoxedStrategy<Work> {
    let arrivals = match times {
        Times::OnGrid => &["constant", "batch(3)"][..],
        Times::Anywhere => {
            &["poisson", "gamma(cv=2)", "batch(geometric(3))", "mmpp(9/s:3s,1/s:9s)"]
        }
    };
    let arrivals = proptest::sample::select(arrivals);
    (proptest::sample::select(&["1/s", "2/s", "4/s"][..]), arrivals, times.phases())
        .prop_map(move |(rate, arrivals, phases)| Work::Open {
            rate: rate.to_owned(),
            arrivals: arrivals.to_owned(),
            phases,
            requests,
        })
        .boxed()
}

/// Any server for some work.
pub fn on_any_server(work: BoxedStrategy<Work>, times: Times) -> impl Strategy<Value = Case> {
    let cores = prop_oneof![
        3 => proptest::sample::select(&[1000, 2000, 3000][..]),
        1 => proptest::sample::select(&[250, 500, 1500, 2750][..]),
    ];
    let threads = prop_oneof![3 => Just(1u32), 2 => 2..4u32];
    let backlog = prop_oneof![1 => Just(None), 2 => (0..4u64).prop_map(Some)];
    let patience = prop::option::of(times.distribution());
    let queue = (backlog, patience, any::<bool>());
    (1..5u32, threads, any::<bool>(), cores, queue, work, 0..1000u64).prop_map(
        |(workers, threads, gil, millicores, (backlog, patience, fifo), work, seed)| Case {
            workers,
            threads,
            gil,
            millicores,
            backlog,
            patience,
            discipline: match &work {
                _ if fifo => Discipline::Fifo,
                Work::Closed { urgent: Some(_), .. } => Discipline::Priority,
                _ => Discipline::Lifo,
            },
            work,
            seed,
        },
    )
}

// ---- the library's view ------------------------------------------------------------------------

fn distribution(text: &str) -> Distribution {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn library_kind(kind: Kind) -> PhaseKind {
    match kind {
        Kind::Cpu => PhaseKind::Cpu,
        Kind::Io => PhaseKind::Io,
    }
}

fn library_phases(phases: &[(Kind, String)]) -> Vec<Phase> {
    let phase = |(kind, text): &(Kind, String)| Phase {
        kind: library_kind(*kind),
        demand: distribution(text),
    };
    phases.iter().map(phase).collect()
}

/// What all requests ask for, or half of them each.
fn library_mix(phases: &[(Kind, String)], urgent: Option<&[(Kind, String)]>) -> Mix {
    let Some(urgent) = urgent else { return library_phases(phases).into() };
    let route = |(name, priority, phases): (&str, u16, &[(Kind, String)])| Route {
        name: name.to_owned(),
        share: 0.5,
        priority,
        phases: library_phases(phases),
    };
    let routes = [("usual", 2, phases), ("urgent", 1, urgent)].map(route).to_vec();
    Mix::new(routes).expect("two halves")
}

impl Case {
    pub fn model(&self) -> Model {
        let server = Server {
            discipline: self.discipline,
            workers: self.workers,
            threads: self.threads,
            gil: self.gil,
            cores: format!("{}m", self.millicores).parse().expect("cores"),
            memory: None,
            backlog: self.backlog.map_or(Backlog::Unlimited, Backlog::Places),
            patience: self.patience.as_deref().map(distribution),
            runtime: None,
        };
        Model::new(self.load(), server).unwrap_or_else(|error| panic!("{error}\n{self:#?}"))
    }

    fn load(&self) -> Load {
        match &self.work {
            Work::Trace(requests) => Load::Trace(Arc::new(recorded(requests))),
            Work::Closed { clients, requests, think, phases, urgent } => Load::Closed(Closed {
                clients: *clients,
                ramp: None,
                requests: Some(*requests),
                think: distribution(think),
                mix: library_mix(phases, urgent.as_deref()),
            }),
            Work::Open { rate, arrivals, phases, .. } => Load::Open(Open {
                rate: rate.parse().expect("a rate"),
                arrivals: arrivals.parse().expect("arrivals"),
                mix: library_phases(phases).into(),
            }),
        }
    }

    /// The records of all requests that came while somebody watched, in order of request.
    pub fn records(&self, choice: Choice) -> Vec<RequestRecord> {
        self.records_of(&self.model(), choice)
    }

    /// The same of a model that stands for this case.
    pub fn records_of(&self, model: &Model, choice: Choice) -> Vec<RequestRecord> {
        let mut records = Vec::new();
        let until = self.run(model, choice, &mut records);
        records.retain(|record: &RequestRecord| record.arrival < until);
        records.sort_by_key(|record| record.request);
        records
    }

    /// The same as a sink hears it that asks for no names, in order of time.
    pub fn nameless(&self, choice: Choice) -> Vec<RequestRecord> {
        let mut heard = Nameless(Vec::new());
        let until = self.run(&self.model(), choice, &mut heard);
        let mut records = heard.0;
        records.retain(|record| record.arrival < until);
        for record in &mut records {
            (record.request, record.client, record.worker, record.route) = (0, 0, 0, 0);
        }
        let order = |v: &RequestRecord| (v.arrival, v.start, v.departure, v.cpu, v.outcome.name());
        records.sort_by_key(order);
        records
    }

    /// Runs the model; gives the instant from which on arrivals are nobody's business.
    fn run<K: Sink>(&self, model: &Model, choice: Choice, sink: &mut K) -> Time {
        let seed = Seed(self.seed);
        let until = match (&self.work, model.load()) {
            (Work::Open { requests, .. }, Load::Open(open)) => {
                OpenSource::arrival_of(open, seed, REPLICATION, *requests) + Span::from_nanos(1)
            }
            _ => Time::MAX,
        };
        let stop = &AtomicBool::new(false);
        engine::run(
            model,
            choice,
            Run { seed, replication: REPLICATION, until, stop, deadline: None },
            sink,
        );
        until
    }
}

/// Hears records without asking who served whom.
struct Nameless(Vec<RequestRecord>);

impl Sink for Nameless {
    const WORKERS: bool = false;

    fn take(&mut self, record: &RequestRecord) {
        self.0.push(*record);
    }
}

fn recorded(requests: &[Recorded]) -> Trace {
    let mut trace = Trace::new();
    let mut now = Time::ZERO;
    for (gap, phases) in requests {
        now = now + Span::from_nanos(*gap);
        let demand =
            |(kind, ns): &(Kind, u64)| Demand::new(library_kind(*kind), Span::from_nanos(*ns));
        trace.push(now, &phases.iter().map(demand).collect::<Vec<_>>()).expect("in order");
    }
    trace
}

// ---- the twin's view ---------------------------------------------------------------------------

/// Draws a distribution for one client (lane number + 1) or for all arrivals in order (lane 0):
/// what the sources promise, said again.
struct Lane {
    distribution: Distribution,
    stream: Stream,
}

impl Lane {
    fn new(text: &str, seed: u64, purpose: Purpose, lane: u64) -> Lane {
        Lane {
            distribution: distribution(text),
            stream: Stream::new(Seed(seed), purpose, REPLICATION, lane),
        }
    }

    fn next(&mut self) -> i128 {
        i128::from(self.distribution.sampler().draw(&mut self.stream).as_nanos())
    }
}

impl Case {
    /// What the twin says, in order of request; `None` if its fractions grow too long.
    ///
    /// # Panics
    /// For arrivals by a distribution: the twin runs to the end, and they have none.
    pub fn twin(&self) -> Option<Vec<Seen>> {
        let house = House {
            turns: self.takes_turns(),
            processes: self.workers as usize,
            threads: self.threads as usize,
            lock: self.gil,
            lifo: self.discipline == Discipline::Lifo,
            millicores: i128::from(self.millicores),
            backlog: self.backlog.map(|places| places as usize),
        };
        let (coming, scripts) = match &self.work {
            Work::Trace(requests) => (self.replayed(requests), Vec::new()),
            Work::Closed { clients, .. } => {
                let mut scripts: Vec<_> =
                    (0..*clients).map(|client| self.script(u64::from(client) + 1)).collect();
                let first = |(rank, script): (usize, &mut VecDeque<(i128, Ask)>)| Coming {
                    at: Ratio::ZERO,
                    rank,
                    sent: 0,
                    ask: script.pop_front().expect("a client has a request").1,
                };
                (scripts.iter_mut().enumerate().map(first).collect(), scripts)
            }
            Work::Open { .. } => unreachable!("the twin is given traces and clients"),
        };
        let mut seen = twin::run(&house, coming, scripts)?;
        seen.sort_by_key(|seen| seen.request);
        Some(seen)
    }

    /// Whether all that clients ask for and think is of values that come again and again.
    fn takes_turns(&self) -> bool {
        let Work::Closed { think, phases, urgent, .. } = &self.work else { return false };
        let phases = phases.iter().chain(urgent.iter().flatten());
        let mut texts = phases.map(|(_, text)| text).chain([think]);
        texts.all(|text| text.parse::<Distribution>().expect("a distribution").is_discrete())
    }

    fn patience(&self, lane: u64) -> impl FnMut() -> Option<i128> {
        let text = self.patience.as_deref();
        let mut lane = text.map(|text| Lane::new(text, self.seed, Purpose::Patience, lane));
        move || lane.as_mut().map(Lane::next)
    }

    fn replayed(&self, requests: &[Recorded]) -> Vec<Coming> {
        let mut patience = self.patience(0);
        let mut now = 0;
        let coming = |(rank, (gap, phases)): (usize, &Recorded)| {
            now += i128::from(*gap);
            let phases = phases.iter().map(|(kind, ns)| (*kind, i128::from(*ns))).collect();
            Coming {
                at: Ratio::whole(now),
                rank,
                sent: 0,
                ask: Ask { phases, priority: 0, patience: patience() },
            }
        };
        requests.iter().enumerate().map(coming).collect()
    }

    /// All that a client asks for, and how long it thinks before.
    fn script(&self, lane: u64) -> VecDeque<(i128, Ask)> {
        let Work::Closed { requests, think, phases, urgent, .. } = &self.work else {
            unreachable!()
        };
        let mut patience = self.patience(lane);
        let mut think = Lane::new(think, self.seed, Purpose::Think, lane);
        let drawn = |(k, (kind, text)): (usize, &(Kind, String)), route: u16| {
            let purpose = match route {
                0 => Purpose::Phase(k as u16),
                route => Purpose::RoutePhase(route, k as u16),
            };
            (*kind, Lane::new(text, self.seed, purpose, lane))
        };
        let mut usual: Vec<_> = phases.iter().enumerate().map(|one| drawn(one, 0)).collect();
        let urgent = urgent.as_ref();
        let mut urgent = urgent
            .map(|urgent| urgent.iter().enumerate().map(|one| drawn(one, 1)).collect::<Vec<_>>());
        let mut route = Stream::new(Seed(self.seed), Purpose::Route, REPLICATION, lane);
        let priorities = self.discipline == Discipline::Priority;
        (0..*requests)
            .map(|nth| {
                let (lanes, rank) = match &mut urgent {
                    Some(urgent) if route.random::<f64>() >= 0.5 => (urgent, 1),
                    _ => (&mut usual, 2),
                };
                let phases = lanes.iter_mut().map(|(kind, lane)| (*kind, lane.next())).collect();
                let priority = if priorities { rank } else { 0 };
                let thought = if nth == 0 { 0 } else { think.next() };
                (thought, Ask { phases, priority, patience: patience() })
            })
            .collect()
    }
}
