//! Cells of a sweep that differ in their servers only, run side by side: the arrivals and demands
//! of a replication are drawn once for all of them.
//!
//! More than half of the time of a request goes into its draws, so this nearly halves what a sweep
//! over workers costs. Its results are those of cells run one by one, byte for byte.

use rayon::prelude::*;

use crate::engine::{self, Run};
use crate::experiment::plan::{Cell, Plan};
use crate::experiment::result::cell::CellResult;
use crate::experiment::run::cell;
use crate::experiment::run::replications::{Batch, CellRun};
use crate::experiment::run::run_length::{self, RunOutcome};
use crate::experiment::run::stability;
use crate::random::Replication;
use crate::stats::tally::Tally;

use crate::experiment::run::control::Control;

/// Cells that are run side by side. Each has the counts of all its replications in memory until the
/// last is done, and of the draws little is left to share beyond.
const MOST: usize = 4;

/// The cells of a plan, by position, in groups that can be run together; each cell in one group.
pub(crate) fn groups(plan: &Plan, control: Control<'_>) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    // Only the last few groups are open: cells of one workload stand side by side.
    for at in 0..plan.cells.len() {
        let recent = groups.len().saturating_sub(MOST);
        let fits = |group: &&mut Vec<usize>| {
            group.len() < MOST && alike(&plan.cells[group[0]], &plan.cells[at], plan, control)
        };
        match groups[recent..].iter_mut().find(fits) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// Whether two cells get the same requests for the same time, and the recursion takes both.
fn alike(one: &Cell, other: &Cell, plan: &Plan, control: Control<'_>) -> bool {
    let requests = |cell| shared_batch(&job(cell, plan, control));
    let load = |cell: &Cell| engine::shareable(&cell.model, plan.settings.engine).cloned();
    load(one).is_some()
        && load(one) == load(other)
        && requests(one).is_some()
        && requests(one) == requests(other)
}

fn job<'a>(cell: &'a Cell, plan: &'a Plan, control: Control<'a>) -> CellRun<'a> {
    CellRun { cell, settings: &plan.settings, control }
}

/// What is run for a cell whose length does not hang on what comes out, and that no clock ends.
fn shared_batch(job: &CellRun<'_>) -> Option<Batch> {
    let clocked = job.control.left().is_some();
    run_length::fixed(job).filter(|_| !clocked && !job.story())
}

/// Runs cells of one group; `None` for all if they were stopped before their end.
pub(crate) fn run(
    cells: &[&Cell],
    plan: &Plan,
    control: Control<'_>,
) -> Vec<Option<Box<CellResult>>> {
    let jobs: Vec<CellRun<'_>> = cells.iter().map(|cell| job(cell, plan, control)).collect();
    let Some(batch) = jobs.first().and_then(shared_batch) else { return Vec::new() };
    let replications = (0..batch.count).into_par_iter();
    let replications: Vec<Vec<Tally>> = replications
        .map(|index| replication(&jobs, batch, Replication(batch.first + index as u64)))
        .collect();
    if control.stopped() {
        return cells.iter().map(|_| None).collect();
    }
    let mut of_cells: Vec<Vec<Tally>> = cells.iter().map(|_| Vec::new()).collect();
    for tallies in replications {
        of_cells.iter_mut().zip(tallies).for_each(|(sections, tally)| sections.push(tally));
    }
    let result = |(job, sections): (&CellRun<'_>, Vec<Tally>)| {
        let overload = stability::overload(job.model(), job.settings);
        let ran = RunOutcome { batch, sections, reached: true, whole: true, out: false };
        Some(cell::result(job, ran, overload))
    };
    jobs.iter().zip(of_cells).map(result).collect()
}

/// One replication of all cells.
fn replication(jobs: &[CellRun<'_>], batch: Batch, replication: Replication) -> Vec<Tally> {
    let Some(first) = jobs.first() else { return Vec::new() };
    let window = first.window(batch.extent, replication);
    let mut tallies: Vec<Tally> = jobs.iter().map(|_| Tally::new(window, false)).collect();
    let models: Vec<_> = jobs.iter().map(|job| job.model()).collect();
    let seed = first.settings.seed;
    let (stop, deadline) = (first.control.stop, first.control.deadline());
    let run = Run { seed, replication, until: window.to, stop, deadline };
    // Runs that have a deadline are not grouped, and what was stopped is not looked at.
    let _ = engine::run_together(&models, run, &mut tallies);
    tallies.iter_mut().for_each(Tally::close);
    tallies
}
