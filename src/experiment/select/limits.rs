//! How far a named cell can be trusted with more load, and what no number of workers can mend.

use crate::experiment::capacity::total::capacity;
use crate::experiment::plan::{Cell, Plan};
use crate::experiment::result::objective::{Objective, Shown, Subject};
use crate::experiment::result::row::{Estimate, Row, Unit};
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::CellRun;
use crate::experiment::run::stability;
use crate::experiment::select::search::brief;
use crate::model::{Backlog, Load, Model, Open, Server};

/// Up to which rate a cell of open arrivals does what it was named for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// From so many arrivals per second on its queue grows without bound.
    pub(crate) overloaded_from: Option<f64>,
    /// It was shown to meet its objectives at the first rate, and to miss one at the second.
    pub meets_up_to: Option<(f64, f64)>,
}

/// Runs at other rates, beside the two ends.
const STEPS: u32 = 7;
/// The ends are near enough when they differ by this share.
const NEAR: f64 = 0.03;
/// Doublings of the rate where no capacity is known.
const MOST_DOUBLINGS: u32 = 10;

/// The limits of a cell; `None` for other loads than open arrivals.
pub(crate) fn limits(cell: &Cell, plan: &Plan, control: Control<'_>) -> Option<Limits> {
    let Load::Open(open) = cell.model.load() else { return None };
    let overloaded_from = capacity(&cell.model).map(|capacity| capacity.per_second);
    let asked = !plan.settings.objectives.is_empty();
    let meets_up_to = if asked {
        Ladder { cell, plan, control, rate: open.rate.per_second() }.climb(overloaded_from)
    } else {
        None
    };
    Some(Limits { overloaded_from, meets_up_to })
}

/// Runs of a cell at higher and higher rates.
struct Ladder<'a> {
    cell: &'a Cell,
    plan: &'a Plan,
    control: Control<'a>,
    rate: f64,
}

impl Ladder<'_> {
    /// Halves between the rate of the plan, at which the objectives are met, and the capacity.
    fn climb(&self, capacity: Option<f64>) -> Option<(f64, f64)> {
        let mut low = self.rate;
        let mut high = capacity.filter(|most| *most > low).or_else(|| self.first_miss())?;
        // Where an answer stays open, both ends stay where they were shown to be.
        let (mut from, mut to) = (low, high);
        for _ in 0..STEPS {
            if to - from <= NEAR * from || self.control.stopped() || self.control.expired() {
                break;
            }
            let middle = f64::midpoint(from, to);
            match self.shown(middle)? {
                Shown::Yes => (low, from) = (middle, middle),
                Shown::No => (high, to) = (middle, middle),
                Shown::Open => {
                    // What is open lies between: look on both sides of it.
                    self.narrow(&mut low, middle, Shown::Yes);
                    self.narrow(&mut high, middle, Shown::No);
                    break;
                }
            }
        }
        Some((low, high))
    }

    /// Moves an end towards a rate of which nothing was shown, as long as its own answer holds.
    fn narrow(&self, end: &mut f64, open: f64, holds: Shown) {
        let mut open = open;
        for _ in 0..STEPS / 2 {
            let middle = f64::midpoint(*end, open);
            match self.shown(middle) {
                Some(shown) if shown == holds => *end = middle,
                _ => open = middle,
            }
        }
    }

    fn first_miss(&self) -> Option<f64> {
        let rates = (1..=MOST_DOUBLINGS).map(|step| self.rate * 2f64.powi(step as i32));
        rates.into_iter().find(|rate| self.shown(*rate) == Some(Shown::No))
    }

    /// Whether the cell meets all objectives at a rate.
    fn shown(&self, rate: f64) -> Option<Shown> {
        let cell = self.cell.at_load(rate / self.rate).ok()?;
        let settings = &self.plan.settings;
        if stability::overload(&cell.model, settings).is_some() {
            return Some(Shown::No);
        }
        let job = CellRun { cell: &cell, settings, control: self.control };
        let row = brief(&job)?.row;
        let list = &settings.objectives;
        let tests = (list.len() as u32 * 2 * STEPS) as f64;
        let error = (1.0 - settings.confidence) / tests;
        let all: Vec<Shown> =
            list.iter().map(|one| one.shown(&row, settings.confidence, error)).collect();
        Some(match () {
            () if all.contains(&Shown::No) => Shown::No,
            () if all.contains(&Shown::Open) => Shown::Open,
            () => Shown::Yes,
        })
    }
}

/// Workers of a server on which a request is alone.
const ROOM: u32 = 64;

/// An objective that the request breaks by itself, without any queue, and its figure: no number of
/// workers can mend that.
pub(crate) fn broken_alone(plan: &Plan, control: Control<'_>) -> Option<(Objective, Estimate)> {
    let settings = &plan.settings;
    let of_response = |objective: &&Objective| match objective.subject {
        Subject::Measure(measure) => {
            measure.unit() == Unit::Seconds && measure.name().starts_with("response")
        }
        Subject::Lost => false,
    };
    let list: Vec<&Objective> = settings.objectives.iter().filter(of_response).collect();
    if list.is_empty() {
        return None;
    }
    let row = alone(plan.cells.first()?, plan, control)?;
    let error = (1.0 - settings.confidence) / list.len() as f64;
    let broken = |one: &&Objective| one.shown(&row, settings.confidence, error) == Shown::No;
    let worst = list.into_iter().find(broken)?;
    Some((worst.clone(), worst.estimate(&row)?))
}

/// The row of requests that find everything free.
fn alone(cell: &Cell, plan: &Plan, control: Control<'_>) -> Option<Row> {
    let model = &cell.model;
    // Other cells may have requests of another kind.
    let alike = |other: &Cell| other.model.mix() == model.mix();
    let (cpu, io) = model.mean_demand();
    let mix = model.mix().cloned()?;
    if !plan.cells.iter().all(alike) || cpu + io <= 0.0 {
        return None;
    }
    // One in two hundred servers' worth of work: no request meets 64 others.
    let rate = format!("{}/s", 0.3 / (cpu + io)).parse().ok()?;
    let load = Load::Open(Open { rate, arrivals: Default::default(), mix });
    let server = Server { backlog: Backlog::Unlimited, ..Server::ideal(ROOM) };
    let server = Server { cores: crate::model::Cores::whole(ROOM), ..server };
    let cell = Cell { axes: cell.axes.clone(), model: Model::new(load, server).ok()? };
    let settings = crate::experiment::plan::Settings {
        length: crate::experiment::plan::Length::Auto,
        ..plan.settings.clone()
    };
    brief(&CellRun { cell: &cell, settings: &settings, control }).map(|cell| cell.row)
}
