//! Traefik's access log (JSON): durations in nanoseconds, `OriginDuration` that of the server
//! behind; `StartUTC` is when the request came (traefik, `pkg/middlewares/accesslog`).

use super::{Format, LineReader, Unread};
use crate::fit::bytes::{instant, nanos, path, whole};
use crate::fit::json;
use crate::fit::record::{LoggedRequest, RequestEnd, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "traefik",
    title: "Traefik access log (JSON)",
    times: "OriginDuration or Duration in ns; the wait for a worker is in it",
    recognise,
    only_named: false,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let has = |name: &[u8]| first.iter().any(|l| memchr::memmem::find(l, name).is_some());
    (has(b"\"DownstreamStatus\"") || has(b"\"OriginDuration\""))
        .then(|| Box::new(TraefikLog) as Box<dyn LineReader>)
}

struct TraefikLog;

impl LineReader for TraefikLog {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let mut request = LoggedRequest::default();
        let mut origin = None;
        json::members(line, &mut |_, key, value| match key {
            b"StartUTC" => {
                request.stamp = instant(value.bytes()).map(|stamp| (RequestEnd::Arrival, stamp));
            }
            b"Duration" => request.response = nanos(value.bytes(), 1),
            b"OriginDuration" => origin = nanos(value.bytes(), 1).filter(|nanos| *nanos > 0),
            b"DownstreamStatus" => {
                let code = whole(value.bytes()).filter(|code| (100..1000).contains(code));
                request.status = code.map_or(Status::Failed, |code| Status::Code(code as u16));
            }
            b"RequestMethod" => request.method = value.bytes(),
            b"RequestPath" => request.path = path(value.bytes()),
            _ => {}
        })
        .ok_or("it is not one object of JSON")?;
        request.response = origin.or(request.response);
        Ok(request.response.is_some().then_some(request))
    }
}
