//! Reads recorded runs of a real server: CSV with the columns `phases` (such as `cpu:0.005
//! io:0.04`), `scheduled_s`, `done_s`, and, where they are there, `request` (the line of the
//! script of a closed loop), `client`, `status` and `worker`.
//! Columns go by name, others are ignored, lines that begin with `#` are comments.

use std::io::Read;

use super::phases::{demands, seconds_exactly};
use super::trace_file::short_lines;
use crate::experiment::recorded::validation::{Recorded, Recording};
use crate::time::{Span, Time};

/// Reads a recorded run: of a closed loop if its number of clients and the end of their sending
/// is given.
///
/// # Errors
/// A sentence with the line.
pub fn read(reader: impl Read, closed: Option<(u32, Option<Span>)>) -> Result<Recording, String> {
    let mut csv = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(short_lines(reader));
    let headers = csv.headers().map_err(|error| error.to_string())?.clone();
    let columns = RecordingColumns::find(&headers)?;
    let mut requests = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let read = columns.request(&record).map_err(|error| format!("line {line}: {error}"))?;
        requests.push(read);
    }
    if requests.is_empty() {
        return Err("the file has a header but no requests".to_owned());
    }
    let closed = match closed {
        None => {
            requests.sort_by_key(|request: &Recorded| request.scheduled);
            None
        }
        Some((clients, until)) => Some((clients, end_of(&requests, clients, until)?)),
    };
    Ok(Recording { requests, closed })
}

/// Until when the clients of a closed loop send, if nothing is said: until the last did.
fn end_of(requests: &[Recorded], clients: u32, until: Option<Span>) -> Result<Time, String> {
    let most = requests.iter().map(|request| request.client).max().unwrap_or(0);
    if most >= clients {
        return Err(format!("client {most} in a file of {clients} clients: they count from 0"));
    }
    let last = requests.iter().map(|request| request.scheduled).max().unwrap_or(Time::ZERO);
    Ok(until.map_or(last + Span::from_nanos(1), |span| Time::ZERO + span))
}

/// Where the columns are.
struct RecordingColumns {
    phases: usize,
    scheduled: usize,
    done: usize,
    request: Option<usize>,
    client: Option<usize>,
    status: Option<usize>,
    worker: Option<usize>,
}

impl RecordingColumns {
    fn find(headers: &csv::StringRecord) -> Result<RecordingColumns, String> {
        let find = |name: &str| headers.iter().position(|header| header == name);
        let need = |name: &str| {
            let seen: Vec<&str> = headers.iter().take(12).collect();
            find(name).ok_or_else(|| format!(
                    "no column '{name}' in '{}': this is no recording; a log or the result of a load test is \
                     set beside a prediction by simsrv fit --check",
                    seen.join(",")
                ))
        };
        Ok(RecordingColumns {
            phases: need("phases")?,
            scheduled: need("scheduled_s")?,
            done: need("done_s")?,
            request: find("request"),
            client: find("client"),
            status: find("status"),
            worker: find("worker"),
        })
    }

    fn request(&self, record: &csv::StringRecord) -> Result<Recorded, String> {
        let text = |column: usize| record.get(column).unwrap_or("");
        let time = |column: usize, name: &str| {
            let span = seconds_exactly(text(column)).map_err(|e| format!("{name}: {e}"))?;
            Ok::<Time, String>(Time::ZERO + span)
        };
        let number = |column: Option<usize>| {
            let text = column.map(text).filter(|text| !text.is_empty());
            text.map(|text| text.parse::<u32>().map_err(|_| format!("'{text}' is not a number")))
                .transpose()
        };
        let mut read = Vec::new();
        demands(text(self.phases), &mut read).map_err(|error| format!("phases: {error}"))?;
        let status = number(self.status)?;
        let (scheduled, done) = (time(self.scheduled, "scheduled_s")?, time(self.done, "done_s")?);
        if done < scheduled {
            let (done, scheduled) = (text(self.done), text(self.scheduled));
            return Err(format!("done_s {done} comes before scheduled_s {scheduled}"));
        }
        Ok(Recorded {
            scheduled,
            demands: read,
            done,
            answered: status.is_none_or(|status| (200..400).contains(&status)),
            number: number(self.request)?,
            client: number(self.client)?.unwrap_or(0),
            process: number(self.worker)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_run_is_read() {
        let text = "request,client,phases,scheduled_s,done_s,status,worker\n\
                    1,0,io:1,0.5,1.75,200,3\n0,1,cpu:0.5 io:1,0.25,2,0,\n";
        let open = read(text.as_bytes(), None).unwrap();
        assert_eq!(open.requests[0].scheduled.as_nanos(), 250_000_000, "by the clock");
        assert!(!open.requests[0].answered && open.requests[1].answered);
        assert_eq!(open.requests[1].process, Some(3));
        let closed = read(text.as_bytes(), Some((2, None))).unwrap();
        assert_eq!(closed.requests[0].demands.len(), 1, "by the script");
        assert_eq!(closed.closed, Some((2, Time::from_nanos(500_000_001))));
    }

    #[test]
    fn what_is_no_recorded_run_is_refused_with_a_sentence() {
        for (text, part) in [
            ("", "no column 'phases'"),
            ("phases,scheduled_s,done_s\n", "no requests"),
            ("phases,scheduled_s,done_s\nio:1,x,1\n", "line 2: scheduled_s: 'x' is not a number"),
            ("phases,scheduled_s,done_s\nio,0,1\n", "line 2: phases: 'io' is not a phase"),
            ("phases,scheduled_s,done_s,status\nio:1,0,1,ok\n", "line 2: 'ok' is not a number"),
            ("phases,scheduled_s,done_s\nio:1,2,1\n", "line 2: done_s 1 comes before"),
        ] {
            let error = read(text.as_bytes(), None).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
        let text = "phases,scheduled_s,done_s,client\nio:1,0,1,7\n";
        assert!(read(text.as_bytes(), Some((2, None))).unwrap_err().contains("client 7"));
    }
}
