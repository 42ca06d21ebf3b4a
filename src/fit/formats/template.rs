//! A log format with fields between literal texts, compiled from its directives.

use memchr::memchr;

use super::{LineReader, Unread};
use crate::fit::bytes::{self, MICROSECOND, MILLISECOND, SECOND, epoch, instant, nanos, whole};
use crate::fit::record::{LogStamp, LoggedRequest, RequestEnd, Status};

/// What a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// Nothing that is wanted.
    Ignored,
    /// `GET /path HTTP/1.1`.
    RequestLine,
    /// The method.
    Method,
    /// The path, with or without its query.
    Path,
    /// The HTTP status.
    Status,
    /// An instant in any form that [`instant`] reads.
    Stamp(RequestEnd),
    /// A number of units (in nanoseconds) since 1970.
    Epoch(RequestEnd, u64),
    /// A length of time in units of so many nanoseconds.
    Time(LoggedSpan, u64),
    /// CPU time in percent of the time that the request was held.
    CpuPercent,
    /// CPU time in units of so many nanoseconds.
    Cpu(u64),
    /// The process id, bare or as `<13131>`.
    Process,
    /// When a proxy got the request: the header `X-Request-Start`.
    Forwarded,
}

/// Which length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoggedSpan {
    /// From arrival to answer.
    Response,
    /// The same, of the server behind; `-` where nginx answered itself, a list after retries.
    Upstream,
    /// How long a worker held it.
    Held,
}

/// A compiled format.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    first: Vec<u8>,
    pieces: Vec<(Field, Vec<u8>)>,
}

impl Template {
    /// Adds a field and the literal text behind it.
    pub(crate) fn push(&mut self, field: Field, literal: &[u8]) {
        self.pieces.push((field, literal.to_owned()));
    }

    /// Adds literal text behind what stands.
    pub(crate) fn literal(&mut self, text: &[u8]) {
        match self.pieces.last_mut() {
            Some((_, literal)) => literal.extend_from_slice(text),
            None => self.first.extend_from_slice(text),
        }
    }

    /// Whether a field of some kind is there.
    pub(crate) fn has(&self, wanted: impl Fn(Field) -> bool) -> bool {
        self.pieces.iter().any(|(field, _)| wanted(*field))
    }

    /// Whether two fields touch, so that nothing says where the first ends.
    pub(crate) fn is_ambiguous(&self) -> bool {
        let count = self.pieces.len();
        self.pieces.iter().take(count.saturating_sub(1)).any(|(_, literal)| literal.is_empty())
    }
}

impl LineReader for Template {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let mut rest = line.strip_prefix(&self.first[..]).ok_or("it begins otherwise")?;
        let mut found = LineFields::default();
        for (field, literal) in &self.pieces {
            let end = end_of(rest, literal).ok_or("a field is missing")?;
            found.take(*field, &rest[..end])?;
            rest = &rest[end + literal.len()..];
        }
        if !rest.is_empty() {
            return Err("there is more behind the last field");
        }
        found.request()
    }
}

/// Where the literal text stands that ends a field; a quote behind a backslash ends nothing.
fn end_of(text: &[u8], literal: &[u8]) -> Option<usize> {
    match literal {
        [] => Some(text.len()),
        [b'"', ..] => {
            let mut from = 0;
            loop {
                let at = from + memchr(b'"', &text[from..])?;
                if text[at..].starts_with(literal) && !text[..at].ends_with(b"\\") {
                    return Some(at);
                }
                from = at + 1;
            }
        }
        [byte] => memchr(*byte, text),
        [first, ..] => {
            // a searcher for the whole literal costs more than it gains on a field
            let mut from = 0;
            loop {
                let at = from + memchr(*first, &text[from..])?;
                if text[at..].starts_with(literal) {
                    return Some(at);
                }
                from = at + 1;
            }
        }
    }
}

/// What was found in a line so far.
#[derive(Default)]
struct LineFields<'l> {
    request: LoggedRequest<'l>,
    upstream: Option<u64>,
    itself: bool,
    percent: Option<f64>,
}

impl<'l> LineFields<'l> {
    fn take(&mut self, field: Field, text: &'l [u8]) -> Result<(), Unread> {
        let request = &mut self.request;
        match field {
            Field::Ignored => {}
            Field::RequestLine => (request.method, request.path) = bytes::request_line(text),
            Field::Method => request.method = text,
            Field::Path => request.path = bytes::path(text),
            Field::Status => request.status = status(text)?,
            Field::Stamp(end) => {
                self.stamp(end, instant(text).ok_or("its date cannot be read")?);
            }
            Field::Epoch(end, unit) => {
                self.stamp(end, epoch(text, unit).ok_or("its date cannot be read")?);
            }
            Field::Time(time, unit) => self.time(time, unit, text)?,
            Field::CpuPercent => {
                let text = std::str::from_utf8(text.strip_suffix(b"%").unwrap_or(text));
                self.percent = text.ok().and_then(|text| text.parse().ok());
            }
            Field::Cpu(unit) => request.cpu = nanos(text, unit),
            Field::Process => {
                let text = text.strip_prefix(b"<").unwrap_or(text);
                request.process = whole(text.strip_suffix(b">").unwrap_or(text));
            }
            Field::Forwarded => request.forwarded = forwarded(text),
        }
        Ok(())
    }

    /// Of two stamps the finer is kept.
    fn stamp(&mut self, end: RequestEnd, stamp: LogStamp) {
        if self.request.stamp.is_none_or(|(_, old)| stamp.step < old.step) {
            self.request.stamp = Some((end, stamp));
        }
    }

    fn time(&mut self, time: LoggedSpan, unit: u64, text: &[u8]) -> Result<(), Unread> {
        let bad = "its duration is not a number";
        match time {
            LoggedSpan::Response => self.request.response = Some(nanos(text, unit).ok_or(bad)?),
            LoggedSpan::Held => self.request.held = Some(nanos(text, unit).ok_or(bad)?),
            LoggedSpan::Upstream if text == b"-" || text.is_empty() => self.itself = true,
            LoggedSpan::Upstream => {
                let last = text.rsplit(|byte| matches!(byte, b',' | b':')).next();
                let last = last.unwrap_or(text).trim_ascii();
                self.upstream = Some(nanos(last, unit).ok_or(bad)?);
            }
        }
        Ok(())
    }

    fn request(self) -> Result<Option<LoggedRequest<'l>>, Unread> {
        if self.itself && self.upstream.is_none() {
            return Err("the proxy answered itself: no server behind had it");
        }
        let mut request = self.request;
        request.response = self.upstream.or(request.response);
        if let (Some(percent), Some(held)) = (self.percent, request.held) {
            request.cpu = Some((held as f64 * percent.clamp(0.0, 1e4) / 100.0) as u64);
        }
        Ok(Some(request))
    }
}

/// A status of three digits; `-` and `000` are no answer.
fn status(text: &[u8]) -> Result<Status, Unread> {
    match whole(text) {
        Some(0) => Ok(Status::Failed),
        Some(code @ 100..1000) => Ok(Status::Code(code as u16)),
        None if text == b"-" => Ok(Status::Failed),
        _ => Err("its status is not a number of three digits"),
    }
}

/// `t=1795401376.868`, or a whole number of seconds, milliseconds or microseconds, which differ in
/// size.
fn forwarded(text: &[u8]) -> Option<LogStamp> {
    let text = text.strip_prefix(b"t=").unwrap_or(text);
    match text.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        ..=11 => epoch(text, SECOND),
        12..=14 => epoch(text, MILLISECOND),
        _ => epoch(text, MICROSECOND),
    }
}
