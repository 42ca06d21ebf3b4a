//! Access logs in the Common or Combined Log Format and what servers' configurations put behind
//! them, recognised by the names (`rt=0.123`, `D=501055`) or the decimals of the fields.

use memchr::{memchr, memmem};

use super::template::{Field, LoggedSpan, Template};
use super::{Format, LineReader};
use crate::fit::bytes::{MICROSECOND, MILLISECOND, SECOND};
use crate::fit::record::RequestEnd;

/// The format without times.
pub(crate) const PLAIN: Format = Format {
    name: "combined",
    title: "access log in the common or combined format",
    times: "it has no durations that are known by their form: only the rate, the routes and the \
            statuses. If one of the last fields is a duration, give the server's log format",
    recognise: |first| guess(first, LogServer::Unknown),
    only_named: false,
};

/// Which server wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogServer {
    /// Gunicorn.
    Gunicorn,
    /// nginx.
    Nginx,
    /// Nothing says so.
    Unknown,
}

/// The names of fields as configurations in use have them.
const NAMED: [(&str, LogServer, Field); 15] = [
    ("T", LogServer::Gunicorn, Field::Time(LoggedSpan::Held, SECOND)),
    ("M", LogServer::Gunicorn, Field::Time(LoggedSpan::Held, MILLISECOND)),
    ("D", LogServer::Gunicorn, Field::Time(LoggedSpan::Held, MICROSECOND)),
    ("L", LogServer::Gunicorn, Field::Time(LoggedSpan::Held, SECOND)),
    ("pid", LogServer::Gunicorn, Field::Process),
    ("xrs", LogServer::Gunicorn, Field::Forwarded),
    ("cpu_us", LogServer::Gunicorn, Field::Cpu(MICROSECOND)),
    ("rt", LogServer::Nginx, Field::Time(LoggedSpan::Response, SECOND)),
    ("reqtime", LogServer::Nginx, Field::Time(LoggedSpan::Response, SECOND)),
    ("request_time", LogServer::Nginx, Field::Time(LoggedSpan::Response, SECOND)),
    ("urt", LogServer::Nginx, Field::Time(LoggedSpan::Upstream, SECOND)),
    ("upstream_time", LogServer::Nginx, Field::Time(LoggedSpan::Upstream, SECOND)),
    ("upstream_response_time", LogServer::Nginx, Field::Time(LoggedSpan::Upstream, SECOND)),
    ("uct", LogServer::Nginx, Field::Ignored),
    ("msec", LogServer::Nginx, Field::Stamp(RequestEnd::Departure)),
];

/// A reader if the first lines are such a log of that server.
pub(crate) fn guess(first: &[&[u8]], server: LogServer) -> Option<Box<dyn LineReader>> {
    let upstream = upstream_place(first);
    first.iter().find_map(|line| {
        let (template, found) = template(line, upstream)?;
        (found == server).then(|| Box::new(template) as Box<dyn LineReader>)
    })
}

/// The common front: everything up to the size; gives what follows it in the line.
pub(crate) fn front(line: &[u8], end: RequestEnd) -> Option<(Template, &[u8])> {
    let mut template = Template::default();
    template.push(Field::Ignored, b" [");
    template.push(Field::Stamp(end), b"] \"");
    template.push(Field::RequestLine, b"\" ");
    template.push(Field::Status, b" ");
    template.push(Field::Ignored, b"");
    let stamp = memmem::find(line, b" [")?;
    let request = stamp + memmem::find(&line[stamp..], b"] \"")? + 3;
    let status = request + memmem::find(&line[request..], b"\" ")? + 2;
    let size = status + memchr(b' ', &line[status..])? + 1;
    let rest = memchr(b' ', &line[size..]).map_or(&b""[..], |blank| &line[size + blank..]);
    Some((template, rest))
}

/// The template of a line and the server that its fields are of.
fn template(line: &[u8], upstream: Option<usize>) -> Option<(Template, LogServer)> {
    let (mut template, mut rest) = front(line, RequestEnd::Departure)?;
    let (mut server, mut bare) = (LogServer::Unknown, 0);
    while let Some(token) = rest.strip_prefix(b" ") {
        template.literal(b" ");
        if let Some(inner) = token.strip_prefix(b"\"") {
            let end = memmem::find(inner, b"\" ").unwrap_or(inner.len().checked_sub(1)?);
            template.literal(b"\"");
            template.push(Field::Ignored, b"\"");
            rest = &inner[end + 1..];
            continue;
        }
        let end = memchr(b' ', token).unwrap_or(token.len());
        let (owner, field) = match memchr(b'=', &token[..end]) {
            Some(equals) => named(&mut template, &token[..end], equals),
            None => {
                let found = bare_field(&token[..end], bare, upstream);
                bare += usize::from(is_bare_decimal(&token[..end]));
                template.push(found.1, b"");
                found
            }
        };
        if server == LogServer::Unknown && field != Field::Ignored {
            server = owner;
        }
        rest = &token[end..];
    }
    rest.is_empty().then_some((template, server))
}

/// A field `name=value`, `name="value"`.
fn named(template: &mut Template, token: &[u8], equals: usize) -> (LogServer, Field) {
    template.literal(&token[..=equals]);
    let quoted = token[equals + 1..].starts_with(b"\"");
    if quoted {
        template.literal(b"\"");
    }
    let name = &token[..equals];
    let known = NAMED.iter().find(|(known, _, _)| known.as_bytes() == name);
    let (server, field) = known.map_or((LogServer::Unknown, Field::Ignored), |(_, s, f)| (*s, *f));
    template.push(field, if quoted { b"\"" } else { b"" });
    (server, field)
}

/// A field without a name: six decimals are Gunicorn's `%(L)s`, three are a time of nginx.
fn bare_field(token: &[u8], place: usize, upstream: Option<usize>) -> (LogServer, Field) {
    match decimals(token) {
        Some(6) => (LogServer::Gunicorn, Field::Time(LoggedSpan::Held, SECOND)),
        _ if is_bare_decimal(token) && upstream == Some(place) => {
            (LogServer::Nginx, Field::Time(LoggedSpan::Upstream, SECOND))
        }
        Some(3) => (LogServer::Nginx, Field::Time(LoggedSpan::Response, SECOND)),
        _ => (LogServer::Unknown, Field::Ignored),
    }
}

/// How many decimals a plain number has.
fn decimals(token: &[u8]) -> Option<usize> {
    let point = memchr(b'.', token)?;
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    (digits(&token[..point]) && digits(&token[point + 1..])).then(|| token.len() - point - 1)
}

/// Whether a field may be one of nginx's times.
fn is_bare_decimal(token: &[u8]) -> bool {
    decimals(token) == Some(3) || token == b"-"
}

/// Of two times of nginx without names, which is that of the server behind: it is never the longer
/// one.
fn upstream_place(first: &[&[u8]]) -> Option<usize> {
    first.iter().find_map(|line| {
        let tail = &line[memchr::memrchr(b'"', line)? + 1..];
        let tokens = tail.split(|byte| *byte == b' ').filter(|token| is_bare_decimal(token));
        let tokens: Vec<&[u8]> = tokens.collect();
        let [one, two] = tokens[..] else { return None };
        match (one == b"-", two == b"-") {
            (true, false) => Some(0),
            (false, true) => Some(1),
            _ => match (one.len(), one).cmp(&(two.len(), two)) {
                std::cmp::Ordering::Less => Some(0),
                std::cmp::Ordering::Greater => Some(1),
                std::cmp::Ordering::Equal => None,
            },
        }
    })
}
