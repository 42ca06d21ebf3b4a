//! From results to what was wanted: a table, files, records, pictures.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::config;
use super::output::{self, Failure, Target};
use super::pictures;
use super::report;
use super::simulate::{self, Job, Results, Stopped, path_of};
use crate::experiment::Control;
use crate::experiment::replay::Replays;
use crate::experiment::row::Row;
use crate::model::Load;
use crate::render::records_csv::{self, RecordRows};
use crate::render::{Origin, results_csv, results_json, table};
use crate::scenario::raw_options::shown;
use crate::scenario::{Problem, RawOptions};
use crate::time::Span;

/// What goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Csv,
    Json,
    Markdown,
    /// The best row as the configuration of its server.
    Config,
}

/// Where results are wanted.
pub(super) struct Wanted {
    /// `None` if a file option already uses standard output.
    pub format: Option<Format>,
    pub exports: Vec<(Format, PathBuf)>,
    records: Option<PathBuf>,
    plot: Option<PathBuf>,
    pub colour: bool,
    pub unicode: bool,
    pub quiet: bool,
    pub jobs: usize,
    pub max_time: Option<std::time::Duration>,
    pub yes: bool,
    /// Whether the results are held against theory.
    pub check_theory: bool,
}

/// Options that name a file to be written.
const FILES: [&str; 5] =
    ["export-csv", "export-json", "export-markdown", "export-config", "visits"];

impl Wanted {
    /// Reads the options; files and folders are checked here, before anything is simulated.
    pub(super) fn read(raw: &RawOptions, folder: &Path, writes: bool) -> Result<Wanted, Problem> {
        let path = |name: &str| {
            let value = raw.get(name).filter(|_| writes)?;
            Some(path_of(value, folder))
        };
        if writes {
            check_files(raw, folder)?;
        }
        let formats = [Format::Csv, Format::Json, Format::Markdown, Format::Config];
        let exports: Vec<_> = FILES
            .into_iter()
            .zip(formats)
            .filter_map(|(name, format)| Some((format, path(name)?)))
            .collect();
        let records = path("visits");
        let taken =
            exports.iter().map(|(_, path)| path).chain(&records).any(|path| is_stdout(path));
        Ok(Wanted {
            format: raw.parse("format", format)?.or((!taken).then_some(Format::Table)),
            exports,
            records,
            plot: path("plot"),
            colour: raw.parse("color", colour)?.unwrap_or_else(output::automatic_colour),
            unicode: output::unicode(),
            quiet: switch(raw, "quiet")?,
            jobs: raw.parse("jobs", jobs)?.unwrap_or(0),
            max_time: raw.parse("max-time", max_time)?,
            yes: switch(raw, "yes")?,
            check_theory: switch(raw, "check-theory")?,
        })
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// Refuses files that cannot be written, or that would be written over one another.
fn check_files(raw: &RawOptions, folder: &Path) -> Result<(), Problem> {
    let mut seen: Vec<(&str, PathBuf)> = Vec::new();
    if let Some(value) = raw.get("trace") {
        seen.push(("trace", path_of(value, folder)));
    }
    for name in FILES {
        let Some(value) = raw.get(name) else { continue };
        let path = path_of(value, folder);
        if !is_stdout(&path) {
            output::check_target(&path).map_err(|sentence| Problem::at(value, sentence))?;
        }
        if let Some((other, _)) = seen.iter().find(|(_, other)| *other == path) {
            let sentence = format!("'{}' is the file of --{other} too: name another", value.text);
            return Err(Problem::at(value, sentence));
        }
        seen.push((name, path));
    }
    match raw.get("plot") {
        Some(value) => output::check_folder(&path_of(value, folder))
            .map_err(|sentence| Problem::at(value, sentence)),
        None => Ok(()),
    }
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "table" => Ok(Format::Table),
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        "markdown" => Ok(Format::Markdown),
        "config" => Ok(Format::Config),
        other => Err(format!(
            "'{}' is not a format: write table, csv, json, markdown or config",
            shown(other)
        )),
    }
}

fn colour(text: &str) -> Result<bool, String> {
    match text {
        "auto" => Ok(output::automatic_colour()),
        "always" => Ok(true),
        "never" => Ok(false),
        other => {
            Err(format!("'{}' is not a valid choice: write auto, always or never", shown(other)))
        }
    }
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err(format!("'{}' is not a number of threads: write 1 to 1024", shown(text))),
    }
}

fn max_time(text: &str) -> Result<std::time::Duration, String> {
    match text.parse::<Span>() {
        Ok(span) if span.is_zero() => Err("a time of 0: write such as 30s".to_owned()),
        Ok(span) => Ok(std::time::Duration::from_nanos(span.as_nanos())),
        Err(error) => Err(error.to_string()),
    }
}

fn switch(raw: &RawOptions, name: &str) -> Result<bool, Problem> {
    let read = |text: &str| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("'{}' is neither true nor false", shown(other))),
    };
    Ok(raw.parse(name, read)?.unwrap_or(false))
}

/// Hands the results out: files first, then what a person reads. One that fails does not keep the
/// others from being written.
pub(super) fn hand_out(job: &Job, wanted: &Wanted, results: &Results) -> Result<(), Stopped> {
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
    ends.extend(wanted.format.map(|format| {
        match format {
            Format::Table => {
                let text = report::text(job, wanted, results, &origin.servers);
                simulate::show(&(job.lead.clone() + &text), wanted)
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
        Format::Config => config::text(job, results, &origin.servers)?.into_bytes(),
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
    if !simulate::stop().load(Ordering::Relaxed) {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::Interrupted(format!("interrupted: the visits in '{path}' are not complete")))
}

fn stream_records(out: &mut dyn Write, results: &Results) -> std::io::Result<()> {
    writeln!(out, "{}", records_csv::COLUMNS)?;
    let settings = &results.plan.settings;
    let control = Control::new(simulate::stop());
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
