//! One group of cells that differ in workers only, simulated until the best is known.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::experiment::plan::{Cell, Plan, SECTIONS};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::memory;
use crate::experiment::result::row::{Better, Stability, Standing, Verdict};
use crate::experiment::run::cell::{self, run_cell};
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::{Batch, CellRun, Extent};
use crate::experiment::run::run_length::{self, RunOutcome};
use crate::experiment::run::stability;
use crate::experiment::select::kim_nelson::{FIRST, Goal, Selection};
use crate::random::Replication;
use crate::stats::tally::Tally;
use crate::stats::window::Window;

/// Replications of each cell between two looks at the limits.
const ROUNDS: usize = 8;

/// A cell in the selection: what was seen of it so far, in sections for the results.
struct Candidate<'a> {
    job: CellRun<'a>,
    extent: Extent,
    sections: Vec<Tally>,
    /// Sign of its observations: less is better.
    sign: f64,
    requests: AtomicU64,
}

/// Simulates cells until one is known to be the best, or a limit is reached. Cells that never
/// settle, or do not fit into the memory, take no part. `None` for those that were stopped before
/// their end.
pub(crate) fn select_best(
    cells: &[&Cell],
    plan: &Plan,
    control: Control<'_>,
) -> Vec<Option<Box<CellResult>>> {
    let settings = &plan.settings;
    let settles = |cell: &&Cell| {
        stability::overload(&cell.model, settings).is_none() && memory::fits(&cell.model)
    };
    let alone = |cell: &Cell| run_cell(cell, settings, control);
    let racing: Vec<&Cell> = cells.iter().copied().filter(settles).collect();
    let mut outcome = if racing.len() > 1 { selection(&racing, plan, control) } else { None };
    let mut next = outcome.iter_mut().flatten();
    let mut results = Vec::new();
    for cell in cells {
        let raced = if settles(cell) { next.next().map(Option::take) } else { None };
        let mut result = raced.unwrap_or_else(|| alone(cell));
        if let Some(result) = result.as_mut().filter(|_| cells.len() > 1) {
            let by = settings.best;
            let verdict = match () {
                () if !result.row.fits() => Some(Verdict::DoesNotFit),
                () if result.row.stability == Stability::No => Some(Verdict::Overloaded),
                // One that is left without a race.
                () if racing.len() == 1 => Some(Verdict::Named),
                () => None,
            };
            let stands = verdict.map(|verdict| Standing { by, verdict, difference: None });
            result.row.standing = stands.or(result.row.standing);
        }
        results.push(result);
    }
    results
}

/// The selection itself; `None` if some cell has no value to compare.
fn selection(
    cells: &[&Cell],
    plan: &Plan,
    control: Control<'_>,
) -> Option<Vec<Option<Box<CellResult>>>> {
    let mut candidates = candidates(cells, plan, control);
    let all: Vec<usize> = (0..candidates.len()).collect();
    let observed = observe(&candidates, &all, 0..FIRST as u64);
    if control.stopped() {
        return Some(cells.iter().map(|_| None).collect());
    }
    if control.over() {
        return Some(as_far_as_seen(candidates, observed, plan));
    }
    let first: Vec<Vec<f64>> = observed
        .iter()
        .map(|of| of.iter().map(|(_, value)| *value).collect::<Option<_>>())
        .collect::<Option<_>>()?;
    for (candidate, of) in candidates.iter_mut().zip(observed) {
        of.into_iter().for_each(|(tally, _)| candidate.take(tally));
    }
    let least =
        first.iter().map(|of| of.iter().sum::<f64>() / FIRST as f64).fold(f64::MAX, f64::min);
    let delta = plan.settings.delta.of(least).max(f64::MIN_POSITIVE);
    let mut selection = Selection::new(first, Goal { confidence: plan.settings.confidence, delta });
    while !selection.decided() && !control.expired() {
        let left = selection.remaining();
        let spent = |at: &usize| candidates[*at].requests.load(Ordering::Relaxed);
        if left.iter().any(|at| spent(at) >= plan.settings.max_requests) {
            break;
        }
        let from = selection.rounds() as u64;
        let observed = observe(&candidates, &left, from..from + ROUNDS as u64);
        if control.stopped() {
            return Some(cells.iter().map(|_| None).collect());
        }
        if control.over() {
            break;
        }
        advance(&mut selection, &mut candidates, &left, observed)?;
    }
    Some(results(candidates, &selection, plan))
}

/// The results of a contest whose time was over in its first round: what was finished, undecided.
fn as_far_as_seen(
    candidates: Vec<Candidate<'_>>,
    observed: Observed,
    plan: &Plan,
) -> Vec<Option<Box<CellResult>>> {
    let result = |(mut candidate, of): (Candidate<'_>, Vec<(Tally, Option<f64>)>)| {
        let finished = of.into_iter().map(|(tally, _)| tally).filter(|tally| tally.runs > 0);
        finished.for_each(|tally| candidate.take(tally));
        let count = candidate.sections.len();
        if count == 0 {
            return Some(cell::unfinished(&candidate.job));
        }
        let batch = Batch { count, extent: candidate.extent, first: 0 };
        let sections = candidate.sections;
        let ran = RunOutcome { batch, sections, reached: false, whole: false, out: false };
        let mut result = cell::result(&candidate.job, ran, None);
        let (by, verdict) = (plan.settings.best, Verdict::Undecided);
        result.row.standing = Some(Standing { by, verdict, difference: None });
        Some(result)
    };
    candidates.into_iter().zip(observed).map(result).collect()
}

type Observed = Vec<Vec<(Tally, Option<f64>)>>;

/// Hands observations to the selection, round by round, until it is decided.
fn advance(
    selection: &mut Selection,
    candidates: &mut [Candidate<'_>],
    observed: &[usize],
    observations: Observed,
) -> Option<()> {
    let mut queues: Vec<_> = observations.into_iter().map(Vec::into_iter).collect();
    for _ in 0..ROUNDS {
        if selection.decided() {
            break;
        }
        let left = selection.remaining();
        let mut values = Vec::new();
        for (queue, at) in queues.iter_mut().zip(observed) {
            let (tally, value) = queue.next()?;
            if left.contains(at) {
                values.push(value?);
                candidates[*at].take(tally);
            }
        }
        selection.round(&values);
    }
    Some(())
}

fn candidates<'a>(cells: &[&'a Cell], plan: &'a Plan, control: Control<'a>) -> Vec<Candidate<'a>> {
    let settings = &plan.settings;
    let greater = settings.best.better() == Better::More;
    let job = |cell: &&'a Cell| CellRun { cell, settings, control };
    let jobs: Vec<CellRun<'a>> = cells.iter().map(job).collect();
    let extents = run_length::common(&jobs);
    jobs.into_iter()
        .zip(extents)
        .map(|(job, extent)| Candidate {
            job,
            extent,
            sections: Vec::new(),
            sign: if greater { -1.0 } else { 1.0 },
            requests: AtomicU64::new(0),
        })
        .collect()
}

/// Some replications of some candidates, in their order.
fn observe(
    candidates: &[Candidate<'_>],
    which: &[usize],
    replications: std::ops::Range<u64>,
) -> Observed {
    which
        .par_iter()
        .map(|at| {
            let one = |number| candidates[*at].observe(Replication(number));
            replications.clone().into_par_iter().map(one).collect()
        })
        .collect()
}

impl Candidate<'_> {
    /// One replication and what it says of the measure.
    fn observe(&self, replication: Replication) -> (Tally, Option<f64>) {
        // One that was ended early has no value, and ends the selection.
        let ended = || Tally::new(Window::ALL, false);
        let tally = self.job.run_once(replication, self.extent).unwrap_or_else(ended);
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

fn results(
    candidates: Vec<Candidate<'_>>,
    selection: &Selection,
    plan: &Plan,
) -> Vec<Option<Box<CellResult>>> {
    let (best, left) = (selection.best(), selection.remaining());
    let result = |(at, candidate): (usize, Candidate<'_>)| {
        let batch = Batch { count: selection.observations(at), extent: candidate.extent, first: 0 };
        let verdict = match at {
            at if Some(at) == best && selection.decided() => Verdict::Named,
            at if left.contains(&at) => Verdict::Undecided,
            _ => Verdict::Worse,
        };
        let reached = selection.decided() || verdict == Verdict::Worse;
        let ran =
            RunOutcome { batch, sections: candidate.sections, reached, whole: true, out: false };
        let mut result = cell::result(&candidate.job, ran, None);
        result.row.standing = Some(Standing { by: plan.settings.best, verdict, difference: None });
        Some(result)
    };
    candidates.into_iter().enumerate().map(result).collect()
}
