//! From results to what was wanted: a table, files, records, pictures.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::config;
use super::end::{Failure, Stopped};
use super::interrupt::stop;
use super::output::{self, Target};
use super::page;
use super::pictures;
use super::report;
use super::results::{Job, Results};
use super::wanted::{Format, OutputOptions, is_stdout};
use crate::experiment::Control;
use crate::experiment::replay::Replays;
use crate::experiment::row::Row;
use crate::model::Load;
use crate::render::records_csv::{self, RecordRows};
use crate::render::{Origin, results_csv, results_json, table};

/// Hands the results out: files first, then what a person reads. One that fails does not keep the
/// others from being written.
pub(super) fn emit(job: &Job, wanted: &OutputOptions, results: &Results) -> Result<(), Stopped> {
    let rows: Vec<Row> = results.finished().map(|(_, cell)| cell.row.clone()).collect();
    let partial = results.partial().then_some((rows.len(), results.cells.len()));
    let origin = Origin {
        version: env!("CARGO_PKG_VERSION"),
        command: job.typed.clone(),
        seed: results.plan.settings.seed.0,
        hash: job.hash(),
        partial,
        servers: job.servers()?,
    };
    // A picture that cannot be drawn is wrong input: nothing is written then.
    let drawn = match &wanted.plot {
        Some(_) => pictures::draw(results, &rows, &job.charts)?,
        None => Vec::new(),
    };
    let mut ends: Vec<Result<(), Failure>> = Vec::new();
    for (format, path) in &wanted.exports {
        ends.push(
            bytes(*format, &rows, &origin, (job, results))
                .and_then(|bytes| output::write(path, &bytes)),
        );
    }
    ends.extend(wanted.records.iter().map(|path| write_records(path, results)));
    ends.extend(
        wanted.plot.iter().map(|folder| {
            output::make_folder(folder).and_then(|()| pictures::write(&drawn, folder))
        }),
    );
    ends.extend(wanted.report.iter().map(|path| page::write(path, (job, results), &origin)));
    ends.extend(wanted.format.map(|format| {
        match format {
            Format::Table => {
                let text = report::text(job, wanted, results, &origin.servers);
                wanted.show(&(job.lead.clone() + &text))
            }
            format => bytes(format, &rows, &origin, (job, results))
                .and_then(|bytes| output::print_bytes(&bytes)),
        }
    }));
    Ok(ends.into_iter().find(Result::is_err).unwrap_or(Ok(()))?)
}

fn bytes(
    format: Format,
    rows: &[Row],
    origin: &Origin,
    (job, results): (&Job, &Results),
) -> Result<Vec<u8>, Failure> {
    Ok(match format {
        Format::Config => config::text(job, results, &origin.servers, false)?.into_bytes(),
        Format::Diff => config::text(job, results, &origin.servers, true)?.into_bytes(),
        Format::Csv => results_csv::write(rows, origin),
        Format::Json => results_json::write(rows, origin),
        Format::Markdown | Format::Table => {
            let told: Vec<_> =
                results.finished().map(|(_, cell)| (&cell.row, cell.overload)).collect();
            table::markdown(&told).into_bytes()
        }
    })
}

/// Writes one row per request, cell by cell and replication by replication.
fn write_records(path: &Path, results: &Results) -> Result<(), Failure> {
    if is_stdout(path) {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let done = stream_records(&mut out, results).and_then(|()| out.flush());
        done.map_err(output::stdout_failure)?;
        return not_interrupted(path);
    }
    let mut target = Target::open(path)?;
    stream_records(&mut target, results).map_err(|error| output::failure(path, &error))?;
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

fn stream_records(out: &mut dyn Write, results: &Results) -> std::io::Result<()> {
    writeln!(out, "{}", records_csv::COLUMNS)?;
    let settings = &results.plan.settings;
    let control = Control::new(stop());
    for (at, result) in results.finished() {
        let cell = &results.plan.cells[at];
        let clients = matches!(cell.model.load(), Load::Closed(_));
        let mut replications = Replays::new(cell, settings, result, control);
        while let Some(replay) = replications.next_replay() {
            let mut rows = RecordRows::new(&mut *out, at, replay.number(), clients);
            replay.run(&mut rows);
            rows.finish()?;
        }
    }
    Ok(())
}
