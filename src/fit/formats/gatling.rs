//! Gatling's `simulation.log` as text (up to 3.11; later ones are binary): `REQUEST`, groups and
//! name, start and end in milliseconds since 1970, `OK` or `KO`, between tabs.

use super::{Format, LineReader, Unread};
use crate::fit::bytes::{MILLISECOND, epoch, path};
use crate::fit::record::{LoggedRequest, RequestEnd, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "gatling",
    title: "Gatling simulation.log (text)",
    times: "start and end in ms; the wait for a worker is in it",
    recognise,
    only_named: false,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let run = |line: &&[u8]| line.starts_with(b"RUN\t") || line.starts_with(b"REQUEST\t");
    first.iter().any(run).then(|| Box::new(GatlingLog) as Box<dyn LineReader>)
}

struct GatlingLog;

impl LineReader for GatlingLog {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        if !line.starts_with(b"REQUEST\t") {
            return Ok(None);
        }
        let mut last: [&[u8]; 3] = [b""; 3];
        for field in line.split(|byte| *byte == b'\t') {
            if field == b"OK" || field == b"KO" {
                let start = epoch(last[1], MILLISECOND).ok_or("its start is not a number of ms")?;
                let end = epoch(last[2], MILLISECOND).ok_or("its end is not a number of ms")?;
                let response = u64::try_from(end.nanos - start.nanos);
                return Ok(Some(LoggedRequest {
                    stamp: Some((RequestEnd::Arrival, start)),
                    response: Some(response.map_err(|_| "it ends before it starts")?),
                    status: if field == b"OK" { Status::Good } else { Status::Failed },
                    path: path(last[0]),
                    ..LoggedRequest::default()
                }));
            }
            last = [last[1], last[2], field];
        }
        Err("neither OK nor KO stands in it")
    }
}
