//! The main job: options, a plan, a sweep, results.

use std::path::PathBuf;
use std::time::Instant;

use clap::ArgMatches;

use super::claims::Claims;
use super::emit::emit;
use super::end::{End, Failure, Stopped, input};
use super::files::Inputs;
use super::interrupt::{self, stop};
use super::results::{Job, Results};
use super::wanted::OutputOptions;
use super::{args, config, planned, progress, theory};
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
        inputs: Inputs::default(),
        typed,
        again: ("simsrv".to_owned(), base),
        lead: String::new(),
        writes: true,
    };
    let mut claims = Claims::default();
    let prepared = prepare(&job, &mut claims).map_err(input_or)?;
    let inputs = job.inputs.identities();
    claims.check_inputs(0, &inputs).map_err(|problem| input_or(problem.into()))?;
    let (_, end) = execute(&job, prepared, false).map_err(input_or)?;
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

/// A job that is planned and checked, and whose files are claimed.
pub(super) struct Prepared {
    wanted: OutputOptions,
    /// The plan, with nothing run yet.
    results: Results,
}

/// Plans without simulating, to find everything that is wrong before anything is written.
pub(super) fn prepare(job: &Job, claims: &mut Claims) -> Result<Prepared, Stopped> {
    let wanted = OutputOptions::read(&job.base, &job.folder, job.writes)?;
    let plan = scenario::plan(&job.base, &job.cases, &job.inputs)?;
    config::check(&job.base, &plan, &job.servers()?)?;
    refuse_absurd(&plan, &wanted)?;
    let results = Results::none(plan);
    if job.writes {
        let pictures = match wanted.plot {
            Some(_) => planned::pictures(&results, &job.charts)?,
            None => Vec::new(),
        };
        OutputOptions::claim(&job.base, &job.folder, &pictures, claims)?;
    }
    Ok(Prepared { wanted, results })
}

/// Simulates, emits the results, and compares them with theory if that was asked for. With `check`
/// nothing is written.
pub(super) fn execute(
    job: &Job,
    prepared: Prepared,
    check: bool,
) -> Result<(Results, End), Stopped> {
    let Prepared { wanted, results } = prepared;
    let results = run_cells(results.plan, &wanted)?;
    if !check {
        emit(job, &wanted, &results)?;
    }
    let partial = results.partial();
    let mut end = if partial { End::Interrupted } else { theory::check(&results, &wanted)? };
    if !check && !results.finished().any(|(_, cell)| cell.row.fits()) {
        end = end.and(End::NothingFits);
    }
    if interrupt::came() {
        end = End::Interrupted;
    }
    Ok((results, end))
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
    interrupt::stopped();
    Ok(Results { plan, cells })
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
