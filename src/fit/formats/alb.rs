//! The access log of AWS's application load balancer: seconds, -1 where there was no answer;
//! `target_processing_time` runs from sending to the target to its first byte, the wait for a
//! worker included; `time` is when the answer was generated.

use super::columns::fields;
use super::{Format, LineReader, Unread};
use crate::fit::bytes::{SECOND, instant, nanos, request_line, whole};
use crate::fit::record::{LoggedRequest, RequestEnd, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "alb",
    title: "AWS load balancer log (ALB)",
    times: "target_processing_time in s, 3 decimals; the wait for a worker is in it",
    recognise,
    only_named: false,
};

/// The kinds of the first field.
const KINDS: [&[u8]; 6] = [b"http ", b"https ", b"h2 ", b"grpcs ", b"ws ", b"wss "];

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let kind = |line: &&[u8]| KINDS.iter().any(|kind| line.starts_with(kind));
    first.iter().any(kind).then(|| Box::new(AlbLog) as Box<dyn LineReader>)
}

struct AlbLog;

impl LineReader for AlbLog {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let mut all = [&b""[..]; 13];
        let mut count = 0;
        for (into, field) in all.iter_mut().zip(fields(line, b' ')) {
            *into = field;
            count += 1;
        }
        if count < 13 {
            return Err("it has fewer than 13 fields");
        }
        let stamp = instant(all[1]).ok_or("its time cannot be read")?;
        let (response, status) = match (all[6], whole(all[8])) {
            (b"-1", _) => (None, Status::Failed),
            (time, code) => {
                let time =
                    nanos(time, SECOND).ok_or("its target_processing_time is not a number")?;
                (Some(time), code.map_or(Status::Failed, |code| Status::Code(code as u16)))
            }
        };
        let (method, path) = request_line(all[12]);
        Ok(Some(LoggedRequest {
            stamp: Some((RequestEnd::Departure, stamp)),
            response,
            status,
            method,
            path,
            ..LoggedRequest::default()
        }))
    }
}
