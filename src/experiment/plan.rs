//! What is to be simulated: cells, and how long and how often.

use crate::engine::Choice;
use crate::experiment::error::PlanError;
use crate::experiment::result::objective::Objective;
pub use crate::experiment::result::row::SECTIONS;
use crate::experiment::result::row::{Axes, Measure};
use crate::model::{Closed, Load, Model, Open};
use crate::random::Seed;
use crate::time::Span;
use std::sync::Arc;

/// Requests of a story up to which each is told by itself.
pub(crate) const MOST_TOLD: u64 = 12;
/// Share of each replication's time that is deleted as warm-up, if nothing else is asked.
pub(crate) const DELETED: f64 = 0.2;

/// Relative half-width of the headline measures.
pub(crate) const PRECISION: f64 = 0.02;
/// Confidence of the intervals.
pub(crate) const CONFIDENCE: f64 = 0.95;
/// Differences that do not count when cells are compared.
pub(crate) const DELTA: Indifference = Indifference::Share(0.05);
/// Requests that may be simulated for one cell.
pub(crate) const MAX_REQUESTS: u64 = 200_000_000;
/// The same for a real server, which takes about ten times as long.
pub(crate) const MAX_REQUESTS_REAL: u64 = 20_000_000;

/// One point of a sweep.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it stands.
    pub axes: Axes,
    /// What is simulated.
    pub model: Model,
}

impl Cell {
    /// A model with its place, in a case where there are several.
    pub(crate) fn of(model: Model, case: Option<&str>) -> Cell {
        Cell { axes: Axes::of(&model, case), model }
    }

    /// Whether all of its requests are few enough to be told one by one.
    pub(crate) fn short_story(&self) -> bool {
        self.model.story_requests().is_some_and(|requests| requests <= MOST_TOLD.into())
    }

    /// The same cell with another number of what is searched for.
    ///
    /// # Errors
    /// [`PlanError::Model`] if there is no such server.
    pub(crate) fn with(&self, searched: Searched, number: u32) -> Result<Cell, PlanError> {
        let (mut axes, mut server) = (self.axes.clone(), self.model.server().clone());
        match searched {
            Searched::Workers => (axes.workers, server.workers) = (number, number),
            Searched::Threads => (axes.threads, server.threads) = (number, number),
            Searched::Hosts => {
                let runtime = server.runtime.as_mut().map(Arc::make_mut);
                if let Some(cluster) = runtime.and_then(|runtime| runtime.cluster.as_mut()) {
                    cluster.hosts = number;
                }
                let of_axis = axes.kind.iter_mut().filter(|(name, _)| *name == "hosts");
                of_axis.for_each(|(_, value)| *value = number.to_string());
            }
        }
        Ok(Cell { axes, model: Model::new(self.model.load().clone(), server)? })
    }

    /// The same cell at `factor` times the load: the rate of open arrivals, the number of clients.
    ///
    /// # Errors
    /// [`PlanError::Recorded`]; [`PlanError::Rate`] or [`PlanError::Model`] if there is no such load.
    pub(crate) fn at_load(&self, factor: f64) -> Result<Cell, PlanError> {
        let mut axes = self.axes.clone();
        let load = match self.model.load() {
            Load::Open(open) => {
                let rate = open.rate.times(factor)?;
                axes.rate_per_s = Some(rate.per_second());
                Load::Open(Open { rate, ..open.clone() })
            }
            Load::Closed(closed) => {
                let clients = (f64::from(closed.clients) * factor).ceil() as u32;
                axes.clients = Some(clients);
                let ramp = closed.ramp.as_ref().map(|ramp| ramp.times(factor));
                Load::Closed(Closed { clients, ramp, ..closed.clone() })
            }
            Load::Trace(_) => return Err(PlanError::Recorded),
        };
        Ok(Cell { axes, model: Model::new(load, self.model.server().clone())? })
    }
}

/// How long each replication is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A finite story: until everybody has been answered.
    Story,
    /// As long as the precision needs.
    Auto,
    /// So many requests: of each client, or in all where there are no clients.
    Requests(u64),
    /// So much simulated time.
    Duration(Span),
}

/// How a plan is carried out; the same for all its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Seed of the random numbers.
    pub seed: Seed,
    /// Independent repetitions; `None`: as many as the method wants.
    pub replications: Option<u32>,
    /// Wanted relative half-width of the headline measures.
    pub precision: f64,
    /// Whether every row is run to the precision. Else a row that is clearly not the answer of its
    /// choice is run only as long as a run is worth a look: its intervals are as wide as they come out.
    pub every_row: bool,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// Length of a replication.
    pub length: Length,
    /// What is thrown away first; `None`: a fifth of the replication.
    pub warmup: Option<Span>,
    /// Which engine.
    pub engine: Choice,
    /// Requests that may be simulated for one cell.
    pub max_requests: u64,
    /// What cells are compared by.
    pub best: Measure,
    /// Differences that do not count.
    pub delta: Indifference,
    /// What a cell has to meet to be named; empty: to be near the best.
    pub objectives: Vec<Objective>,
    /// How much more load the objectives have to be met at as well, as a share of the load.
    pub headroom: Option<f64>,
    /// How the best cell is found.
    pub select: Select,
    /// Whether the size of the listen queue was asked for (a queue of the default size is there
    /// to bridge bursts, not to bound an overload).
    pub backlog_asked: bool,
}

impl Default for Settings {
    /// What holds for options that are not given.
    fn default() -> Self {
        Settings {
            seed: Seed(1),
            replications: None,
            precision: PRECISION,
            every_row: false,
            confidence: CONFIDENCE,
            length: Length::Auto,
            warmup: None,
            engine: Choice::Auto,
            max_requests: MAX_REQUESTS,
            best: Measure::ResponseP95,
            delta: DELTA,
            objectives: Vec::new(),
            headroom: None,
            select: Select::Subset,
            backlog_asked: false,
        }
    }
}

/// A difference that does not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Indifference {
    /// As a share of the better value.
    Share(f64),
    /// In the measure's unit.
    Absolute(f64),
}

impl Indifference {
    /// The difference, beside a value of this size.
    pub(crate) fn of(self, value: f64) -> f64 {
        match self {
            Indifference::Share(share) => share * value.abs(),
            Indifference::Absolute(difference) => difference,
        }
    }
}

impl Settings {
    /// Whether rows that are clearly not the answer may be run for less than the precision takes.
    pub(crate) fn may_shorten(&self) -> bool {
        !self.every_row && self.length == Length::Auto
    }
}

/// How the best cell of a sweep is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// Every cell that may be the answer is run to the precision; those that decide are run on.
    #[default]
    Subset,
    /// Cells are dropped as soon as they are clearly worse, until one is left.
    Best,
}

/// Cells and how to run them.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The product of all axes, the workers varying fastest.
    pub cells: Vec<Cell>,
    /// How to run them.
    pub settings: Settings,
    /// Combinations that were asked for and do not exist, and why.
    pub skipped: Vec<String>,
    /// What is searched for; the cells are then where the search begins.
    pub search: Option<Search>,
}

/// A search for a number of workers, threads or hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What is searched for.
    pub(crate) of: Searched,
    /// What there is today, which is shown beside the answer.
    pub(crate) today: Option<u32>,
}

/// What a search is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Searched {
    /// `--workers auto`.
    Workers,
    /// `--threads auto`.
    Threads,
    /// `--hosts auto`.
    Hosts,
}

impl Searched {
    /// The option.
    pub(crate) const fn option(self) -> &'static str {
        match self {
            Searched::Workers => "workers",
            Searched::Threads => "threads",
            Searched::Hosts => "hosts",
        }
    }

    /// The axes of a cell without the number that is searched for: equal for all cells of one search.
    pub(crate) fn others(self, axes: &Axes) -> Axes {
        let mut axes = axes.clone();
        match self {
            Searched::Workers => axes.workers = 0,
            Searched::Threads => axes.threads = 0,
            Searched::Hosts => axes.kind.retain(|(name, _)| *name != "hosts"),
        }
        axes
    }

    /// The number of a cell.
    pub(crate) fn number(self, axes: &Axes) -> u32 {
        match self {
            Searched::Workers => axes.workers,
            Searched::Threads => axes.threads,
            Searched::Hosts => axes.kind("hosts").and_then(|hosts| hosts.parse().ok()).unwrap_or(1),
        }
    }
}

impl Plan {
    /// Whether chance has a part in any cell.
    pub(crate) fn random(&self) -> bool {
        self.cells.iter().any(|cell| cell.model.random())
    }

    /// Whether it has exact stories only, each of few requests: then every request is printed.
    pub(crate) fn short_stories(&self) -> bool {
        let stories = self.settings.length == Length::Story && !self.random();
        stories && self.cells.iter().all(Cell::short_story)
    }

    /// A lower bound of the requests that will be simulated; `None` if the precision decides.
    pub fn least_requests(&self) -> Option<u128> {
        self.cells.iter().map(|cell| least_requests(&cell.model, &self.settings)).sum()
    }
}

fn least_requests(model: &Model, settings: &Settings) -> Option<u128> {
    let replications = match settings.replications {
        _ if settings.length == Length::Story && !model.random() => 1,
        Some(replications) => u128::from(replications),
        None => SECTIONS as u128,
    };
    let each = match (model.load(), settings.length) {
        (_, Length::Story) => model.story_requests()?,
        (Load::Closed(closed), Length::Requests(n)) => u128::from(closed.clients) * u128::from(n),
        (Load::Open(_), Length::Requests(n)) => u128::from(n),
        (Load::Open(open), Length::Duration(span)) => {
            (open.rate.per_second() * span.as_secs_f64()) as u128
        }
        _ => return None,
    };
    Some(each * replications)
}
