//! The formats that are read, one file each, and which of them a text is.

mod ab;
mod access;
mod alb;
mod apache;
mod caddy;
mod columns;
mod gatling;
mod gunicorn;
mod heroku;
mod hey;
mod jmeter;
mod jmeter_xml;
mod k6;
mod locust;
mod nginx;
mod oha;
mod php_fpm;
mod summary_text;
pub(crate) mod template;
mod traefik;
mod uvicorn;
mod vegeta;
mod wrk;

use super::record::{LoadTestSummary, LoggedRequest};

/// Why a line was not read as a request.
pub(crate) type Unread = &'static str;

/// Reads line after line.
pub(crate) trait LineReader {
    /// The request of a line; `None` for a line that carries none and should not (a header, a
    /// comment).
    ///
    /// # Errors
    /// The reason, as a sentence without its subject, which is the line.
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread>;
}

/// Makes a reader, if the first lines are of its format.
pub(crate) type Recognise = fn(&[&[u8]]) -> Option<Box<dyn LineReader>>;

/// A format of lines, each one request.
pub struct Format {
    /// The name, for `--log-format`.
    pub name: &'static str,
    /// What wrote it, for the output.
    pub(crate) title: &'static str,
    /// Its times and their units, and what they hold.
    pub(crate) times: &'static str,
    /// A reader, if the first lines are of this format.
    pub(crate) recognise: Recognise,
    /// Whether its fields do not say what they are, so that it is taken only when it is named.
    pub(crate) only_named: bool,
}

/// A format of summaries: all requests together in one text.
pub struct SummaryFormat {
    /// The name, for `--log-format`.
    pub(crate) name: &'static str,
    /// What wrote it, for the output.
    pub(crate) title: &'static str,
    /// Its times and their units.
    pub(crate) times: &'static str,
    /// The summary, if the text is of this format.
    pub(crate) read: fn(&str) -> Option<LoadTestSummary>,
}

/// Every format of lines; what is more particular comes first.
pub const FORMATS: &[&Format] = &[
    &jmeter::FORMAT,
    &jmeter_xml::FORMAT,
    &k6::CSV,
    &k6::NDJSON,
    &hey::FORMAT,
    &oha::FORMAT,
    &vegeta::CSV,
    &vegeta::JSON,
    &ab::TABLE,
    &gatling::FORMAT,
    &alb::FORMAT,
    &heroku::FORMAT,
    &caddy::FORMAT,
    &traefik::FORMAT,
    &uvicorn::FORMAT,
    &php_fpm::FORMAT,
    &gunicorn::FORMAT,
    &nginx::FORMAT,
    &apache::FORMAT,
    &access::PLAIN,
];

/// Every format of summaries.
pub const SUMMARIES: &[&SummaryFormat] = &[
    &k6::SUMMARY_JSON,
    &k6::SUMMARY_TEXT,
    &oha::SUMMARY_JSON,
    &oha::SUMMARY_TEXT,
    &hey::SUMMARY,
    &vegeta::SUMMARY,
    &wrk::SUMMARY,
    &ab::SUMMARY,
    &locust::STATS,
    &locust::HISTORY,
];

/// Lines by which a format is recognised.
pub(crate) const FIRST_LINES: usize = 100;

/// A reader with its format.
pub(crate) struct Opened {
    /// The name of the format.
    pub(crate) name: &'static str,
    /// What wrote it.
    pub(crate) title: &'static str,
    /// Its times and their units.
    pub(crate) times: String,
    /// Reads the lines, from the first on.
    pub(crate) reader: Box<dyn LineReader>,
}

/// The format that reads most of the first lines, and at least one of them as a request.
pub(crate) fn recognise(first: &[&[u8]]) -> Option<Opened> {
    let mut best: Option<(usize, &Format)> = None;
    for format in FORMATS.iter().filter(|format| !format.only_named) {
        let read = readable(format, first);
        if read > best.map_or(0, |(most, _)| most) {
            best = Some((read, format));
        }
    }
    let (_, format) = best?;
    open(format, first)
}

/// How many of the first lines a format reads as requests.
fn readable(format: &Format, first: &[&[u8]]) -> usize {
    let Some(mut reader) = (format.recognise)(first) else { return 0 };
    first.iter().filter(|line| matches!(reader.read(line), Ok(Some(_)))).count()
}

fn open(format: &Format, first: &[&[u8]]) -> Option<Opened> {
    let reader = (format.recognise)(first)?;
    let (name, title) = (format.name, format.title);
    Some(Opened { name, title, times: format.times.to_owned(), reader })
}

/// The reader that `--log-format` names or describes.
///
/// # Errors
/// A sentence.
pub(crate) fn named(text: &str, first: &[&[u8]]) -> Result<Opened, String> {
    if let Some(format) = FORMATS.iter().find(|format| format.name == text) {
        return open(format, first).ok_or_else(|| {
            format!("the first lines are not of the format '{text}' ({})", format.title)
        });
    }
    let compiled: Option<(&Format, Result<template::Template, String>)> = match text {
        _ if text.contains("%(") => Some((&gunicorn::FORMAT, gunicorn::compile(text))),
        _ if text.contains('$') => Some((&nginx::FORMAT, nginx::compile(text))),
        _ if php_fpm::is_format(text) => Some((&php_fpm::FORMAT, php_fpm::compile(text))),
        _ if text.contains('%') => Some((&apache::FORMAT, apache::compile(text))),
        _ => None,
    };
    let Some((format, template)) = compiled else {
        return Err(format!(
            "'{}' is not a known log format: name one of {}, or give the server's own format, such \
             as '$remote_addr ... $request_time' or '%(h)s ... %(D)s'",
            super::bytes::shown(text.as_bytes(), 60),
            names().join(", ")
        ));
    };
    let template = template?;
    if !template.has(|field| field != template::Field::Ignored) {
        return Err(format!(
            "'{}' has no field that is read: it needs a duration, an instant or the request, such \
             as $request_time or %(D)s",
            super::bytes::shown(text.as_bytes(), 60)
        ));
    }
    if template.is_ambiguous() {
        return Err("two fields of the log format touch, so that nothing says where the first \
                    ends: put a blank between them in the server's configuration"
            .to_owned());
    }
    Ok(Opened {
        name: format.name,
        title: format.title,
        times: "as the given format has them".to_owned(),
        reader: Box::new(template),
    })
}

/// Whether a name is that of a format of summaries.
pub(crate) fn is_summary(name: &str) -> bool {
    SUMMARIES.iter().any(|format| format.name == name)
}

/// The names of all formats.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.extend(SUMMARIES.iter().map(|format| format.name));
    names.dedup();
    names
}

/// The summary that a text is, and its format.
pub(crate) fn summary(
    text: &str,
    wanted: Option<&str>,
) -> Option<(&'static SummaryFormat, LoadTestSummary)> {
    let fits = |format: &&&SummaryFormat| wanted.is_none_or(|name| format.name == name);
    SUMMARIES.iter().filter(fits).find_map(|format| {
        let summary = (format.read)(text).filter(LoadTestSummary::says_something)?;
        Some((*format, summary))
    })
}
