//! Which loop runs a model.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::model::runtime::{Accept, Class, Runtime, Spawning};
use crate::model::{Backlog, Discipline, Load, Model, PhaseKind};
use crate::random::{Replication, Seed};
use crate::record::Sink;
use crate::time::Time;

/// Which loop may run; for those who compare the loops with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The fastest that fits.
    #[default]
    Auto,
    /// The event engine.
    Events,
    /// The recursion; a model that it does not fit is refused before it is run.
    Recursion,
}

/// One run of an engine.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The seed of all random numbers.
    pub seed: Seed,
    /// Which replication.
    pub replication: Replication,
    /// The run ends when all requests that arrived before this instant have left;
    /// [`Time::MAX`]: when nothing is left to happen.
    pub until: Time,
    /// Set from outside to end the run early; its records are then incomplete.
    pub stop: &'a AtomicBool,
    /// When the run ends early by the clock of the caller, if ever.
    pub deadline: Option<Deadline<'a>>,
}

/// A limit of the wall-clock time. An engine has no clock: it is lent one.
#[derive(Clone, Copy)]
pub struct Deadline<'a> {
    /// Wall-clock time since the clock began.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// The time at which the run ends.
    pub most: Duration,
}

impl Deadline<'_> {
    /// Whether the time is over.
    pub(crate) fn passed(&self) -> bool {
        (self.elapsed)() >= self.most
    }
}

impl fmt::Debug for Deadline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadline").field("most", &self.most).finish_non_exhaustive()
    }
}

impl Run<'_> {
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.deadline.is_some_and(|limit| limit.passed())
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that was to be run was run.
    Complete,
    /// It was stopped, or its deadline passed: records are missing.
    Stopped,
    /// The clock stood still for more than [`MOST_STEPS`] requests. A checked model cannot do that:
    /// this is a bug, and the records are worth nothing.
    Stuck,
}

/// Requests at one instant after which a run ends as [`End::Stuck`]. The largest legitimate number
/// is that of all clients of a closed loop, `crate::model::MAX_CLIENTS`, a few times over.
pub const MOST_STEPS: u64 = 1 << 28;

/// Steps between two looks at the clock and at the flag that stops a run.
const STEPS_BETWEEN_CHECKS: u64 = 1024;

/// Counts the steps of a run, to end it when it is stopped or stands still.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    run: Run<'a>,
    steps: u64,
    /// Steps when the clock last moved.
    moved: u64,
    end: End,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(run: Run<'a>) -> Self {
        Watch { run, steps: 0, moved: 0, end: End::Complete }
    }

    /// The clock has moved to another instant.
    #[inline]
    pub(crate) fn clock_moved(&mut self) {
        self.moved = self.steps;
    }

    /// Counts a step; whether the run ends before it.
    #[inline]
    pub(crate) fn ends(&mut self) -> bool {
        self.steps += 1;
        self.steps.is_multiple_of(STEPS_BETWEEN_CHECKS) && self.check()
    }

    #[cold]
    fn check(&mut self) -> bool {
        if self.run.stopped() {
            self.end = End::Stopped;
        } else if self.steps - self.moved > MOST_STEPS {
            self.end = End::Stuck;
        }
        let ends = self.end != End::Complete;
        // A run that has ended is asked again at its next step.
        self.steps -= u64::from(ends);
        ends
    }

    /// How the run has ended, or would end now.
    pub(crate) fn end(&self) -> End {
        self.end
    }
}

/// The ways to run a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The recursion of Kiefer and Wolfowitz (`super::recursion`).
    Recursion,
    /// The fast path for shared cores (`super::sharing`).
    Sharing,
    /// The event engine (`super::events`).
    Events,
    /// A recursion for workers that reach none of their limits
    /// (`src/engine/recursion/unlimited.rs`). Whether one does is known only afterwards; then the event
    /// engine runs the model.
    Unlimited,
}

/// What a sink asks for beside the times of requests. No time depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// Which worker served a request ([`Sink::WORKERS`]).
    pub(crate) workers: bool,
    /// What happens between arrivals and departures ([`Sink::COURSE`], [`Sink::PHASES`]).
    pub(crate) course: bool,
}

impl Asks {
    /// What a kind of sink asks for.
    pub(crate) fn of<K: Sink>() -> Asks {
        Asks { workers: K::WORKERS, course: K::COURSE || K::PHASES }
    }
}

/// The loop that runs a model. All loops give the same records of a model that they fit; this
/// table, read from the top, says which one is used.
///
/// | model | `choice` | sink | kernel |
/// |---|---|---|---|
/// | sync workers with a [runtime](crate::model::Runtime) and a core each, open, one route, no restarts, no patience | `Auto`, `Recursion` | asks for nothing | `Unlimited` |
/// | any other runtime | any | any | `Events` |
/// | [fits the recursion](recursion_fits) | `Auto`, `Recursion` | any | `Recursion` |
/// | fits it but for its threads | `Auto`, `Recursion` | does not ask for workers | `Recursion` |
/// | open, one CPU phase, shared cores, no lock, no patience | `Auto` | does not ask for workers | `Sharing` |
/// | any other | any | any | `Events` |
///
/// What servers are made of in the event engine is chosen there, by another table.
pub fn kernel(model: &Model, choice: Choice, asks: Asks) -> Kernel {
    if choice == Choice::Events {
        Kernel::Events
    } else if let Some(runtime) = &model.server().runtime {
        let fits = asks == Asks::default() && fits_unlimited(model, runtime);
        if fits { Kernel::Unlimited } else { Kernel::Events }
    } else if fits_recursion(model, asks.workers).is_ok() {
        Kernel::Recursion
    } else if choice == Choice::Auto && !asks.workers && fits_sharing(model) {
        Kernel::Sharing
    } else {
        Kernel::Events
    }
}

/// Whether a server is one of sync workers with a core each, and has nothing of what needs events
/// before it reaches a limit.
fn fits_unlimited(model: &Model, runtime: &Runtime) -> bool {
    let server = model.server();
    let cores = u64::from(server.cores.millicores());
    let clients = &runtime.clients;
    matches!(model.load(), Load::Open(open) if open.mix.routes().is_empty())
        && runtime.class == Class::Sync
        && server.threads == 1
        && u64::from(server.workers) * 1000 <= cores
        && runtime.accept == Accept::Shared
        && runtime.hosts() == 1
        && runtime.unlimited()
        && runtime.spawning == Spawning::All
        && runtime.lifecycle.max_requests == 0
        && runtime.fluid()
        && (!clients.hurry() && clients.keep_alive.is_none())
        && (server.patience.is_none() && !server.grows())
}

/// Whether the recursion fits a model, whatever the sink asks for: an ideal server whose requests
/// share no core and have no threads to choose from, no clients that leave the queue and come
/// again, and not both a finite backlog and clients that leave.
///
/// # Errors
/// Why it does not, as a sentence.
pub fn recursion_fits(model: &Model) -> Result<(), &'static str> {
    fits_recursion(model, true)
}

fn fits_recursion(model: &Model, wants_workers: bool) -> Result<(), &'static str> {
    let server = model.server();
    if server.runtime.is_some() {
        return Err("the recursion covers ideal servers only, without the options of real servers");
    }
    if server.discipline != Discipline::Fifo {
        return Err("the recursion is first come, first served");
    }
    if !model.routes().is_empty() && matches!(model.load(), Load::Closed(_)) {
        return Err("the recursion takes several routes only with --rate");
    }
    if model.contended() {
        return Err("the recursion needs a core for every worker, or requests without CPU");
    }
    if server.threads > 1 && wants_workers {
        return Err("the recursion has no threads");
    }
    if server.patience.is_some() && matches!(model.load(), Load::Closed(_)) {
        return Err("the recursion takes --patience only with --rate or --trace");
    }
    if server.patience.is_some() && server.backlog != Backlog::Unlimited {
        return Err("the recursion takes --patience only with --backlog unlimited");
    }
    Ok(())
}

fn fits_sharing(model: &Model) -> bool {
    let server = model.server();
    let computes = model.phases().len() == 1 && model.phases()[0].kind == PhaseKind::Cpu;
    matches!(model.load(), Load::Open(_))
        && model.contended()
        && computes
        && !server.lock_matters()
        && server.discipline == Discipline::Fifo
        && server.patience.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Closed, Open, Phase, Server, Trace};
    use crate::time::Span;
    use std::sync::Arc;

    fn phases(text: &str) -> Vec<Phase> {
        let phase = |phase: &str| {
            let (kind, demand) = phase.split_once(':').unwrap();
            Phase { kind: kind.parse().unwrap(), demand: demand.parse().unwrap() }
        };
        text.split_whitespace().map(phase).collect()
    }

    fn load(kind: &str, demands: &str) -> Load {
        match kind {
            "open" => Load::Open(Open {
                rate: "1/s".parse().unwrap(),
                arrivals: "poisson".parse().unwrap(),
                mix: phases(demands).into(),
            }),
            "closed" => Load::Closed(Closed {
                ramp: None,
                clients: 3,
                requests: Some(1),
                think: "1s".parse().unwrap(),
                mix: phases(demands).into(),
            }),
            _ => {
                let mut trace = Trace::new();
                let demand = crate::model::Demand::new(PhaseKind::Cpu, Span::from_nanos(1));
                trace.push(Time::ZERO, &[demand]).unwrap();
                Load::Trace(Arc::new(trace))
            }
        }
    }

    /// A server as `workers x threads / cores`, with words for what else it has.
    fn server(text: &str) -> Server {
        let mut words = text.split_whitespace();
        let mut number = || words.next().unwrap().parse().unwrap();
        let (workers, threads, cores) = (number(), number(), number());
        let rest: Vec<&str> = words.collect();
        let has = |word: &str| rest.contains(&word);
        Server {
            workers,
            threads,
            gil: has("gil"),
            cores: crate::model::Cores::whole(cores),
            memory: None,
            backlog: if has("full") { Backlog::Places(2) } else { Backlog::Unlimited },
            discipline: Discipline::Fifo,
            patience: has("patience").then(|| "1s".parse().unwrap()),
            runtime: [Class::Sync, Class::Gthread]
                .into_iter()
                .find(|class| has(class.name()))
                .map(|class| Arc::new(Runtime::neutral(class))),
        }
    }

    /// A loop inside a step leaves it, and then the loop of steps has to end as well.
    #[test]
    fn a_run_that_was_stopped_stays_so() {
        let stop = AtomicBool::new(false);
        let (seed, replication) = (Seed(1), Replication(0));
        let run = Run { seed, replication, until: Time::MAX, stop: &stop, deadline: None };
        let mut watch = Watch::new(run);
        assert!((0..5000).all(|_| !watch.ends()) && watch.end() == End::Complete);
        stop.store(true, Ordering::Relaxed);
        assert!((0..STEPS_BETWEEN_CHECKS).any(|_| watch.ends()));
        assert!((0..5).all(|_| watch.ends()) && watch.end() == End::Stopped);
    }

    /// The clock that stands still ends a run; one that moves does not.
    #[test]
    fn a_run_that_stands_still_ends() {
        let stop = AtomicBool::new(false);
        let (seed, replication) = (Seed(1), Replication(0));
        let run = Run { seed, replication, until: Time::MAX, stop: &stop, deadline: None };
        let mut watch = Watch { steps: MOST_STEPS, ..Watch::new(run) };
        watch.clock_moved();
        assert!((0..5000).all(|_| !watch.ends()) && watch.end() == End::Complete);
        watch.steps += MOST_STEPS;
        assert!((0..5000).any(|_| watch.ends()) && watch.end() == End::Stuck);
    }

    /// The table of [`kernel`]: for each model the kernels of `Auto` with a sink that counts, of
    /// `Auto` with one that asks for workers, and of `Events` and `Recursion` with either.
    #[test]
    fn the_table_holds() {
        use Kernel::{Events as E, Recursion as R, Sharing as S, Unlimited as U};
        #[rustfmt::skip]
        let rows = [
            // load, demands, server: workers, threads, cores  counts  asks  events      recursion
            ("open", "cpu:exp(1s)", "4 1 4", R, R, (E, E), (R, R)),
            ("open", "cpu:exp(1s)", "4 1 4 full", R, R, (E, E), (R, R)),
            ("open", "cpu:exp(1s)", "4 1 4 patience", R, R, (E, E), (R, R)),
            ("open", "cpu:exp(1s)", "4 1 4 patience full", E, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s) io:1s", "4 1 4", R, R, (E, E), (R, R)),
            ("open", "io:1s", "4 1 1", R, R, (E, E), (R, R)),
            ("open", "io:1s", "4 2 1 gil", R, E, (E, E), (R, E)),
            ("open", "cpu:exp(1s)", "2 2 4", R, E, (E, E), (R, E)),
            ("open", "cpu:exp(1s)", "2 2 4 gil", E, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 1 2", S, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 2 2", S, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 1 2 full", S, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 1 2 patience", E, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s) io:1s", "4 1 2", E, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 1 4 gthread", E, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 1 4 sync", U, E, (E, E), (U, E)),
            ("open", "cpu:exp(1s)", "4 1 2 sync", E, E, (E, E), (E, E)),
            ("open", "cpu:exp(1s)", "4 1 4 sync patience", E, E, (E, E), (E, E)),
            ("closed", "cpu:exp(1s)", "4 1 4 sync", E, E, (E, E), (E, E)),
            ("closed", "cpu:exp(1s)", "4 1 4", R, R, (E, E), (R, R)),
            ("closed", "cpu:exp(1s)", "2 2 4", R, E, (E, E), (R, E)),
            ("closed", "cpu:exp(1s)", "4 1 4 full", R, R, (E, E), (R, R)),
            ("closed", "cpu:exp(1s)", "4 1 4 patience", E, E, (E, E), (E, E)),
            ("closed", "cpu:exp(1s)", "4 1 2", E, E, (E, E), (E, E)),
            ("trace", "", "4 1 4", R, R, (E, E), (R, R)),
            ("trace", "", "4 1 2", E, E, (E, E), (E, E)),
        ];
        for (kind, demands, text, counts, asks, events, recursion) in rows {
            let model = Model::new(load(kind, demands), server(text)).unwrap();
            let both = |choice| {
                let asks = |workers| Asks { workers, course: false };
                (kernel(&model, choice, asks(false)), kernel(&model, choice, asks(true)))
            };
            assert_eq!(both(Choice::Auto), (counts, asks), "{kind} {demands} {text}");
            assert_eq!(both(Choice::Events), events, "{kind} {demands} {text}");
            assert_eq!(both(Choice::Recursion), recursion, "{kind} {demands} {text}");
            assert_eq!(recursion_fits(&model).is_ok(), recursion.1 == R, "{kind} {demands} {text}");
        }
    }
}
