//! Reads recorded requests: CSV with the columns `arrival_s,phases` or `arrival_s,cpu_s,io_s`, and
//! `route` and `priority` (1 is served first) where there are kinds of requests.
//! Columns go by name, others are ignored, lines that begin with `#` are comments.

use std::io::{self, Read};

use crate::model::{Demand, PhaseKind, Trace};
use crate::time::Time;

use super::phases::{demands, seconds_exactly};
use super::raw_options::escaped;
use super::routes;

/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 1 << 20;

/// Reads a trace.
///
/// # Errors
/// A sentence with the line.
pub fn read(reader: impl Read) -> Result<Trace, String> {
    let mut csv = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(short_lines(reader));
    let headers = csv.byte_headers().map_err(|error| sentence(&error))?.clone();
    let columns = TraceColumns::find(&headers)?;
    let mut trace = Trace::new();
    let mut record = csv::ByteRecord::new();
    let mut read = Vec::new();
    while csv.read_byte_record(&mut record).map_err(|error| sentence(&error))? {
        let line = record.position().map_or(0, csv::Position::line);
        let at_line = |error: String| format!("line {line}: {error}");
        let arrival = columns.demands(&record, &mut read).map_err(at_line)?;
        trace.push(arrival, &read).map_err(|error| at_line(error.into()))?;
        columns.tag(&record, &mut trace).map_err(at_line)?;
    }
    if trace.is_empty() {
        return Err("the file has a header but no requests".to_owned());
    }
    Ok(trace)
}

/// Where the columns are.
struct TraceColumns {
    arrival: usize,
    phases: PhaseColumns,
    route: Option<usize>,
    priority: Option<usize>,
}

enum PhaseColumns {
    /// One column with all phases.
    Phases(usize),
    /// CPU, then I/O; either may be missing.
    Split(Option<usize>, Option<usize>),
}

impl TraceColumns {
    fn find(headers: &csv::ByteRecord) -> Result<TraceColumns, String> {
        if headers.iter().all(|name| name.is_empty()) {
            return Err("the file is empty: its first line names the columns, arrival_s,phases \
                        or arrival_s,cpu_s,io_s"
                .to_owned());
        }
        let find = |wanted: &str| headers.iter().position(|name| name == wanted.as_bytes());
        let seen = || {
            let names =
                headers.iter().map(|n| String::from_utf8_lossy(n).chars().take(40).collect());
            names.take(12).collect::<Vec<String>>().join(",")
        };
        let arrival = find("arrival_s").ok_or_else(|| {
            format!(
                "no column 'arrival_s' in '{}': the first line names the columns. A log or the result of a \
                 load test is read by simsrv fit, which writes a trace (--write-trace)",
                seen()
            )
        })?;
        let phases = match (find("phases"), find("cpu_s"), find("io_s")) {
            (Some(phases), _, _) => PhaseColumns::Phases(phases),
            (None, None, None) => {
                return Err(format!("no column 'phases', 'cpu_s' or 'io_s' in '{}'", seen()));
            }
            (None, cpu, io) => PhaseColumns::Split(cpu, io),
        };
        Ok(TraceColumns { arrival, phases, route: find("route"), priority: find("priority") })
    }

    /// Says of which route the request is that was read last, if the file says it.
    fn tag(&self, record: &csv::ByteRecord, trace: &mut Trace) -> Result<(), String> {
        let text = |column: Option<usize>, name: &str| {
            column.map(|column| field(record, column, name)).transpose()
        };
        let priority = text(self.priority, "priority")?.filter(|text| !text.is_empty());
        let read = priority.map(routes::priority).transpose()?;
        match (text(self.route, "route")?, priority) {
            (Some(name), _) => trace.tag(&escaped(name), read)?,
            (None, Some(priority)) => trace.tag(&format!("priority {priority}"), read)?,
            (None, None) if self.priority.is_some() => trace.tag("no priority", Some(u16::MAX))?,
            (None, None) => {}
        }
        Ok(())
    }

    /// The arrival of a request; its demands go to `into`.
    fn demands(&self, record: &csv::ByteRecord, into: &mut Vec<Demand>) -> Result<Time, String> {
        let field = |column: usize, name: &str| field(record, column, name);
        let arrival = seconds_exactly(field(self.arrival, "arrival_s")?)
            .map_err(|error| format!("arrival_s: {error}"))?;
        match self.phases {
            PhaseColumns::Phases(column) => demands(field(column, "phases")?, into)
                .map_err(|error| format!("phases: {error}"))?,
            PhaseColumns::Split(cpu, io) => {
                into.clear();
                let parts = [(cpu, "cpu_s", PhaseKind::Cpu), (io, "io_s", PhaseKind::Io)];
                for (column, name, kind) in parts {
                    let Some(column) = column else { continue };
                    let span = seconds_exactly(field(column, name)?)
                        .map_err(|error| format!("{name}: {error}"))?;
                    into.push(Demand::new(kind, span));
                }
            }
        }
        Ok(Time::from_nanos(arrival.as_nanos()))
    }
}

/// The text of a column.
fn field<'a>(record: &'a csv::ByteRecord, column: usize, name: &str) -> Result<&'a str, String> {
    let bytes = record.get(column).ok_or_else(|| format!("column '{name}' is missing"))?;
    std::str::from_utf8(bytes).map_err(|_| format!("column '{name}' is not UTF-8 text"))
}

/// What a CSV error says, as a sentence.
fn sentence(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// Refuses lines that are too long before they fill the memory.
pub fn short_lines<R: Read>(inner: R) -> impl Read {
    ShortLines { inner, line: 1, length: 0 }
}

struct ShortLines<R> {
    inner: R,
    line: u64,
    length: usize,
}

impl<R: Read> Read for ShortLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut rest = &buffer[..count];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            rest = &rest[end + 1..];
            self.line += 1;
            self.length = 0;
        }
        self.length += rest.len();
        if self.length > LONGEST_LINE {
            let line = self.line;
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "line {line} is longer than {LONGEST_LINE} bytes: it is no line of a table"
                ),
            ));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let phases = read(&b"arrival_s,phases\n0,cpu:3\n0.5,io:1;cpu:2\n"[..]).unwrap();
        let split = read(&b"# comment\nio_s,arrival_s,cpu_s\n0,0,3\n1,0.5,2\n"[..]).unwrap();
        assert_eq!((phases.len(), split.len()), (2, 2));
        assert_eq!(phases.arrival(1).as_nanos(), 500_000_000);
        assert_eq!(phases.demands(1).len(), 2);
        assert_eq!(split.demands(0).len(), 1, "zero phases take no time");
    }

    #[test]
    fn what_is_no_trace_is_refused_with_a_sentence() {
        for (text, part) in [
            ("", "the file is empty"),
            ("arrival_s,phases\n", "no requests"),
            ("time,phases\n0,cpu:3\n", "no column 'arrival_s' in 'time,phases'"),
            ("arrival_s\n0\n", "no column 'phases'"),
            ("arrival_s,cpu_s\nx,1\n", "line 2: arrival_s: 'x' is not a number"),
            ("arrival_s,cpu_s\n0,y\n", "line 2: cpu_s: 'y' is not a number"),
            ("arrival_s,cpu_s\n0\n", "line 2: column 'cpu_s' is missing"),
            ("arrival_s,cpu_s\n1,1\n0,1\n", "line 3: arrival at 0 s follows one at 1 s"),
            ("arrival_s,cpu_s\n-1,1\n", "negative"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn an_endless_line_is_refused_in_time() {
        let error = read(io::repeat(b'7').take(1 << 40)).unwrap_err();
        assert!(error.contains("line 1 is longer than"), "{error}");
    }
}
