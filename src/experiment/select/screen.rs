//! Which cells of a choice are worth a long run: short looks at all of them show which are clearly
//! not the answer.
//!
//! Near saturation a cell takes a thousand times as many requests as one that is hardly busy, and it is
//! not the answer. Like a pilot these looks are thrown away: what is reported of a
//! cell, and what is said of it, comes from fresh draws. Where they were wrong the cell is undecided
//! afterwards, and run on like any other.

use rayon::prelude::*;

use crate::experiment::plan::{Plan, Select};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::compare;
use crate::experiment::result::objective::Shown;
use crate::experiment::run::cell::run_cell;
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::CellRun;
use crate::experiment::run::run_length;
use crate::experiment::run::stability;
use crate::experiment::select::decide::{CellGroup, Evidence, LOOK, Looks, RunOn, look_at};

/// Draws that no other look and no pilot has.
const DRAWS: u64 = 1 << 50;
/// What is open after three looks may be the answer.
const LOOKS: Looks = Looks { draws: DRAWS, most: 3, run_on: RunOn::LooksOut };
/// The part of the requests that may be simulated for a cell that the first look may take.
const MOST_PART: f64 = 0.05;

/// Of each cell of a plan, whether it is clearly not the answer of its choice. Only choices with a
/// cell that is `wanted` are looked at.
pub(crate) fn out(plan: &Plan, control: Control<'_>, wanted: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut out = vec![false; plan.cells.len()];
    let settings = &plan.settings;
    // What a clock ends is planned by the clock.
    let clocked = control.left().is_some();
    if !settings.may_shorten() || settings.select == Select::Best || clocked {
        return out;
    }
    let mut looks: Vec<Option<Box<CellResult>>> = plan.cells.iter().map(|_| None).collect();
    for cells in compare::groups(plan.cells.iter().map(|cell| &cell.axes)) {
        if control.over() {
            break;
        }
        let choice = cells.len() > 1 || !settings.objectives.is_empty();
        if !choice || !cells.iter().any(|at| wanted(*at)) {
            continue;
        }
        let group = CellGroup::new(plan, cells, control, LOOKS);
        for at in not_the_answer(&group, plan, &mut looks, control) {
            out[at] = true;
        }
        group.cells.iter().for_each(|at| looks[*at] = None);
    }
    out
}

/// The cells of a group, by position in the plan, that are clearly not its answer.
fn not_the_answer(
    group: &CellGroup<'_>,
    plan: &Plan,
    looks: &mut [Option<Box<CellResult>>],
    control: Control<'_>,
) -> Vec<usize> {
    if !first_look(&group.cells, plan, looks, control) {
        return Vec::new();
    }
    let evidence = group.look(looks);
    let states: Vec<Shown> =
        (0..group.cells.len()).map(|at| group.state(&evidence, at, looks)).collect();
    let limited = matches!(evidence, Evidence::Limited(_));
    let good = states.iter().position(|state| *state == Shown::Yes);
    // What meets the objectives with more than another that does is not the answer either.
    let out = |at: usize| match states[at] {
        Shown::No => true,
        Shown::Yes => limited && good.is_some_and(|good| at > good),
        Shown::Open => false,
    };
    (0..states.len()).filter(|at| out(*at)).map(|at| group.cells[at]).collect()
}

/// Looks at cells for the first time, all for the same time; false if that is not worth it, or was
/// stopped.
fn first_look(
    cells: &[usize],
    plan: &Plan,
    looks: &mut [Option<Box<CellResult>>],
    control: Control<'_>,
) -> bool {
    let settings = &plan.settings;
    let overloaded = |at: &usize| stability::overload(&plan.cells[*at].model, settings).is_some();
    let (endless, run): (Vec<usize>, Vec<usize>) = cells.iter().copied().partition(overloaded);
    let job = |at: &usize| CellRun { cell: &plan.cells[*at], settings, control };
    let jobs: Vec<CellRun<'_>> = run.iter().map(job).collect();
    let most = MOST_PART * settings.max_requests as f64;
    let batches = run_length::briefs(&jobs, DRAWS + LOOK);
    let fixed = jobs.iter().any(|job| run_length::fixed(job).is_some());
    if fixed || batches.iter().any(|(_, requests)| *requests > most) {
        return false;
    }
    for at in endless {
        looks[at] = run_cell(&plan.cells[at], settings, control);
    }
    let seen: Vec<Option<Box<CellResult>>> =
        jobs.par_iter().zip(batches).map(|(job, (batch, _))| look_at(job, batch)).collect();
    let whole = seen.iter().all(Option::is_some);
    run.into_iter().zip(seen).for_each(|(at, cell)| looks[at] = cell);
    whole
}
