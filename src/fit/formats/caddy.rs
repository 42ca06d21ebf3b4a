//! Caddy's access log (JSON): `ts` is when the request ended, `duration` seconds from the request
//! to the end of the answer (caddyserver, `modules/caddyhttp/server.go`).

use super::{Format, LineReader, Unread};
use crate::fit::bytes::{SECOND, instant, nanos, path, whole, with_unit};
use crate::fit::json::{self, JsonScalar};
use crate::fit::record::{LoggedRequest, RequestEnd, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "caddy",
    title: "Caddy access log (JSON)",
    times: "ts and duration in s; the wait for a worker is in it",
    recognise,
    only_named: false,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let has = |name: &[u8]| first.iter().any(|l| memchr::memmem::find(l, name).is_some());
    (has(b"\"duration\"") && has(b"\"uri\"")).then(|| Box::new(CaddyLog) as Box<dyn LineReader>)
}

struct CaddyLog;

impl LineReader for CaddyLog {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let mut request = LoggedRequest::default();
        json::members(line, &mut |above, key, value| match (above, key) {
            (b"", b"ts") => {
                request.stamp = instant(value.bytes()).map(|stamp| (RequestEnd::Departure, stamp));
            }
            (b"", b"duration") => {
                request.response = match value {
                    JsonScalar::Text(text) => with_unit(text),
                    other => nanos(other.bytes(), SECOND),
                };
            }
            (b"", b"status") => {
                let code = whole(value.bytes()).filter(|code| (100..1000).contains(code));
                request.status = code.map_or(Status::Failed, |code| Status::Code(code as u16));
            }
            (b"request", b"method") => request.method = value.bytes(),
            (b"request", b"uri") => request.path = path(value.bytes()),
            _ => {}
        })
        .ok_or("it is not one object of JSON")?;
        // other loggers write into the same file
        Ok(request.response.is_some().then_some(request))
    }
}
