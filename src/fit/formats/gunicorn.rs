//! Gunicorn's access log: `%(D)s` and its kin begin when a worker has read the request, so the
//! wait for a worker is not in them; `%(t)s` is the instant of logging in whole seconds
//! (Gunicorn 27.0.1, `gunicorn/config.py` `access_log_format`, `glogging.py` `atoms`).

use super::Format;
use super::access::{self, LogServer};
use super::template::{Field, LoggedSpan, Template};
use crate::fit::bytes::{MICROSECOND, MILLISECOND, SECOND};
use crate::fit::record::RequestEnd;

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "gunicorn",
    title: "Gunicorn access log",
    times: "time in the worker in %(D)s us, %(M)s ms, %(L)s or %(T)s s; the wait is not in it",
    recognise: |first| access::guess(first, LogServer::Gunicorn),
    only_named: false,
};

/// Compiles an `--access-logformat`.
///
/// # Errors
/// A sentence.
pub(crate) fn compile(text: &str) -> Result<Template, String> {
    let mut template = Template::default();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        template.literal(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("%%") {
            template.literal(b"%");
            rest = after;
            continue;
        }
        let inner = rest.strip_prefix("%(").and_then(|inner| inner.split_once(")s"));
        let (atom, after) = inner.ok_or_else(|| {
            format!("'{}' of the log format is not one of Gunicorn's atoms, %(x)s", shown(rest))
        })?;
        template.push(field(atom), b"");
        rest = after;
    }
    template.literal(rest.as_bytes());
    Ok(template)
}

fn shown(text: &str) -> String {
    crate::fit::bytes::shown(text.as_bytes(), 20)
}

fn field(atom: &str) -> Field {
    match atom {
        "t" => Field::Stamp(RequestEnd::Departure),
        "r" => Field::RequestLine,
        "m" => Field::Method,
        "U" => Field::Path,
        "s" => Field::Status,
        "T" => Field::Time(LoggedSpan::Held, SECOND),
        "M" => Field::Time(LoggedSpan::Held, MILLISECOND),
        "D" => Field::Time(LoggedSpan::Held, MICROSECOND),
        "L" => Field::Time(LoggedSpan::Held, SECOND),
        "p" => Field::Process,
        _ if atom.eq_ignore_ascii_case("{x-request-start}i") => Field::Forwarded,
        _ if atom.eq_ignore_ascii_case("{x-cpu-us}o") => Field::Cpu(MICROSECOND),
        _ => Field::Ignored,
    }
}
