//! The main job: options, a plan, a sweep, results.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::ArgMatches;

use super::emit::emit;
use super::end::{End, Failure, Stopped, input};
use super::files::RelativeFiles;
use super::interrupt::stop;
use super::task::Task;
use super::wanted::OutputOptions;
use super::{args, progress, shard, theory};
use crate::experiment::{Control, Plan, sweep};
use crate::job::{Job, Results};
use crate::render::number::count;

/// Cells beyond which a sweep has to be asked for twice.
const MANY_CELLS: usize = 5_000;
/// Requests beyond which a sweep has to be asked for twice.
const MANY_REQUESTS: u128 = 2_000_000_000;

/// `simsrv [OPTIONS]`.
pub(super) fn simulate(matches: &ArgMatches, typed: String) -> Result<End, Failure> {
    let task = task(matches, typed);
    match shard::wanted(&task.job.base) {
        Ok(true) => shard::execute(&task).map_err(input_or),
        Ok(false) => execute(&task).map(|(_, end)| end).map_err(input_or),
        Err(problem) => Err(input_or(problem.into())),
    }
}

/// What the flags ask for.
pub(super) fn task(matches: &ArgMatches, typed: String) -> Task {
    let base = args::raw(matches);
    let job = Job {
        base: base.clone(),
        cases: Vec::new(),
        charts: Vec::new(),
        typed,
        again: ("simsrv".to_owned(), base),
        files: Box::new(RelativeFiles(PathBuf::new())),
    };
    Task { job, folder: PathBuf::new(), lead: String::new(), writes: true }
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

pub(super) fn refuse_absurd(plan: &Plan, wanted: &OutputOptions) -> Result<(), Failure> {
    let cells = plan.cells.len();
    let requests = plan.least_requests();
    if wanted.yes || (cells <= MANY_CELLS && requests.is_none_or(|n| n <= MANY_REQUESTS)) {
        return Ok(());
    }
    let size = match requests {
        Some(requests) => {
            format!("{} cells with {} requests", count(cells as u64), count(requests as u64))
        }
        None => format!("{} cells", count(cells as u64)),
    };
    Err(input(format!(
        "this sweep has {size}; without --yes the most is {} cells and {} requests: use larger \
         steps (such as 4..32..4), fewer --requests or --replications, or add --yes",
        count(MANY_CELLS as u64),
        count(MANY_REQUESTS as u64)
    )))
}
