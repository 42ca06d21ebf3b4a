//! The main job: options, a plan, a sweep, results.

use std::time::{Duration, Instant};

use clap::ArgMatches;

use super::claims::Claims;
use super::emit::emit;
use super::end::{ExitStatus, Failure, Stopped, input};
use super::interrupt::{self, stop};
use super::progress::Work;
use super::task::Task;
use super::usage::with_hint;
use super::wanted::OutputOptions;
use super::{progress, shard, theory};
use crate::experiment::{Control, Plan};
use crate::job::{AnswerKind, Results};

/// `simsrv [OPTIONS]`.
pub(super) fn simulate(matches: &ArgMatches, typed: String) -> Result<ExitStatus, Failure> {
    let task = Task::of_flags(matches, typed);
    match shard::wanted(&task.job.base) {
        Ok(true) => shard::execute(&task).map_err(input_or),
        Ok(false) => alone(&task).map_err(input_or),
        Err(problem) => Err(input_or(problem.into())),
    }
}

pub(super) fn input_or(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Problem(problem) => input(with_hint(problem)),
        Stopped::Failure(failure) => failure,
    }
}

/// Runs the one task of a command.
fn alone(task: &Task) -> Result<ExitStatus, Stopped> {
    let mut claims = Claims::default();
    let prepared = prepare(task, &mut claims)?;
    claims.check_inputs(0, &task.inputs.identities())?;
    claims.try_folders()?;
    execute(task, prepared, false).map(|(_, end)| end)
}

/// A task that is planned and checked, and whose files are claimed.
pub(super) struct Prepared {
    wanted: OutputOptions,
    /// The plan, with nothing run yet.
    results: Results,
    /// How long it took to plan: of a sweep of many cells a part of its time.
    planned: Duration,
}

impl Prepared {
    /// What is to be run.
    pub(super) fn plan(&self) -> &Plan {
        &self.results.plan
    }
}

/// Plans without simulating, to find everything that is wrong before anything is written.
pub(super) fn prepare(task: &Task, claims: &mut Claims) -> Result<Prepared, Stopped> {
    let begin = Instant::now();
    let wanted = OutputOptions::read(&task.job.base, &task.folder, task.writes)?;
    let results = Results::none(task.job.plan()?);
    // A chart that does not fit the axes is refused, also where nothing is drawn.
    let pictures = match task.job.base.has("plot") {
        true => task.job.planned_pictures(&results)?,
        false => Vec::new(),
    };
    if task.writes {
        OutputOptions::claim(&task.job.base, &task.folder, &pictures, claims)?;
    }
    Ok(Prepared { wanted, results, planned: begin.elapsed() })
}

/// Simulates, emits the results, and compares them with theory if that was asked for. With `check`
/// nothing is written.
pub(super) fn execute(
    task: &Task,
    prepared: Prepared,
    check: bool,
) -> Result<(Results, ExitStatus), Stopped> {
    let Prepared { wanted, results, planned } = prepared;
    let results = run_cells(results.plan, &wanted, planned)?;
    let end = if check { end_of(&results, &wanted)? } else { finish(task, &wanted, &results)? };
    Ok((results, end))
}

/// Emits results; gives how the command ends.
pub(super) fn finish(
    task: &Task,
    wanted: &OutputOptions,
    results: &Results,
) -> Result<ExitStatus, Stopped> {
    emit(task, wanted, results)?;
    Ok(end_of(results, wanted)?)
}

/// What is left of a limit of time for the results.
const TO_WRITE: Duration = Duration::from_millis(100);

fn run_cells(plan: Plan, wanted: &OutputOptions, planned: Duration) -> Result<Results, Failure> {
    let begin = Instant::now();
    let elapsed = || planned + begin.elapsed();
    let mut control = Control::new(stop());
    if let Some(most) = wanted.max_time {
        // Results have to be written in the time, too.
        control = control.within(most - TO_WRITE.min(most / 20), &elapsed);
    }
    let pool = wanted.pool()?;
    let results = progress::watched(Work::of(&plan), wanted.quiet, &elapsed, |done| {
        pool.install(|| Results::of_plan(plan, control, |cell| done(Some(cell))))
    });
    interrupt::stopped();
    Ok(results)
}

/// How the question was answered, as an end.
fn answered(results: &Results) -> ExitStatus {
    match results.answer_kind() {
        AnswerKind::NoneMeets => ExitStatus::Missed,
        AnswerKind::DoesNotFit => ExitStatus::NothingFits,
        AnswerKind::CannotTell => ExitStatus::CannotTell,
        AnswerKind::Named if results.rows().any(|row| row.fits()) => ExitStatus::Done,
        AnswerKind::Named => ExitStatus::NothingFits,
    }
}

/// How the command ends: interrupted, or as the comparison with theory does.
fn end_of(results: &Results, wanted: &OutputOptions) -> Result<ExitStatus, Failure> {
    let end = match results.partial() {
        true => ExitStatus::Interrupted,
        false => theory::check(results, wanted)?.and(answered(results)),
    };
    Ok(if interrupt::came() { ExitStatus::Interrupted } else { end })
}
