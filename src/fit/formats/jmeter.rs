//! JMeter's results as CSV: `timeStamp` is the start in milliseconds since 1970 (or a date),
//! `elapsed` milliseconds from sending to the last byte (apache/jmeter, `CSVSaveService.java`).

use std::collections::HashMap;

use super::columns::{Header, TableRow};
use super::{Format, LineReader, Unread};
use crate::fit::bytes::{MILLISECOND, epoch, instant, nanos, path, whole};
use crate::fit::record::{LoggedRequest, RequestEnd, Status};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "jmeter",
    title: "JMeter results (JTL, CSV)",
    times: "timeStamp and elapsed in ms; the wait for a worker is in it",
    recognise,
    only_named: false,
};

const WANTED: [&str; 8] = [
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "success",
    "URL",
];
/// The columns of a file without a header, as JMeter 5 has them.
const USUAL: [Option<usize>; 8] =
    [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), Some(7), Some(13)];

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let header = Header::find(first, WANTED, &["timeStamp", "elapsed"]);
    let header = header.or_else(|| headless(first))?;
    Some(Box::new(JmeterResults { header, last: HashMap::new() }))
}

/// A file whose header was cut off: thirteen milliseconds since 1970, then a whole number, and
/// `true` or `false` in its place.
fn headless(first: &[&[u8]]) -> Option<Header<8>> {
    let fields: Vec<&[u8]> = super::columns::fields(first.first()?, b',').collect();
    let stamp = fields.first().is_some_and(|f| f.len() == 13 && whole(f).is_some());
    let elapsed = fields.get(1).is_some_and(|f| whole(f).is_some());
    let success = fields.get(7).is_some_and(|f| *f == b"true" || *f == b"false");
    (stamp && elapsed && success).then(|| Header::fixed(b',', USUAL))
}

/// Threads whose last sample is kept to know its sub-samples.
const THREADS: usize = 10_000;

struct JmeterResults {
    header: Header<8>,
    /// Of each thread, the label of its last sample and when that began and ended.
    last: HashMap<Vec<u8>, (Vec<u8>, i64, i64)>,
}

impl JmeterResults {
    /// Whether a sample is a part of the one before: `Home-0` of `Home`, inside its time.
    fn is_part(&mut self, thread: &[u8], label: &[u8], start: i64, end: i64) -> bool {
        let Some((before, from, to)) = self.last.get_mut(thread) else {
            if self.last.len() < THREADS {
                self.last.insert(thread.to_vec(), (label.to_vec(), start, end));
            }
            return false;
        };
        let number = label.strip_prefix(&before[..]).and_then(|rest| rest.strip_prefix(b"-"));
        let digits = number.is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit));
        if digits && start >= *from && end <= *to {
            return true;
        }
        before.clear();
        before.extend_from_slice(label);
        (*from, *to) = (start, end);
        false
    }
}

impl LineReader for JmeterResults {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let TableRow::Fields([stamp, elapsed, label, code, message, thread, success, url]) =
            self.header.row(line)
        else {
            return Ok(None);
        };
        let stamp = if whole(stamp).is_some() { epoch(stamp, MILLISECOND) } else { date(stamp) };
        let stamp = stamp.ok_or("its timeStamp is not a number of ms or a date")?;
        let response = nanos(elapsed, MILLISECOND).ok_or("its elapsed is not a number of ms")?;
        if message.starts_with(b"Number of samples in transaction") {
            return Err("it is a transaction: the sum of samples that stand by themselves");
        }
        let end = stamp.nanos.saturating_add(response as i64);
        if self.is_part(thread, label, stamp.nanos, end) {
            return Err("it is a sub-sample: a part of the sample before it");
        }
        Ok(Some(LoggedRequest {
            stamp: Some((RequestEnd::Arrival, stamp)),
            response: Some(response),
            status: status(code, success),
            path: if label.is_empty() { path(url) } else { path(label) },
            ..LoggedRequest::default()
        }))
    }
}

/// A date such as `2026/11/23 02:36:18.123` (`jmeter.save.saveservice.timestamp_format`).
fn date(text: &[u8]) -> Option<crate::fit::record::LogStamp> {
    let text: Vec<u8> = text.iter().map(|byte| if *byte == b'/' { b'-' } else { *byte }).collect();
    instant(&text)
}

/// The response code, or failed where it is none (`Non HTTP response code: ...`).
pub(crate) fn status(code: &[u8], success: &[u8]) -> Status {
    match whole(code) {
        Some(code @ 100..1000) => Status::Code(code as u16),
        _ if success == b"true" => Status::Good,
        _ if code.is_empty() && success.is_empty() => Status::Unknown,
        _ => Status::Failed,
    }
}
