//! oha (hatoo/oha, `src/printer.rs`): CSV of the successful requests in seconds, JSON, text.

use serde_json::Value as Json;

use super::columns::{Header, TableRow};
use super::summary_text::{number, number_after};
use super::{Format, LineReader, SummaryFormat, Unread};
use crate::fit::bytes::{SECOND, epoch, nanos, whole};
use crate::fit::record::{LoadTestSummary, LoggedRequest, RequestEnd, Status};

/// One line a request.
pub(crate) const FORMAT: Format = Format {
    name: "oha",
    title: "oha results (CSV)",
    times: "request-start and request-duration in s, of answered requests only; the wait for a \
            worker is in it",
    recognise,
    only_named: false,
};

/// The summary as JSON.
pub(crate) const SUMMARY_JSON: SummaryFormat = SummaryFormat {
    name: "oha-json",
    title: "oha summary (JSON)",
    times: "s (metrics.latency_ms: ms); the wait for a worker is in it",
    read: summary_json,
};

/// The summary as text.
pub(crate) const SUMMARY_TEXT: SummaryFormat = SummaryFormat {
    name: "oha-summary",
    title: "oha summary (text)",
    times: "with their units; the wait for a worker is in it",
    read: summary_text,
};

const WANTED: [&str; 3] = ["request-start", "request-duration", "status"];

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let header = Header::find(first, WANTED, &WANTED[..2])?;
    Some(Box::new(OhaResults(header)))
}

struct OhaResults(Header<3>);

impl LineReader for OhaResults {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let TableRow::Fields([start, time, status]) = self.0.row(line) else { return Ok(None) };
        let code = whole(status).filter(|code| (100..1000).contains(code));
        Ok(Some(LoggedRequest {
            stamp: epoch(start, SECOND).map(|stamp| (RequestEnd::Arrival, stamp)),
            response: Some(nanos(time, SECOND).ok_or("its request-duration is not a number of s")?),
            status: code.map_or(Status::Unknown, |code| Status::Code(code as u16)),
            ..LoggedRequest::default()
        }))
    }
}

fn summary_json(text: &str) -> Option<LoadTestSummary> {
    let json: Json = serde_json::from_str(text).ok()?;
    let summary = json.get("summary")?;
    let rate = summary.get("requestsPerSec")?.as_f64();
    let percentiles = json.get("latencyPercentiles")?;
    let at = |name: &str| percentiles.get(name)?.as_f64();
    let known = [(0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99"), (0.999, "p99.9")];
    Some(LoadTestSummary {
        rate,
        mean: summary.get("average").and_then(Json::as_f64),
        quantiles: known.iter().filter_map(|(p, name)| Some((*p, at(name)?))).collect(),
        ..LoadTestSummary::default()
    })
}

fn summary_text(text: &str) -> Option<LoadTestSummary> {
    if !text.contains("Success rate:") || !text.contains("Requests/sec:") {
        return None;
    }
    let mut quantiles = Vec::new();
    for line in text.lines() {
        // `  99.00% in 0.1234 secs`; newer versions: `in 12.34 ms`
        if let Some((percent, time)) = line.split_once("% in ") {
            quantiles.extend(number(percent).map(|p| p / 100.0).zip(time_of(time)));
        }
    }
    Some(LoadTestSummary {
        rate: number_after(text, "Requests/sec:"),
        mean: text.lines().find_map(|line| time_of(line.trim().strip_prefix("Average:")?)),
        quantiles,
        ..LoadTestSummary::default()
    })
}

/// `0.1234 secs`, `12.34 ms`, `1.2 sec`.
fn time_of(text: &str) -> Option<f64> {
    let value = number(text)?;
    match text.split_whitespace().nth(1) {
        Some("ms") => Some(value / 1e3),
        Some("us" | "\u{b5}s") => Some(value / 1e6),
        _ => Some(value),
    }
}
