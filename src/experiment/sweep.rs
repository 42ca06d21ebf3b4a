//! Runs the cells of a plan in parallel; the order and the values of the results do not depend on
//! the number of threads.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::experiment::plan::{Cell, Plan, Select};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::compare;
use crate::experiment::run::cell::{result_of, run_as};
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::CellRun;
use crate::experiment::run::run_length;
use crate::experiment::run::shards::{self, Gap, SectionAt, Shard, ShardPiece};
use crate::experiment::run::shared_draws;
use crate::experiment::select::decide::decide;
use crate::experiment::select::run::select_best;
use crate::experiment::select::screen;
use crate::experiment::select::search::search;
use crate::stats::tally::Tally;

/// Simulates every cell of a plan, or those that its search finds; gives the plan of what was
/// simulated, and the results. A cell that was stopped before its end is `None`. `done` is told of
/// each finished cell, from any thread.
pub fn sweep(
    plan: Plan,
    control: Control<'_>,
    done: impl Fn(&CellResult) + Sync,
) -> (Plan, Vec<Option<Box<CellResult>>>) {
    if plan.search.is_some() {
        return search(plan, control, done);
    }
    let results = all(&plan, control, done);
    (plan, results)
}

/// Simulates every cell.
fn all(
    plan: &Plan,
    control: Control<'_>,
    done: impl Fn(&CellResult) + Sync,
) -> Vec<Option<Box<CellResult>>> {
    match plan.settings.select {
        Select::Subset => {
            let out = screen::out(plan, control, |_| true);
            let begun = AtomicUsize::new(0);
            let one = |at: usize| {
                if control.stopped() {
                    return None;
                }
                let left = plan.cells.len() - begun.fetch_add(1, Ordering::Relaxed);
                // So many cells are run at once: the time left is shared by those that follow.
                let share = rayon::current_num_threads() as f64 / left as f64;
                let (cell, settings) = (&plan.cells[at], &plan.settings);
                let job = CellRun { cell, settings, control: control.share(share) };
                let result = run_as(&job, out[at])?;
                done(&result);
                Some(result)
            };
            let of_group = |group: Vec<usize>| match group[..] {
                [at] => vec![(at, one(at))],
                _ => several(group, plan, control, &done),
            };
            let groups = shared_draws::groups(plan, control);
            let mut results: Vec<_> = groups.into_par_iter().flat_map_iter(of_group).collect();
            results.sort_by_key(|(at, _)| *at);
            let mut results: Vec<_> = results.into_iter().map(|(_, result)| result).collect();
            decide(plan, &mut results, control);
            results
        }
        Select::Best => contests(plan, control, done),
    }
}

/// Simulates what a shard has of a plan; `None` if it was stopped. `done` is called for each
/// finished cell, from any thread.
pub(crate) fn part(
    plan: &Plan,
    shard: Shard,
    control: Control<'_>,
    done: impl Fn() + Sync,
) -> Option<Vec<ShardPiece>> {
    let mut has = vec![false; plan.cells.len()];
    shards::cells(plan, shard, control).into_iter().for_each(|at| has[at] = true);
    let out = screen::out(plan, control, |at| has[at]);
    shards::run_shard(plan, (shard, &out), control, done)
}

/// The results of a plan that was run in pieces: what [`sweep`] gives. What depends on all cells is
/// done here.
///
/// `parts` are the sections of each part; `read` gives the counts of one, which are kept for no longer
/// than its cell is summarised.
///
/// # Errors
/// What is missing, or there twice; what `read` says.
pub(crate) fn merged(
    plan: &Plan,
    parts: Vec<Vec<SectionAt>>,
    read: &(dyn Fn(usize, Range<u64>) -> Result<Tally, String> + Sync),
    control: Control<'_>,
) -> Result<Vec<Option<Box<CellResult>>>, Unmerged> {
    let wholes = shards::assemble(plan, parts).map_err(Unmerged::Gaps)?;
    let result = |(cell, whole): (&Cell, Option<shards::Whole>)| {
        if control.stopped() {
            return Ok(None);
        }
        let job = CellRun { cell, settings: &plan.settings, control };
        let whole = whole.map(|(plan, places)| {
            let sections = places.into_iter().map(|(part, range)| read(part, range));
            sections.collect::<Result<_, _>>().map(|sections| (plan, sections))
        });
        let outcome = |(plan, sections)| run_length::outcome(&job, plan, sections);
        let whole = whole.transpose().map_err(Unmerged::Unreadable)?;
        Ok(result_of(&job, || whole.map(outcome)))
    };
    let cells = plan.cells.par_iter().zip(wholes);
    let mut results = cells.map(result).collect::<Result<Vec<_>, _>>()?;
    decide(plan, &mut results, control);
    Ok(results)
}

/// Why parts were not put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unmerged {
    /// They do not make a whole.
    Gaps(Vec<Gap>),
    /// A section could not be read again: why.
    Unreadable(String),
}

/// Cells with the same requests; gives their positions with their results.
fn several(
    group: Vec<usize>,
    plan: &Plan,
    control: Control<'_>,
    done: impl Fn(&CellResult),
) -> Vec<(usize, Option<Box<CellResult>>)> {
    if control.stopped() {
        return group.into_iter().map(|at| (at, None)).collect();
    }
    let cells: Vec<_> = group.iter().map(|at| &plan.cells[*at]).collect();
    let results = shared_draws::run(&cells, plan, control);
    results.iter().flatten().for_each(|cell| done(cell));
    group.into_iter().zip(results).collect()
}

/// A contest among the cells of each group that differs in workers only.
fn contests(
    plan: &Plan,
    control: Control<'_>,
    done: impl Fn(&CellResult) + Sync,
) -> Vec<Option<Box<CellResult>>> {
    let mut results: Vec<Option<Box<CellResult>>> = plan.cells.iter().map(|_| None).collect();
    let groups = compare::groups(plan.cells.iter().map(|cell| &cell.axes));
    for group in groups {
        let cells: Vec<_> = group.iter().map(|at| &plan.cells[*at]).collect();
        for (at, result) in group.into_iter().zip(select_best(&cells, plan, control)) {
            result.iter().for_each(|cell| done(cell));
            results[at] = result;
        }
    }
    results
}
