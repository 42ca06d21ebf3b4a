//! PHP-FPM's access log: the only one here that has the CPU beside the time. `%d` begins when a
//! child has accepted the request, so the wait for a child is not in it; `%C` is CPU in percent of
//! it; `%t` is when it was received, `%T` when it was logged (php-src, `sapi/fpm/www.conf.in`,
//! `fpm_log.c`).

use super::template::{Field, LoggedSpan, Template};
use super::{Format, LineReader};
use crate::fit::bytes::{MICROSECOND, MILLISECOND, SECOND};
use crate::fit::record::RequestEnd;

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "php-fpm",
    title: "PHP-FPM access log",
    times: "time in the child in %d (%{mili}d ms, %{micro}d us), CPU in %C; the wait is not in it",
    recognise,
    only_named: false,
};

/// The formats of `www.conf.in`, with and without times, and that of `simsrv observe`.
const KNOWN: [&str; 5] = [
    "%R - %u %t \"%m %r%Q%q\" %s %f %{mili}d %{kilo}M %C%%",
    "%R - %u [%t] \"%m %r%Q%q\" %s %f %{mili}d %{kilo}M %C%%",
    "%R - %u %t \"%m %r%Q%q\" %s d=%{micro}d cpu=%C%% pid=%p",
    "%R -  %t \"%m %r\" %s",
    "%R - %u %t \"%m %r\" %s",
];

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    KNOWN.iter().find_map(|format| {
        let mut template = compile(format).ok()?;
        let fits = first.iter().any(|line| template.read(line).is_ok_and(|read| read.is_some()));
        fits.then(|| Box::new(template) as Box<dyn LineReader>)
    })
}

/// Whether a format is one of PHP-FPM's and not one of Apache's.
pub(crate) fn is_format(text: &str) -> bool {
    ["}d", "%C", "%d", "}M", "}C", "%R -", "%Q"].iter().any(|part| text.contains(part))
}

/// Compiles an `access.format`.
///
/// # Errors
/// A sentence.
pub(crate) fn compile(text: &str) -> Result<Template, String> {
    let mut template = Template::default();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        template.literal(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            template.literal(b"%");
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (argument, after) = inner.unwrap_or(("", rest));
        let letter = after.chars().next().ok_or("the log format ends within a directive")?;
        // the query and its question mark stand behind the path, without anything between
        if !matches!(letter, 'q' | 'Q') {
            template.push(field(letter, argument), b"");
        }
        rest = &after[letter.len_utf8()..];
    }
    template.literal(rest.as_bytes());
    Ok(template)
}

fn field(letter: char, argument: &str) -> Field {
    match (letter, argument) {
        ('t', _) => Field::Stamp(RequestEnd::Arrival),
        ('T', _) => Field::Stamp(RequestEnd::Departure),
        ('m', _) => Field::Method,
        ('r', _) => Field::Path,
        ('s', _) => Field::Status,
        ('d', "mili" | "milli" | "miliseconds" | "milliseconds") => {
            Field::Time(LoggedSpan::Held, MILLISECOND)
        }
        ('d', "micro" | "microseconds") => Field::Time(LoggedSpan::Held, MICROSECOND),
        ('d', _) => Field::Time(LoggedSpan::Held, SECOND),
        ('C', "" | "total") => Field::CpuPercent,
        ('p', _) => Field::Process,
        _ => Field::Ignored,
    }
}
