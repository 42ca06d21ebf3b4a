//! ab (Apache's bench): what it prints, and the table of `-g`, whose `seconds` is the start in
//! whole seconds and `ttime` milliseconds (httpd, `support/ab.c`).

use super::columns::{Header, TableRow};
use super::summary_text::{number, number_after};
use super::{Format, LineReader, SummaryFormat, Unread};
use crate::fit::bytes::{MILLISECOND, SECOND, epoch, nanos};
use crate::fit::record::{LoadTestSummary, LoggedRequest, RequestEnd};

/// The table of `-g`.
pub(crate) const TABLE: Format = Format {
    name: "ab-table",
    title: "ab table (-g)",
    times: "start in whole s, ttime in ms; the wait for a worker is in it",
    recognise,
    only_named: false,
};

/// What it prints.
pub(crate) const SUMMARY: SummaryFormat = SummaryFormat {
    name: "ab",
    title: "ab summary (text)",
    times: "ms; the wait for a worker is in it",
    read: summary,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let header = Header::find(first, ["seconds", "ttime"], &["seconds", "ttime", "dtime"])?;
    Some(Box::new(AbResults(header)))
}

struct AbResults(Header<2>);

impl LineReader for AbResults {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let TableRow::Fields([start, time]) = self.0.row(line) else { return Ok(None) };
        Ok(Some(LoggedRequest {
            stamp: epoch(start, SECOND).map(|stamp| (RequestEnd::Arrival, stamp)),
            response: Some(nanos(time, MILLISECOND).ok_or("its ttime is not a number of ms")?),
            ..LoggedRequest::default()
        }))
    }
}

fn summary(text: &str) -> Option<LoadTestSummary> {
    let requests = number_after(text, "Complete requests:")?;
    let mut quantiles = Vec::new();
    for line in text.lines() {
        let Some((percent, time)) = line.trim().split_once('%') else { continue };
        if percent.bytes().all(|byte| byte.is_ascii_digit()) {
            quantiles.extend(number(percent).zip(number(time)).map(|(p, t)| (p / 100.0, t / 1e3)));
        }
    }
    Some(LoadTestSummary {
        requests: Some(requests as u64),
        failed: number_after(text, "Failed requests:").map(|count| count as u64),
        rate: number_after(text, "Requests per second:"),
        users: number_after(text, "Concurrency Level:").map(|users| users as u64),
        mean: number_after(text, "Time per request:").map(|ms| ms / 1e3),
        quantiles,
    })
}
