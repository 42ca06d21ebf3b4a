//! From results to what was wanted: a table, files, records, pictures.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::end::{Failure, Stopped};
use super::interrupt::{self, stop};
use super::output::{self, Target};
use super::page;
use super::pictures;
use super::system;
use super::task::Task;
use super::wanted::{OutputFormat, OutputOptions, is_stdout};
use crate::experiment::Control;
use crate::job::{self, Job, Results, visits};
use crate::render::server_config;

/// Emits the results: files of results first, then what a person reads, then records and pictures,
/// which take long. One that fails does not keep the others from being written.
pub(super) fn emit(task: &Task, wanted: &OutputOptions, results: &Results) -> Result<(), Stopped> {
    let mut ends: Vec<Result<(), Stopped>> = Vec::new();
    let to_file =
        |format, path: &Path| Ok(output::write(path, &exported(format, task, results, path)?)?);
    ends.extend(wanted.exports.iter().map(|(format, path)| to_file(*format, path)));
    ends.extend(wanted.format.map(|format| match format {
        OutputFormat::Table => {
            let text = task.job.text(results, output::width())?;
            let lead = if wanted.quiet { "" } else { task.lead.as_str() };
            Ok(wanted.show(&(lead.to_owned() + &text))?)
        }
        // What stood in somebody's file stands here again: a terminal is not steered by it.
        format @ (OutputFormat::Config | OutputFormat::Diff) if output::is_terminal() => {
            let bytes = bytes(format, &task.job, results)?;
            let seen = output::without_steering(&String::from_utf8_lossy(&bytes));
            Ok(output::print(&seen, false)?)
        }
        format => Ok(output::print_bytes(&bytes(format, &task.job, results)?)?),
    }));
    ends.extend(wanted.report.iter().map(|path| {
        let origin = task.job.origin(results)?;
        Ok(page::write(path, (task, results), &origin)?)
    }));
    ends.extend(wanted.records.iter().map(|path| Ok(write_records(path, results)?)));
    ends.extend(wanted.plot.iter().map(|folder| Ok(draw(task, wanted, results, folder)?)));
    ends.into_iter().find(Result::is_err).unwrap_or(Ok(()))
}

/// What is said where a signal came before the pictures were there.
const NO_PICTURES: &str = "interrupted: no pictures were drawn";

/// Draws the pictures, and names their files: behind a table on standard output, else on standard error.
/// After a signal none are drawn: each takes a tenth of a second or more.
fn draw(
    task: &Task,
    wanted: &OutputOptions,
    results: &Results,
    folder: &Path,
) -> Result<(), Failure> {
    let stopped = || Failure::Interrupted(NO_PICTURES.to_owned());
    if interrupt::came() {
        return Err(stopped());
    }
    let draw = || task.job.drawn(results, Control::new(stop()));
    let drawn = interrupt::or_lost(NO_PICTURES, draw).map_err(|_| stopped())?;
    if !drawn.pictures.is_empty() {
        output::make_folder(folder)?;
        pictures::write(&drawn.pictures, folder)?;
    }
    let names = pictures::names(&drawn.pictures, folder);
    match wanted.format {
        _ if wanted.quiet || names.is_empty() => {}
        Some(OutputFormat::Table) => output::print(&names, false)?,
        _ => output::tell(names.trim_end()),
    }
    drawn.missing.map_or(Ok(()), |why| Err(Failure::Output(why)))
}

/// The bytes of a file of results: a configuration begins with a comment that names simsrv, so that
/// the file is known later as simsrv's own.
fn exported(
    format: OutputFormat,
    task: &Task,
    results: &Results,
    path: &Path,
) -> Result<Vec<u8>, Stopped> {
    let bytes = bytes(format, &task.job, results)?;
    match task.job.servers()?.first() {
        Some(server) if format == OutputFormat::Config && !is_stdout(path) => {
            let sentence = [format!("simsrv {}", env!("CARGO_PKG_VERSION"))];
            let sign = server_config::comment(&server.preset.comment, &sentence);
            Ok([sign.into_bytes(), bytes].concat())
        }
        _ => Ok(bytes),
    }
}

fn bytes(format: OutputFormat, job: &Job, results: &Results) -> Result<Vec<u8>, job::Error> {
    match format {
        OutputFormat::Config => job.config(results),
        OutputFormat::Diff => job.diff(results),
        OutputFormat::Csv => job.csv(results),
        OutputFormat::Json => job.json(results),
        OutputFormat::Markdown | OutputFormat::Table => Ok(job.markdown(results)),
    }
}

/// Writes one row per request, cell by cell and replication by replication.
fn write_records(path: &Path, results: &Results) -> Result<(), Failure> {
    if is_stdout(path) {
        let mut out = std::io::BufWriter::new(system::with(|system| system.stdout()));
        let done =
            visits::write(&mut out, results, Control::new(stop())).and_then(|()| out.flush());
        done.map_err(output::stdout_failure)?;
        return not_interrupted(path);
    }
    let mut target = Target::open(path)?;
    visits::write(&mut target, results, Control::new(stop()))
        .map_err(|error| output::failure(path, &error))?;
    not_interrupted(path)?;
    target.finish()
}

/// A table of records that was cut short is no table of records.
fn not_interrupted(path: &Path) -> Result<(), Failure> {
    if !stop().load(Ordering::Relaxed) {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::Interrupted(format!("interrupted: the visits in '{path}' are not complete")))
}
