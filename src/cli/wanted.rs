//! Where results go, what they look like, and with how many threads they are computed.

use std::path::{Path, PathBuf};

use super::claims::{self, Claims};
use super::end::{Failure, input, reason};
use super::output;
use crate::job;
use crate::scenario::raw_options::shown;
use crate::scenario::read::{switch, time_limit};
use crate::scenario::{Place, Problem, RawOptions, Value};

/// What goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputFormat {
    Table,
    Csv,
    Json,
    Markdown,
    /// The best row as the configuration of its server.
    Config,
    /// What of `--from` changes to become that.
    Diff,
}

/// Where results go, and how they are computed.
pub(super) struct OutputOptions {
    /// `None` if a file option already uses standard output.
    pub(crate) format: Option<OutputFormat>,
    pub(crate) exports: Vec<(OutputFormat, PathBuf)>,
    pub(crate) records: Option<PathBuf>,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) report: Option<PathBuf>,
    pub(crate) colour: bool,
    pub(crate) unicode: bool,
    pub(crate) quiet: bool,
    pub(crate) jobs: usize,
    pub(crate) max_time: Option<std::time::Duration>,
    /// Whether the results are compared with theory.
    pub(crate) check_theory: bool,
}

impl OutputOptions {
    /// Reads the options; files and folders are checked here, before anything is simulated.
    pub(super) fn read(
        raw: &RawOptions,
        folder: &Path,
        writes: bool,
    ) -> Result<OutputOptions, Problem> {
        // What is wrong is said before the run, not after it.
        job::most_rows(raw)?;
        let path = |name: &str| {
            let value = raw.get(name).filter(|_| writes)?;
            Some(path_of(value, folder))
        };
        let formats =
            [OutputFormat::Csv, OutputFormat::Json, OutputFormat::Markdown, OutputFormat::Config];
        let export = |format: OutputFormat| Some((format, path(format.export()?)?));
        let exports: Vec<_> = formats.into_iter().filter_map(export).collect();
        let (records, report) = (path("visits"), path("report"));
        let mut files = exports.iter().map(|(_, path)| path).chain(&records).chain(&report);
        let taken = files.any(|path| is_stdout(path));
        Ok(OutputOptions {
            format: raw.parse("format", format)?.or((!taken).then_some(OutputFormat::Table)),
            exports,
            records,
            plot: path("plot"),
            report,
            colour: raw.parse("color", colour)?.unwrap_or_else(output::automatic_colour),
            unicode: output::unicode(),
            quiet: switch(raw, "quiet")?,
            jobs: raw.parse("jobs", jobs)?.unwrap_or(0),
            max_time: time_limit(raw)?,
            check_theory: switch(raw, "check-theory")?,
        })
    }
}

impl OutputOptions {
    /// As many threads as were asked for.
    pub(super) fn pool(&self) -> Result<rayon::ThreadPool, Failure> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build();
        threads.map_err(|error| {
            input(format!("--jobs: the threads cannot be started: {}; give fewer", reason(&error)))
        })
    }

    /// Prints text for people to standard output.
    pub(super) fn show(&self, text: &str) -> Result<(), Failure> {
        output::show(text, self.unicode, self.colour)
    }
}

impl OutputOptions {
    /// Claims every file that will be written; `pictures` are the stems of the charts.
    ///
    /// # Errors
    /// A sentence at the option, if one of them cannot be written, is not to be replaced, belongs to
    /// another output, or is not beneath the folder of the scenario that names it.
    pub(super) fn claim(
        raw: &RawOptions,
        folder: &Path,
        pictures: &[String],
        claims: &mut Claims,
    ) -> Result<(), Problem> {
        let (force, anywhere) = (switch(raw, "force")?, switch(raw, "allow-write-anywhere")?);
        for (key, value) in raw.iter().filter(|(key, _)| key.writes_file()) {
            let path = path_of(value, folder);
            if !anywhere {
                claims::beneath(value, &path, folder)?;
            }
            claims.output(value, &format!("--{}", key.name), &path, force)?;
        }
        let Some(value) = raw.get("plot") else { return Ok(()) };
        let plots = path_of(value, folder);
        if !anywhere {
            claims::beneath(value, &plots, folder)?;
        }
        claims.pictures(value, &plots, pictures.iter().map(String::as_str), force)
    }
}

impl OutputFormat {
    /// The option that writes it to a file.
    const fn export(self) -> Option<&'static str> {
        match self {
            OutputFormat::Table => None,
            OutputFormat::Csv => Some("export-csv"),
            OutputFormat::Json => Some("export-json"),
            OutputFormat::Markdown => Some("export-markdown"),
            OutputFormat::Config => Some("export-config"),
            OutputFormat::Diff => None,
        }
    }
}

/// The path of an option: beside the scenario if it stands there, else as typed.
fn path_of(value: &Value, folder: &Path) -> PathBuf {
    match value.place {
        Place::File(_) if value.text != "-" => folder.join(&value.text),
        _ => PathBuf::from(&value.text),
    }
}

/// Whether a path stands for standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

fn format(text: &str) -> Result<OutputFormat, String> {
    match text {
        "table" => Ok(OutputFormat::Table),
        "csv" => Ok(OutputFormat::Csv),
        "json" => Ok(OutputFormat::Json),
        "markdown" => Ok(OutputFormat::Markdown),
        "config" => Ok(OutputFormat::Config),
        "diff" => Ok(OutputFormat::Diff),
        other => Err(format!(
            "'{}' is not a format: write table, csv, json, markdown, config or diff",
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
