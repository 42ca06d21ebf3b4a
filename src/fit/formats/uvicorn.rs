//! Uvicorn's access log: `INFO:     127.0.0.1:5000 - "GET / HTTP/1.1" 200 OK`. It has neither dates
//! nor durations (uvicorn, `logging.py`, `AccessFormatter`).

use memchr::memmem;

use super::{Format, LineReader, Unread};
use crate::fit::bytes::{request_line, whole};
use crate::fit::record::{LoggedRequest, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "uvicorn",
    title: "Uvicorn access log",
    times: "it has no dates and no durations: only the routes and the statuses",
    recognise,
    only_named: false,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let access = |line: &&[u8]| memmem::find(line, b"INFO:").is_some() && parts(line).is_some();
    first.iter().any(access).then(|| Box::new(UvicornLog) as Box<dyn LineReader>)
}

struct UvicornLog;

/// The request and the status of a line.
fn parts(line: &[u8]) -> Option<(&[u8], u64)> {
    let start = memmem::find(line, b" - \"")? + 4;
    let end = start + memmem::find(&line[start..], b"\" ")?;
    let code = whole(line.get(end + 2..end + 5)?)?;
    Some((&line[start..end], code))
}

impl LineReader for UvicornLog {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        // the server's own lines ("Started server process") stand between
        let Some((request, code)) = parts(line) else { return Ok(None) };
        let (method, path) = request_line(request);
        let status = Status::Code(code as u16);
        Ok(Some(LoggedRequest { status, method, path, ..LoggedRequest::default() }))
    }
}
