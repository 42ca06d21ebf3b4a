//! From results to what was wanted: a table, files, records, pictures.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::end::{Failure, Stopped};
use super::interrupt::stop;
use super::output::{self, Target};
use super::page;
use super::pictures;
use super::task::Task;
use super::wanted::{Format, OutputOptions, is_stdout};
use crate::experiment::Control;
use crate::job::{self, Job, Results, visits};

/// Hands the results out: files first, then what a person reads. One that fails does not keep the
/// others from being written.
pub(super) fn emit(task: &Task, wanted: &OutputOptions, results: &Results) -> Result<(), Stopped> {
    // A picture that cannot be drawn is wrong input: nothing is written then.
    let drawn = match &wanted.plot {
        Some(_) => task.job.pictures(results, Control::new(stop()))?,
        None => Vec::new(),
    };
    let mut ends: Vec<Result<(), Stopped>> = Vec::new();
    let to_file =
        |format, path: &Path| Ok(output::write(path, &bytes(format, &task.job, results)?)?);
    ends.extend(wanted.exports.iter().map(|(format, path)| to_file(*format, path)));
    ends.extend(wanted.records.iter().map(|path| Ok(write_records(path, results)?)));
    ends.extend(wanted.plot.iter().map(|folder| {
        output::make_folder(folder)?;
        Ok(pictures::write(&drawn, folder)?)
    }));
    ends.extend(wanted.report.iter().map(|path| {
        let origin = task.job.origin(results)?;
        Ok(page::write(path, (task, results), &origin)?)
    }));
    ends.extend(wanted.format.map(|format| match format {
        Format::Table => Ok(wanted.show(&(task.lead.clone() + &task.job.text(results)?))?),
        format => Ok(output::print_bytes(&bytes(format, &task.job, results)?)?),
    }));
    ends.into_iter().find(Result::is_err).unwrap_or(Ok(()))
}

fn bytes(format: Format, job: &Job, results: &Results) -> Result<Vec<u8>, job::Error> {
    match format {
        Format::Config => job.config(results),
        Format::Diff => job.diff(results),
        Format::Csv => job.csv(results),
        Format::Json => job.json(results),
        Format::Markdown | Format::Table => Ok(job.markdown(results)),
    }
}

/// Writes one row per request, cell by cell and replication by replication.
fn write_records(path: &Path, results: &Results) -> Result<(), Failure> {
    if is_stdout(path) {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
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
