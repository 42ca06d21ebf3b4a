//! hey (rakyll/hey, `requester/print.go`): `-o csv` has one line a request, in seconds with four
//! decimals; `offset` is its start. Older versions lack it.

use super::columns::{Header, TableRow};
use super::summary_text::{number, number_after};
use super::{Format, LineReader, SummaryFormat, Unread};
use crate::fit::bytes::{SECOND, epoch, nanos, whole};
use crate::fit::record::{LoadTestSummary, LoggedRequest, RequestEnd, Status};

/// One line a request.
pub(crate) const FORMAT: Format = Format {
    name: "hey",
    title: "hey results (CSV)",
    times: "response-time and offset in s, 4 decimals; the wait for a worker is in it",
    recognise,
    only_named: false,
};

/// What it prints.
pub(crate) const SUMMARY: SummaryFormat = SummaryFormat {
    name: "hey-summary",
    title: "hey summary (text)",
    times: "s; the wait for a worker is in it",
    read: summary,
};

const WANTED: [&str; 3] = ["response-time", "status-code", "offset"];

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let header = Header::find(first, WANTED, &["response-time", "Response-delay"])?;
    Some(Box::new(HeyResults(header)))
}

struct HeyResults(Header<3>);

impl LineReader for HeyResults {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let TableRow::Fields([time, status, offset]) = self.0.row(line) else { return Ok(None) };
        let status = match whole(status) {
            Some(code @ 100..1000) => Status::Code(code as u16),
            Some(_) => Status::Failed,
            None => Status::Unknown,
        };
        Ok(Some(LoggedRequest {
            stamp: epoch(offset, SECOND).map(|stamp| (RequestEnd::Arrival, stamp)),
            response: Some(nanos(time, SECOND).ok_or("its response-time is not a number of s")?),
            status,
            ..LoggedRequest::default()
        }))
    }
}

fn summary(text: &str) -> Option<LoadTestSummary> {
    if !text.contains("Latency distribution:") || !text.contains("Requests/sec:") {
        return None;
    }
    let mut quantiles = Vec::new();
    for line in text.lines() {
        // `  99% in 0.1234 secs`; older versions print `99%%`
        if let Some((percent, time)) = line.split_once(" in ").filter(|(p, _)| p.ends_with('%')) {
            quantiles.extend(number(percent).map(|p| p / 100.0).zip(number(time)));
        }
    }
    Some(LoadTestSummary {
        rate: number_after(text, "Requests/sec:"),
        mean: number_after(text, "Average:"),
        quantiles,
        ..LoadTestSummary::default()
    })
}
