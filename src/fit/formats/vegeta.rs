//! vegeta (tsenart/vegeta): `encode --to csv` without a header, `encode --to json`, and the text of
//! `report`. `timestamp` is the start, times are nanoseconds.

use super::columns::{Header, TableRow};
use super::summary_text::{number, seconds};
use super::{Format, LineReader, SummaryFormat, Unread};
use crate::fit::bytes::{epoch, instant, nanos, path, whole};
use crate::fit::json::{self, JsonScalar};
use crate::fit::record::{LoadTestSummary, LoggedRequest, RequestEnd, Status};

/// `vegeta encode --to csv`.
pub(crate) const CSV: Format = Format {
    name: "vegeta-csv",
    title: "vegeta results (CSV)",
    times: "start and latency in ns; the wait for a worker is in it",
    recognise: recognise_csv,
    only_named: false,
};

/// `vegeta encode --to json`.
pub(crate) const JSON: Format = Format {
    name: "vegeta-json",
    title: "vegeta results (JSON)",
    times: "timestamp (the start), latency in ns; the wait for a worker is in it",
    recognise: recognise_json,
    only_named: false,
};

/// `vegeta report`.
pub(crate) const SUMMARY: SummaryFormat = SummaryFormat {
    name: "vegeta-report",
    title: "vegeta report (text)",
    times: "with their units; the wait for a worker is in it",
    read: summary,
};

/// timestamp, code, latency, method, url
const PLACES: [Option<usize>; 5] = [Some(0), Some(1), Some(2), Some(9), Some(10)];

fn recognise_csv(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let fields: Vec<&[u8]> = super::columns::fields(first.first()?, b',').collect();
    let numbers = fields.iter().take(5).all(|field| whole(field).is_some());
    (numbers && fields.len() >= 9 && fields[0].len() >= 18)
        .then(|| Box::new(VegetaResults(Header::fixed(b',', PLACES))) as Box<dyn LineReader>)
}

struct VegetaResults(Header<5>);

impl LineReader for VegetaResults {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let TableRow::Fields([stamp, code, latency, method, url]) = self.0.row(line) else {
            return Ok(None);
        };
        Ok(Some(LoggedRequest {
            stamp: Some((
                RequestEnd::Arrival,
                epoch(stamp, 1).ok_or("its timestamp is not a number")?,
            )),
            response: Some(nanos(latency, 1).ok_or("its latency is not a number of ns")?),
            status: status(code),
            method,
            path: path(url),
            ..LoggedRequest::default()
        }))
    }
}

/// `0` is vegeta's word for no answer.
fn status(text: &[u8]) -> Status {
    match whole(text) {
        Some(code @ 100..1000) => Status::Code(code as u16),
        _ => Status::Failed,
    }
}

fn recognise_json(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let has = |name: &[u8]| first.iter().any(|l| memchr::memmem::find(l, name).is_some());
    (has(b"\"latency\"") && has(b"\"timestamp\"") && has(b"\"seq\""))
        .then(|| Box::new(VegetaLines) as Box<dyn LineReader>)
}

struct VegetaLines;

impl LineReader for VegetaLines {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let mut request = LoggedRequest::default();
        json::members(line, &mut |above, key, value| match (above, key, value) {
            (b"", b"timestamp", JsonScalar::Text(text)) => {
                request.stamp = instant(text).map(|stamp| (RequestEnd::Arrival, stamp));
            }
            (b"", b"latency", JsonScalar::Number(text)) => request.response = nanos(text, 1),
            (b"", b"code", JsonScalar::Number(text)) => request.status = status(text),
            (b"", b"method", JsonScalar::Text(text)) => request.method = text,
            (b"", b"url", JsonScalar::Text(text)) => request.path = path(text),
            _ => {}
        })
        .ok_or("it is not one object of JSON")?;
        if request.response.is_none() {
            return Err("it has no latency in ns");
        }
        Ok(Some(request))
    }
}

fn summary(text: &str) -> Option<LoadTestSummary> {
    let line = |name: &str| text.lines().find(|line| line.starts_with(name));
    let list = |line: &str| -> Option<(Vec<String>, Vec<String>)> {
        let (names, values) = line.split_once('[')?.1.split_once(']')?;
        let split = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect();
        Some((split(names), split(values)))
    };
    let (_, counts) = list(line("Requests")?)?;
    let (names, times) = list(line("Latencies")?)?;
    let time = |name: &str| {
        let at = names.iter().position(|found| found == name)?;
        seconds(times.get(at)?)
    };
    let known = [(0.5, "50"), (0.9, "90"), (0.95, "95"), (0.99, "99")];
    Some(LoadTestSummary {
        requests: counts.first().and_then(|count| count.parse().ok()),
        rate: counts.get(1).and_then(|rate| number(rate)),
        mean: time("mean"),
        quantiles: known.iter().filter_map(|(p, name)| Some((*p, time(name)?))).collect(),
        ..LoadTestSummary::default()
    })
}
