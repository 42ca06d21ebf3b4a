//! What every reader of options needs: the files that options name, and the small grammars that
//! several options share.

use std::time::Duration;

use super::raw_options::{Place, Problem, RawOptions, shown};
use crate::distribution::{Distribution, SampleUnit};
use crate::model::Trace;
use crate::time::Span;

/// Gives the contents of files that options name.
pub trait Files {
    /// A path as it is written at a place: relative to a scenario in its file, to the folder in which
    /// the command is run on the command line. By default there is one folder.
    fn resolve(&self, path: &str, _: &Place) -> String {
        path.to_owned()
    }

    /// The recorded requests of a file; by default there is none.
    ///
    /// # Errors
    /// A sentence.
    fn trace(&self, path: &str) -> Result<Trace, String> {
        Err(unreadable(path))
    }

    /// The times in a column of a file; by default there is none.
    ///
    /// # Errors
    /// A sentence.
    fn samples(
        &self,
        path: &str,
        _column: Option<&str>,
        _unit: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        Err(unreadable(path))
    }

    /// What is said of a file that a configuration names and that has no text, and what to do.
    fn absent(&self) -> (&'static str, &'static str) {
        ("was not found", "neither here nor beside the configuration: put it there")
    }

    /// The text of a file; by default there is none.
    ///
    /// # Errors
    /// A sentence.
    fn text(&self, path: &str) -> Result<String, String> {
        Err(unreadable(path))
    }
}

fn unreadable(path: &str) -> String {
    format!("'{}' cannot be read", shown(path))
}

/// No files at all: every path is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {}

/// A variant of the options, with a name.
pub type Case = (Option<String>, RawOptions);

/// Reads an option that is a distribution; samples come from `files`.
pub(crate) fn distribution(
    raw: &RawOptions,
    name: &str,
    files: &dyn Files,
) -> Result<Option<Distribution>, Problem> {
    let Some(value) = raw.get(name) else { return Ok(None) };
    raw.parse(name, |text| parse_distribution(text, files, &value.place))
}

/// Reads a distribution that is written at a place.
pub(crate) fn parse_distribution(
    text: &str,
    files: &dyn Files,
    place: &Place,
) -> Result<Distribution, String> {
    let load = |path: &str, column: Option<&str>, unit| {
        files.samples(&files.resolve(path, place), column, unit)
    };
    Distribution::parse_with(text, &load).map_err(|error| error.to_string())
}

/// How long a run may take by the clock on the wall, if there is a limit.
pub(crate) fn time_limit(raw: &RawOptions) -> Result<Option<Duration>, Problem> {
    raw.parse("max-time", |text| match text.parse::<Span>() {
        Ok(span) if span.is_zero() => Err("a time of 0: write such as 30s".to_owned()),
        Ok(span) => Ok(Duration::from_nanos(span.as_nanos())),
        Err(error) => Err(error.to_string()),
    })
}

/// Reads a whole number between two bounds.
pub(crate) fn whole(text: &str, what: &str, least: u64, most: u64) -> Result<u64, String> {
    let read = text.trim().replace('_', "").parse::<u64>();
    let text = shown(text);
    match read {
        Ok(n) if n < least => Err(format!("'{text}' {what}: there must be at least {least}")),
        Ok(n) if n > most => Err(format!("'{text}' {what} are too many: the most is {most}")),
        Ok(n) => Ok(n),
        Err(_) => Err(format!("'{text}' is not a whole number of {what}: write such as 1000")),
    }
}

/// Reads a share strictly between 0 and 1: `2%` or `0.02`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim(), 100.0),
        None => (text.trim(), 1.0),
    };
    let read = number.parse::<f64>().ok().filter(|value| value.is_finite());
    let text = shown(text);
    match read {
        Some(value) if value / scale > 0.0 && value / scale < 1.0 => Ok(value / scale),
        Some(value) if scale == 1.0 && value > 1.0 && value < 100.0 => {
            Err(format!("'{text}' is above 1: write {text}% or {}", value / 100.0))
        }
        Some(_) => Err(format!("'{text}' is not between 0 and 1 (100%): write such as 5% or 0.05")),
        None => Err(format!("'{text}' is not a share: write such as 5% or 0.05")),
    }
}

/// Reads a time; a bare 0 needs no unit.
pub(crate) fn span(text: &str) -> Result<Span, String> {
    if text.trim() == "0" { Ok(Span::ZERO) } else { text.parse().map_err(|e| format!("{e}")) }
}

/// Reads a switch, which is off if it is not given.
pub(crate) fn switch(raw: &RawOptions, name: &str) -> Result<bool, Problem> {
    let on = raw.parse(name, |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("'{}' is neither true nor false", shown(other))),
    })?;
    Ok(on.unwrap_or(false))
}
