//! The main job: options, a plan, a sweep, results.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::ArgMatches;

use super::emit::emit;
use super::end::{End, Failure, Stopped, input};
use super::interrupt::stop;
use super::results::{Job, Results};
use super::wanted::OutputOptions;
use super::{args, config, progress, theory};
use crate::experiment::Control;
use crate::experiment::Plan;
use crate::experiment::sweep::sweep;
use crate::render::number::count;
use crate::scenario;

/// Cells beyond which a sweep has to be asked for twice.
const MANY_CELLS: usize = 5_000;
/// Requests beyond which a sweep has to be asked for twice.
const MANY_REQUESTS: u128 = 2_000_000_000;

/// `simsrv [OPTIONS]`.
pub(super) fn simulate(matches: &ArgMatches, typed: String) -> Result<End, Failure> {
    let base = args::raw(matches);
    let job = Job {
        base: base.clone(),
        cases: Vec::new(),
        charts: Vec::new(),
        folder: PathBuf::new(),
        typed,
        again: ("simsrv".to_owned(), base),
        lead: String::new(),
        writes: true,
    };
    let (_, end) = execute(&job).map_err(input_or)?;
    Ok(end)
}

fn input_or(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Problem(problem) => {
            input(format!("{problem}\n\nFor all options, try 'simsrv --help'."))
        }
        Stopped::Failure(failure) => failure,
    }
}

/// Plans, simulates, emits the results, and compares them with theory if that was asked for.
pub(super) fn execute(job: &Job) -> Result<(Results, End), Stopped> {
    let wanted = OutputOptions::read(&job.base, &job.folder, job.writes)?;
    let results = compute(job, &wanted)?;
    emit(job, &wanted, &results)?;
    let mut end = end_of(&results, &wanted)?;
    if !results.finished().any(|(_, cell)| cell.row.fits()) {
        end = end.and(End::NothingFits);
    }
    Ok((results, end))
}

/// Plans and simulates; nothing is printed or written.
pub(super) fn only_compute(job: &Job) -> Result<(Results, End), Stopped> {
    let wanted = OutputOptions::read(&job.base, &job.folder, false)?;
    let results = compute(job, &wanted)?;
    let end = end_of(&results, &wanted)?;
    Ok((results, end))
}

/// Plans without simulating, to find what is wrong.
pub(super) fn check(job: &Job) -> Result<(), Stopped> {
    let wanted = OutputOptions::read(&job.base, &job.folder, job.writes)?;
    let plan = scenario::plan(&job.base, &job.cases, &job.files())?;
    Ok(refuse_absurd(&plan, &wanted)?)
}

fn compute(job: &Job, wanted: &OutputOptions) -> Result<Results, Stopped> {
    let plan = scenario::plan(&job.base, &job.cases, &job.files())?;
    config::check(&job.base, &job.servers()?)?;
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
    let cells = wanted.pool()?.install(|| sweep(&plan, control, |_| bar.inc(1)));
    bar.finish_and_clear();
    // What was finished is written now; another signal ends that too.
    stop().store(false, Ordering::Relaxed);
    Ok(Results { plan, cells })
}

/// How the command ends: interrupted, or as the comparison with theory does.
fn end_of(results: &Results, wanted: &OutputOptions) -> Result<End, Failure> {
    if results.partial() { Ok(End::Interrupted) } else { theory::check(results, wanted) }
}

fn refuse_absurd(plan: &Plan, wanted: &OutputOptions) -> Result<(), Failure> {
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
