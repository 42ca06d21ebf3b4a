//! k6: samples as CSV (`--out csv`) and NDJSON (`--out json`), and its summary as text or JSON.
//! `http_req_duration` is milliseconds from sending to the last byte without connecting, stamped
//! when the request ends (grafana/k6, `output/csv/output.go`, `output/json`).

use serde_json::Value as Json;

use super::columns::{Header, TableRow};
use super::summary_text::{after, number};
use super::{Format, LineReader, SummaryFormat, Unread};
use crate::fit::bytes::{MILLISECOND, instant, nanos, path, whole, with_unit};
use crate::fit::json::{self, JsonScalar};
use crate::fit::record::{LoadTestSummary, LogStamp, LoggedRequest, RequestEnd, Status};

/// Samples as CSV.
pub(crate) const CSV: Format = Format {
    name: "k6-csv",
    title: "k6 samples (CSV)",
    times: "http_req_duration in ms, stamped at the end; the wait for a worker is in it",
    recognise: recognise_csv,
    only_named: false,
};

/// Samples as NDJSON.
pub(crate) const NDJSON: Format = Format {
    name: "k6-json",
    title: "k6 samples (NDJSON)",
    times: "http_req_duration in ms, stamped at the end; the wait for a worker is in it",
    recognise: recognise_json,
    only_named: false,
};

/// The summary as JSON (`--summary-export`, `handleSummary`).
pub(crate) const SUMMARY_JSON: SummaryFormat = SummaryFormat {
    name: "k6-summary",
    title: "k6 summary (JSON)",
    times: "http_req_duration in ms; the wait for a worker is in it",
    read: summary_json,
};

/// The summary as printed.
pub(crate) const SUMMARY_TEXT: SummaryFormat = SummaryFormat {
    name: "k6-summary",
    title: "k6 summary (text)",
    times: "http_req_duration with its unit; the wait for a worker is in it",
    read: summary_text,
};

const WANTED: [&str; 6] = ["metric_name", "timestamp", "metric_value", "status", "method", "name"];

fn recognise_csv(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let header = Header::find(first, WANTED, &WANTED[..3])?;
    Some(Box::new(K6Samples(header)))
}

struct K6Samples(Header<6>);

/// A stamp: seconds, milliseconds, microseconds or nanoseconds since 1970 by the number of digits
/// (`K6_CSV_TIME_FORMAT`), or a date.
fn stamp(text: &[u8]) -> Option<LogStamp> {
    let unit = match text.len() {
        _ if whole(text).is_none() => return instant(text),
        ..=11 => 1_000_000_000,
        12..=14 => 1_000_000,
        15..=17 => 1_000,
        _ => 1,
    };
    crate::fit::bytes::epoch(text, unit)
}

impl LineReader for K6Samples {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let TableRow::Fields([metric, time, value, status, method, name]) = self.0.row(line) else {
            return Ok(None);
        };
        if metric != b"http_req_duration" {
            return Ok(None);
        }
        let stamp = stamp(time).ok_or("its timestamp cannot be read")?;
        Ok(Some(LoggedRequest {
            stamp: Some((RequestEnd::Departure, stamp)),
            response: Some(nanos(value, MILLISECOND).ok_or("its value is not a number of ms")?),
            status: status_of(status),
            method,
            path: path(name),
            ..LoggedRequest::default()
        }))
    }
}

/// `0` is k6's word for no answer.
fn status_of(text: &[u8]) -> Status {
    match whole(text) {
        Some(code @ 100..1000) => Status::Code(code as u16),
        Some(_) => Status::Failed,
        None => Status::Unknown,
    }
}

fn recognise_json(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let point = |line: &&[u8]| memchr::memmem::find(line, b"\"metric\"").is_some();
    first.iter().any(point).then(|| Box::new(Points) as Box<dyn LineReader>)
}

struct Points;

impl LineReader for Points {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let mut request = LoggedRequest::default();
        let mut wanted = false;
        json::members(line, &mut |above, key, value| match (above, key, value) {
            (b"", b"metric", JsonScalar::Text(name)) => wanted |= name == b"http_req_duration",
            (b"", b"type", JsonScalar::Text(kind)) => wanted &= kind == b"Point",
            (b"data", b"time", JsonScalar::Text(text)) => {
                request.stamp = instant(text).map(|stamp| (RequestEnd::Departure, stamp));
            }
            (b"data", b"value", JsonScalar::Number(text)) => {
                request.response = nanos(text, MILLISECOND);
            }
            (b"tags", b"status", JsonScalar::Text(text)) => request.status = status_of(text),
            (b"tags", b"method", JsonScalar::Text(text)) => request.method = text,
            (b"tags", b"name", JsonScalar::Text(text)) => request.path = path(text),
            _ => {}
        })
        .ok_or("it is not one object of JSON")?;
        match (wanted && request.stamp.is_some(), request.response) {
            (true, Some(_)) => Ok(Some(request)),
            _ => Ok(None),
        }
    }
}

fn summary_json(text: &str) -> Option<LoadTestSummary> {
    let json: Json = serde_json::from_str(text).ok()?;
    let metrics = json.get("metrics")?;
    // handleSummary has the numbers under "values", --summary-export beside one another
    let of = |metric: &str, name: &str| {
        let metric = metrics.get(metric)?;
        metric.get("values").unwrap_or(metric).get(name)?.as_f64()
    };
    let ms = |name: &str| of("http_req_duration", name).map(|ms| ms / 1000.0);
    let requests = of("http_reqs", "count").map(|count| count as u64);
    let share = of("http_req_failed", "rate").or_else(|| of("http_req_failed", "value"));
    let known =
        [(0.5, "med"), (0.9, "p(90)"), (0.95, "p(95)"), (0.99, "p(99)"), (0.999, "p(99.9)")];
    Some(LoadTestSummary {
        requests,
        failed: share.zip(requests).map(|(share, count)| (share * count as f64).round() as u64),
        rate: of("http_reqs", "rate"),
        users: of("vus_max", "max").or_else(|| of("vus_max", "value")).map(|users| users as u64),
        mean: ms("avg"),
        quantiles: known.iter().filter_map(|(p, name)| Some((*p, ms(name)?))).collect(),
    })
}

fn summary_text(text: &str) -> Option<LoadTestSummary> {
    let line = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name));
    let times = line("http_req_duration.")?;
    let time = |name: &str| {
        let word = after(times, &format!("{name}="))?;
        with_unit(word.as_bytes()).map(|nanos| nanos as f64 / 1e9)
    };
    let counts = line("http_reqs.")?.split_once(':')?.1;
    let mut words = counts.split_whitespace();
    let requests = words.next()?.parse().ok();
    let rate = words.next().and_then(|word| word.strip_suffix("/s")?.parse().ok());
    let known = [(0.5, "med"), (0.9, "p(90)"), (0.95, "p(95)"), (0.99, "p(99)")];
    let users = line("vus_max.").and_then(|line| number(line.split_once(':')?.1));
    Some(LoadTestSummary {
        requests,
        failed: None,
        rate,
        users: users.map(|users| users as u64),
        mean: time("avg"),
        quantiles: known.iter().filter_map(|(p, name)| Some((*p, time(name)?))).collect(),
    })
}
