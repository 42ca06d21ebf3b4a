//! From results to what was wanted: a table, files, visits, pictures.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::output::{self, Failure, Target};
use super::pictures;
use super::report;
use super::simulate::{self, Job, Results, path_of};
use crate::experiment::row::Row;
use crate::experiment::{Control, run};
use crate::render::visits_csv::{self, VisitRows};
use crate::render::{Origin, results_csv, results_json, table};
use crate::scenario::{Problem, Written};

/// What goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Csv,
    Json,
    Markdown,
}

/// Where results are wanted.
pub(super) struct Wanted {
    /// `None` if a file option already uses standard output.
    pub format: Option<Format>,
    exports: Vec<(Format, PathBuf)>,
    visits: Option<PathBuf>,
    plot: Option<PathBuf>,
    pub colour: bool,
    pub unicode: bool,
    pub quiet: bool,
    pub jobs: usize,
    pub yes: bool,
}

impl Wanted {
    /// Reads the options; folders are checked here, before anything is simulated.
    pub(super) fn read(
        written: &Written,
        folder: &Path,
        writes: bool,
    ) -> Result<Wanted, simulate::Stopped> {
        let path =
            |name: &str| written.get(name).filter(|_| writes).map(|value| path_of(value, folder));
        let mut exports = Vec::new();
        for (name, format) in [
            ("export-csv", Format::Csv),
            ("export-json", Format::Json),
            ("export-markdown", Format::Markdown),
        ] {
            if let Some(path) = path(name) {
                check(name, &path)?;
                exports.push((format, path));
            }
        }
        let visits = path("visits");
        if let Some(path) = &visits {
            check("visits", path)?;
        }
        let plot = path("plot");
        if let Some(path) = &plot {
            output::make_folder("plot", path)?;
        }
        let stdout_taken = exports.iter().map(|(_, path)| path).chain(&visits);
        let taken = stdout_taken.into_iter().any(|path| path == Path::new("-"));
        let format = written.parse("format", format)?;
        Ok(Wanted {
            format: format.or((!taken).then_some(Format::Table)),
            exports,
            visits,
            plot,
            colour: written.parse("color", colour)?.unwrap_or_else(automatic_colour),
            unicode: unicode(),
            quiet: switch(written, "quiet")?,
            jobs: written.parse("jobs", jobs)?.unwrap_or(0),
            yes: switch(written, "yes")?,
        })
    }
}

fn check(option: &str, path: &Path) -> Result<(), Failure> {
    if path == Path::new("-") { Ok(()) } else { output::check_target(option, path) }
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "table" => Ok(Format::Table),
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        "markdown" => Ok(Format::Markdown),
        other => Err(format!("'{other}' is no format: write table, csv, json or markdown")),
    }
}

fn colour(text: &str) -> Result<bool, String> {
    match text {
        "auto" => Ok(automatic_colour()),
        "always" => Ok(true),
        "never" => Ok(false),
        other => Err(format!("'{other}' is no choice of colours: write auto, always or never")),
    }
}

/// Colour on a terminal, unless `NO_COLOR` (no-color.org) or a dumb terminal says no.
fn automatic_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !set("NO_COLOR") && !dumb
}

/// Whether the locale's encoding is UTF-8 (POSIX: LC_ALL, then LC_CTYPE, then LANG).
fn unicode() -> bool {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    value.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err(format!("'{text}' is no number of threads: write 1 to 1024")),
    }
}

fn switch(written: &Written, name: &str) -> Result<bool, Problem> {
    let read = |text: &str| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("'{other}' is neither true nor false")),
    };
    Ok(written.parse(name, read)?.unwrap_or(false))
}

/// Hands the results out: files first, then what a person reads.
pub(super) fn hand_out(job: &Job, wanted: &Wanted, results: &Results) -> Result<(), Failure> {
    let rows: Vec<Row> = results.finished().map(|(_, cell)| cell.row.clone()).collect();
    let partial = results.partial().then_some((rows.len(), results.cells.len()));
    let origin = Origin {
        version: env!("CARGO_PKG_VERSION"),
        command: job.typed.clone(),
        seed: results.plan.settings.seed.0,
        hash: job.hash(),
        partial,
    };
    for (format, path) in &wanted.exports {
        output::write(path, &bytes(*format, &rows, &origin, results))?;
    }
    if let Some(path) = &wanted.visits {
        write_visits(path, results)?;
    }
    if let Some(folder) = &wanted.plot {
        let drawn = pictures::draw(results, &rows, &job.charts)?;
        pictures::write(&drawn, folder)?;
    }
    match wanted.format {
        Some(Format::Table) => simulate::show(&report::text(job, wanted, results), wanted),
        Some(format) => output::print_bytes(&bytes(format, &rows, &origin, results)),
        None => Ok(()),
    }
}

fn bytes(format: Format, rows: &[Row], origin: &Origin, results: &Results) -> Vec<u8> {
    match format {
        Format::Csv => results_csv::write(rows, origin),
        Format::Json => results_json::write(rows, origin),
        Format::Markdown | Format::Table => {
            let told: Vec<_> =
                results.finished().map(|(_, cell)| (&cell.row, cell.overload)).collect();
            table::markdown(&told).into_bytes()
        }
    }
}

/// Writes one row per request, cell by cell and replication by replication.
fn write_visits(path: &Path, results: &Results) -> Result<(), Failure> {
    let mut rows: Box<dyn Write> = if path == Path::new("-") {
        Box::new(std::io::BufWriter::new(std::io::stdout().lock()))
    } else {
        let mut target = Target::open(path)?;
        stream_visits(&mut target, results).map_err(|error| output::failure(path, &error))?;
        return target.finish();
    };
    stream_visits(&mut rows, results).and_then(|()| rows.flush()).map_err(|error| {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => output::failure(path, &error),
        }
    })
}

fn stream_visits(out: &mut dyn Write, results: &Results) -> std::io::Result<()> {
    writeln!(out, "{}", visits_csv::COLUMNS)?;
    let settings = &results.plan.settings;
    let control = Control { stop: simulate::stop() };
    for (at, _) in results.finished() {
        let cell = &results.plan.cells[at];
        let mut replications = run::Replays::new(cell, settings, control);
        while let Some(replay) = replications.next_replay() {
            let mut rows = VisitRows::new(&mut *out, at, replay.number());
            replay.run(&mut rows);
            rows.finish()?;
        }
    }
    Ok(())
}
