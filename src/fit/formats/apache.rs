//! Apache's access log: `%D` runs from when a worker read the request to when it wrote the log, so
//! the wait for a worker is not in it; `%t` is when the request was received (Apache 2.4,
//! `mod_log_config`).

use super::access;
use super::template::{Field, LoggedSpan, Template};
use super::{Format, LineReader};
use crate::fit::bytes::{MICROSECOND, MILLISECOND, SECOND};
use crate::fit::record::RequestEnd;

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "apache",
    title: "Apache access log",
    times: "time in the worker in %D us or %{ms}T, %T; the wait is not in it",
    recognise: combined,
    only_named: true,
};

/// The common or combined format with `%D` behind it, which nothing but its place shows.
fn combined(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    first.iter().find_map(|line| {
        let (mut template, rest) = access::front(line, RequestEnd::Arrival)?;
        if memchr::memchr(b'"', rest).is_some() {
            template.literal(b" \"");
            template.push(Field::Ignored, b"\" \"");
            template.push(Field::Ignored, b"\"");
        }
        template.literal(b" ");
        template.push(Field::Time(LoggedSpan::Held, MICROSECOND), b"");
        template.read(line).is_ok().then(|| Box::new(template) as Box<dyn LineReader>)
    })
}

/// Compiles a `LogFormat`.
///
/// # Errors
/// A sentence.
pub(crate) fn compile(text: &str) -> Result<Template, String> {
    let text = text.replace("\\\"", "\"");
    let mut template = Template::default();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('%') {
        template.literal(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            template.literal(b"%");
            rest = after;
            continue;
        }
        rest = rest.trim_start_matches(|c: char| "<>!,".contains(c) || c.is_ascii_digit());
        let inner = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (argument, after) = inner.unwrap_or(("", rest));
        let after = after.strip_prefix('^').map_or(after, |after| &after[after.len().min(1)..]);
        let letter = after.chars().next().ok_or("the log format ends within a directive")?;
        template.push(field(letter, argument), b"");
        rest = &after[letter.len_utf8()..];
    }
    template.literal(rest.as_bytes());
    Ok(template)
}

fn field(letter: char, argument: &str) -> Field {
    match (letter, argument) {
        ('t', _) => stamp(argument),
        ('r', _) => Field::RequestLine,
        ('m', _) => Field::Method,
        ('U', _) => Field::Path,
        ('s', _) => Field::Status,
        ('D', _) | ('T', "us") => Field::Time(LoggedSpan::Held, MICROSECOND),
        ('T', "ms") => Field::Time(LoggedSpan::Held, MILLISECOND),
        ('T', _) => Field::Time(LoggedSpan::Held, SECOND),
        ('P', "" | "pid") => Field::Process,
        _ => Field::Ignored,
    }
}

/// `%t` and `%{begin:...}t` are the arrival, `%{end:...}t` the answer.
fn stamp(argument: &str) -> Field {
    let (end, form) = match argument.split_once(':') {
        Some(("end", form)) => (RequestEnd::Departure, form),
        Some(("begin", form)) => (RequestEnd::Arrival, form),
        _ => (RequestEnd::Arrival, argument),
    };
    match form {
        "sec" => Field::Epoch(end, SECOND),
        "msec" => Field::Epoch(end, MILLISECOND),
        "usec" => Field::Epoch(end, MICROSECOND),
        "msec_frac" | "usec_frac" => Field::Ignored,
        _ => Field::Stamp(end),
    }
}
