//! What is to be simulated: cells, and how long and how often.

use crate::engine::Choice;
use crate::experiment::result::row::{Axes, Measure};
use crate::model::{Load, Model};
use crate::random::Seed;
use crate::time::Span;

/// Requests of a story up to which each is told by itself.
pub const MOST_TOLD: u64 = 12;
/// Independent sections that intervals come from, if nothing else is asked.
pub const SECTIONS: usize = 20;
/// Share of each replication's time that is deleted as warm-up, if nothing else is asked.
pub(crate) const DELETED: f64 = 0.2;

/// One point of a sweep.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it stands.
    pub axes: Axes,
    /// What is simulated.
    pub model: Model,
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
    /// Differences that do not count; `None`: up to the precision.
    pub delta: Option<Indifference>,
    /// How the best cell is found.
    pub select: Select,
    /// Whether the size of the listen queue was asked for (a queue of the default size is there
    /// to bridge bursts, not to bound an overload).
    pub backlog_asked: bool,
}

impl Settings {
    /// Differences that do not count when cells are compared.
    pub fn indifference(&self) -> Indifference {
        self.delta.unwrap_or(Indifference::Share(self.precision))
    }
}

/// A difference that nobody cares for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Indifference {
    /// As a share of the better value.
    Share(f64),
    /// In the measure's unit.
    Absolute(f64),
}

impl Indifference {
    /// The difference, beside a value of this size.
    pub fn of(self, value: f64) -> f64 {
        match self {
            Indifference::Share(share) => share * value.abs(),
            Indifference::Absolute(difference) => difference,
        }
    }
}

/// How the best cell of a sweep is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// Every cell is run to the precision; those that cannot be told apart from the best are said.
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
}

impl Plan {
    /// Whether chance has a part in any cell.
    pub fn random(&self) -> bool {
        self.cells.iter().any(|cell| cell.model.random())
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
