//! The main job: options, a plan, a sweep, results.

use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::ArgMatches;

use super::emit::emit;
use super::end::{End, Failure, Stopped, input};
use super::interrupt::stop;
use super::limits::refuse_absurd;
use super::task::Task;
use super::wanted::OutputOptions;
use super::{progress, shard, theory};
use crate::experiment::{Control, Plan, sweep};
use crate::job::{Job, Results};

/// `simsrv [OPTIONS]`.
pub(super) fn simulate(matches: &ArgMatches, typed: String) -> Result<End, Failure> {
    let task = Task::of_flags(matches, typed);
    match shard::wanted(&task.job.base) {
        Ok(true) => shard::execute(&task).map_err(input_or),
        Ok(false) => execute(&task).map(|(_, end)| end).map_err(input_or),
        Err(problem) => Err(input_or(problem.into())),
    }
}

pub(super) fn input_or(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Problem(problem) => {
            input(format!("{problem}\n\nFor all options, try 'simsrv --help'."))
        }
        Stopped::Failure(failure) => failure,
    }
}

/// Plans, simulates, emits the results, and compares them with theory if that was asked for.
pub(super) fn execute(task: &Task) -> Result<(Results, End), Stopped> {
    let wanted = OutputOptions::read(&task.job.base, &task.folder, task.writes)?;
    let results = compute(&task.job, &wanted)?;
    let end = finish(task, &wanted, &results)?;
    Ok((results, end))
}

/// Emits results; gives how the command ends.
pub(super) fn finish(
    task: &Task,
    wanted: &OutputOptions,
    results: &Results,
) -> Result<End, Stopped> {
    emit(task, wanted, results)?;
    let end = end_of(results, wanted)?;
    let fits = results.rows().any(|row| row.fits());
    Ok(if fits { end } else { end.and(End::NothingFits) })
}

/// Plans and simulates; nothing is printed or written.
pub(super) fn only_compute(task: &Task) -> Result<(Results, End), Stopped> {
    let wanted = OutputOptions::read(&task.job.base, &task.folder, false)?;
    let results = compute(&task.job, &wanted)?;
    let end = end_of(&results, &wanted)?;
    Ok((results, end))
}

/// Plans without simulating, to find what is wrong.
pub(super) fn check(task: &Task) -> Result<(), Stopped> {
    let wanted = OutputOptions::read(&task.job.base, &task.folder, task.writes)?;
    Ok(refuse_absurd(&task.job.plan()?, &wanted)?)
}

fn compute(job: &Job, wanted: &OutputOptions) -> Result<Results, Stopped> {
    let plan = job.plan()?;
    refuse_absurd(&plan, wanted)?;
    Ok(run_cells(plan, wanted)?)
}

fn run_cells(plan: Plan, wanted: &OutputOptions) -> Result<Results, Failure> {
    let begin = Instant::now();
    let elapsed = || begin.elapsed();
    let mut control = Control::new(stop());
    if let Some(most) = wanted.max_time {
        control = control.within(most, &elapsed);
    }
    let bar = progress::bar(plan.cells.len(), wanted.quiet);
    let cells = wanted.pool()?.install(|| sweep::sweep(&plan, control, |_| bar.inc(1)));
    bar.finish_and_clear();
    // What was finished is written now; another signal ends that too.
    stop().store(false, Ordering::Relaxed);
    Ok(Results { plan, cells })
}

/// How the command ends: interrupted, or as the comparison with theory does.
fn end_of(results: &Results, wanted: &OutputOptions) -> Result<End, Failure> {
    if results.partial() { Ok(End::Interrupted) } else { theory::check(results, wanted) }
}
