//! Heroku's router log: `connect` and `service` in whole milliseconds; `service` is from the
//! connection to the dyno to its answer, the wait for a worker included (Heroku Dev Center, "HTTP
//! routing"; H12 is the limit of 30 s).

use memchr::memmem;

use super::{Format, LineReader, Unread};
use crate::fit::bytes::{instant, path, whole, with_unit};
use crate::fit::record::{LoggedRequest, RequestEnd, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "heroku",
    title: "Heroku router log",
    times: "service in whole ms; the wait for a worker is in it",
    recognise,
    only_named: false,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let router =
        |line: &&[u8]| value(line, b" service=").is_some() && value(line, b"dyno=").is_some();
    first.iter().any(router).then(|| Box::new(HerokuLog) as Box<dyn LineReader>)
}

struct HerokuLog;

impl LineReader for HerokuLog {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let Some(service) = value(line, b" service=") else {
            return match value(line, b" status=") {
                // what never reached a dyno: H10, H14, ...
                Some(_) => Err("it has no service: no dyno had it"),
                None => Ok(None),
            };
        };
        let code = value(line, b" status=").and_then(whole);
        Ok(Some(LoggedRequest {
            stamp: stamp(line).map(|stamp| (RequestEnd::Departure, stamp)),
            response: Some(with_unit(service).ok_or("its service is not a number of ms")?),
            status: code.map_or(Status::Failed, |code| Status::Code(code as u16)),
            method: value(line, b"method=").unwrap_or(b""),
            path: path(value(line, b" path=").unwrap_or(b"")),
            ..LoggedRequest::default()
        }))
    }
}

/// The date at the front (`heroku logs`), or behind the priority and length of syslog drains.
fn stamp(line: &[u8]) -> Option<crate::fit::record::LogStamp> {
    line.split(|byte| *byte == b' ')
        .take(3)
        .find_map(|word| (word.len() >= 19 && word.get(4) == Some(&b'-')).then(|| instant(word))?)
}

/// The value of `key=value` or `key="value"`; the key comes with what stands before it.
fn value<'l>(line: &'l [u8], key: &[u8]) -> Option<&'l [u8]> {
    let rest = &line[memmem::find(line, key)? + key.len()..];
    match rest.strip_prefix(b"\"") {
        Some(inner) => Some(&inner[..memchr::memchr(b'"', inner)?]),
        None => Some(&rest[..memchr::memchr(b' ', rest).unwrap_or(rest.len())]),
    }
}
