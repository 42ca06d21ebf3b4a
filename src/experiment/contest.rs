//! One group of cells that differ in workers only, simulated until the best is known.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::compare::is_better;
use super::control::Control;
use super::job::{Batch, Extent, Job};
use super::length::{self, Ran, SECTIONS};
use super::memory;
use super::plan::{Cell, Plan};
use super::row::{Place, Standing};
use super::run::{self, CellResult, run_cell};
use super::select::{FIRST, Race, Wish};
use super::stability;
use crate::random::Replication;
use crate::stats::tally::Tally;

/// Replications of each cell between two looks at the limits.
const ROUNDS: usize = 8;

/// A cell in the race: what was seen of it so far, in sections for the results.
struct Runner<'a> {
    job: Job<'a>,
    extent: Extent,
    sections: Vec<Tally>,
    /// Sign of its observations: less is better.
    sign: f64,
    requests: AtomicU64,
}

/// Simulates cells until one is known to be the best, or a limit is reached. Cells that never
/// settle, or do not fit into the memory, take no part. `None` for those that were stopped before
/// their end.
pub(super) fn contest(
    cells: &[&Cell],
    plan: &Plan,
    control: Control<'_>,
) -> Vec<Option<CellResult>> {
    let settings = &plan.settings;
    let settles = |cell: &&Cell| {
        stability::overload(&cell.model, settings).is_none() && memory::fits(&cell.model)
    };
    let alone = |cell: &Cell| run_cell(cell, settings, control);
    let racing: Vec<&Cell> = cells.iter().copied().filter(settles).collect();
    let mut outcome = if racing.len() > 1 { race(&racing, plan, control) } else { None };
    let mut next = outcome.iter_mut().flatten();
    let mut results = Vec::new();
    for cell in cells {
        let raced = if settles(cell) { next.next().map(Option::take) } else { None };
        results.push(raced.unwrap_or_else(|| alone(cell)));
    }
    results
}

/// The race itself; `None` if some cell has no value to compare.
fn race(cells: &[&Cell], plan: &Plan, control: Control<'_>) -> Option<Vec<Option<CellResult>>> {
    let mut runners = runners(cells, plan, control);
    let all: Vec<usize> = (0..runners.len()).collect();
    let observed = observe(&runners, &all, 0..FIRST as u64);
    if control.stopped() {
        return Some(cells.iter().map(|_| None).collect());
    }
    let first: Vec<Vec<f64>> = observed
        .iter()
        .map(|of| of.iter().map(|(_, value)| *value).collect::<Option<_>>())
        .collect::<Option<_>>()?;
    for (runner, of) in runners.iter_mut().zip(observed) {
        of.into_iter().for_each(|(tally, _)| runner.take(tally));
    }
    let least =
        first.iter().map(|of| of.iter().sum::<f64>() / FIRST as f64).fold(f64::MAX, f64::min);
    let delta = plan.settings.indifference().of(least).max(f64::MIN_POSITIVE);
    let mut race = Race::new(first, Wish { confidence: plan.settings.confidence, delta });
    while !race.decided() && !control.expired() {
        let left = race.left();
        let spent = |at: &usize| runners[*at].requests.load(Ordering::Relaxed);
        if left.iter().any(|at| spent(at) >= plan.settings.max_requests) {
            break;
        }
        let from = race.rounds() as u64;
        let observed = observe(&runners, &left, from..from + ROUNDS as u64);
        if control.stopped() {
            return Some(cells.iter().map(|_| None).collect());
        }
        advance(&mut race, &mut runners, &left, observed)?;
    }
    Some(results(runners, &race, plan))
}

type Observed = Vec<Vec<(Tally, Option<f64>)>>;

/// Hands observations to the race, round by round, until it is decided.
fn advance(
    race: &mut Race,
    runners: &mut [Runner<'_>],
    observed: &[usize],
    observations: Observed,
) -> Option<()> {
    let mut queues: Vec<_> = observations.into_iter().map(Vec::into_iter).collect();
    for _ in 0..ROUNDS {
        if race.decided() {
            break;
        }
        let left = race.left();
        let mut values = Vec::new();
        for (queue, at) in queues.iter_mut().zip(observed) {
            let (tally, value) = queue.next()?;
            if left.contains(at) {
                values.push(value?);
                runners[*at].take(tally);
            }
        }
        race.round(&values);
    }
    Some(())
}

fn runners<'a>(cells: &[&'a Cell], plan: &'a Plan, control: Control<'a>) -> Vec<Runner<'a>> {
    let settings = &plan.settings;
    let greater = is_better(settings.best) == Some(std::cmp::Ordering::Greater);
    let job = |cell: &&'a Cell| Job { cell, settings, control };
    let jobs: Vec<Job<'a>> = cells.iter().map(job).collect();
    let extents = length::common(&jobs);
    jobs.into_iter()
        .zip(extents)
        .map(|(job, extent)| Runner {
            job,
            extent,
            sections: Vec::new(),
            sign: if greater { -1.0 } else { 1.0 },
            requests: AtomicU64::new(0),
        })
        .collect()
}

/// Some replications of some runners, in their order.
fn observe(
    runners: &[Runner<'_>],
    which: &[usize],
    replications: std::ops::Range<u64>,
) -> Observed {
    which
        .par_iter()
        .map(|at| {
            let one = |number| runners[*at].observe(Replication(number));
            replications.clone().into_par_iter().map(one).collect()
        })
        .collect()
}

impl Runner<'_> {
    /// One replication and what it says of the measure.
    fn observe(&self, replication: Replication) -> (Tally, Option<f64>) {
        let tally = self.job.run_once(replication, self.extent);
        self.requests.fetch_add(tally.requests(), Ordering::Relaxed);
        let told = self.job.summary().tell(std::slice::from_ref(&tally), true);
        let value = told.measures.value(self.job.settings.best);
        (tally, value.map(|value| self.sign * value))
    }

    /// Counts a replication for the results.
    fn take(&mut self, tally: Tally) {
        let seen: usize = self.sections.iter().map(|section| section.runs as usize).sum();
        match self.sections.get_mut(seen % SECTIONS) {
            Some(section) => section.merge(&tally),
            None => self.sections.push(tally),
        }
    }
}

fn results(runners: Vec<Runner<'_>>, race: &Race, plan: &Plan) -> Vec<Option<CellResult>> {
    let (best, left) = (race.best(), race.left());
    let result = |(at, runner): (usize, Runner<'_>)| {
        let batch = Batch { count: race.observations(at), extent: runner.extent, first: 0 };
        let place = match at {
            at if Some(at) == best => Place::Best,
            at if left.contains(&at) => Place::Tied,
            _ => Place::Worse,
        };
        let reached = race.decided() || place == Place::Worse;
        let ran = Ran { batch, sections: runner.sections, reached, whole: true };
        let mut result = run::result(&runner.job, ran, None);
        result.row.standing = Some(Standing { by: plan.settings.best, place, difference: None });
        Some(result)
    };
    runners.into_iter().enumerate().map(result).collect()
}
