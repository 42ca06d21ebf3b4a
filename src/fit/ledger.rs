//! What a log holds, gathered line by line in bounded memory: counts of everything, and the times
//! of the first requests.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::bytes::shown;
use super::formats::{self, FIRST_LINES, LineReader, Opened};
use super::lines::{LogLine, LogLines, unpacked};
use super::record::{LoadTestSummary, LoggedRequest, RequestEnd, Status};
use super::routes::{LogRoutes, RouteId};

/// Requests whose times are kept: what comes after them is counted only.
pub(crate) const MOST_KEPT: usize = 1_000_000;

/// One request, with its times in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LedgerRequest {
    /// When it came, where the log has a stamp.
    pub arrival: Option<i64>,
    /// When it was answered, likewise.
    pub departure: Option<i64>,
    /// From arrival to answer.
    pub response: Option<u64>,
    /// How long a worker held it.
    pub held: Option<u64>,
    /// CPU time.
    pub cpu: Option<u64>,
    /// Its route.
    pub(crate) route: RouteId,
    /// How it ended.
    pub status: Status,
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct FileRead {
    /// Its name as given.
    pub(crate) name: String,
    /// The name of its format.
    pub format: &'static str,
    /// What wrote it.
    pub(crate) title: &'static str,
    /// Its times and their units.
    pub(crate) times: String,
    /// How many requests were read.
    pub(crate) requests: u64,
}

/// Lines that were not read, for one reason.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first: its file, its line from 1, and what stands in it.
    pub first: (String, u64, String),
}

/// Requests by status.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statuses(Vec<u64>);

impl Statuses {
    fn take(&mut self, status: Status) {
        let code = match status {
            Status::Unknown => return,
            Status::Code(code) => usize::from(code),
            Status::Failed => 0,
            Status::Good => 1,
        };
        if self.0.len() <= code {
            self.0.resize(code + 1, 0);
        }
        self.0[code] += 1;
    }

    /// The statuses that occurred, in order, each with its number of requests.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, u64)> {
        let counted = |(code, count): (usize, &u64)| (code as u16, *count);
        self.0.iter().enumerate().map(counted).filter(|(_, count)| *count > 0)
    }
}

/// What all files together hold.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The files.
    pub files: Vec<FileRead>,
    /// Requests in all.
    pub requests: u64,
    /// Lines that were not read, by reason.
    pub skipped: BTreeMap<&'static str, Skipped>,
    /// The first requests.
    pub kept: Vec<LedgerRequest>,
    /// The routes.
    pub(crate) routes: LogRoutes,
    /// Requests of each route.
    pub(crate) by_route: Vec<u64>,
    /// Requests of each status that occurred; 0: no answer, 1: fine without a status.
    pub(crate) by_status: Statuses,
    /// Requests that came in each minute since 1970.
    pub(crate) by_minute: BTreeMap<i64, u64>,
    /// The first and the last arrival.
    pub(crate) span: Option<(i64, i64)>,
    /// The coarsest step of a stamp.
    pub(crate) step: u64,
    /// The processes that were named, each with its first and its last request, from 1.
    pub(crate) processes: BTreeMap<u64, (u64, u64)>,
    /// The minute of the last arrival and how many came in it.
    last_minute: (i64, u64),
    /// What a load test says of all requests together.
    pub summary: Option<LoadTestSummary>,
}

/// The longest time of a request that is believed, in nanoseconds: three years.
const LONGEST_TIME: u64 = 100_000_000_000_000_000;
/// The latest instant: in the year 2201.
const LATEST: i64 = 7_300_000_000_000_000_000;

/// Minutes and processes that are told apart: a year, and more than a machine has.
const MOST_COUNTED: usize = 600_000;

impl Ledger {
    /// An empty one that tells routes apart.
    pub fn new(routes: LogRoutes) -> Self {
        Ledger { routes, ..Ledger::default() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// A sentence: it cannot be read, its format is not known, or no line is a request.
    pub fn read(
        &mut self,
        name: &str,
        file: impl Read,
        log_format: Option<&str>,
    ) -> Result<(), String> {
        let name = shown(name.as_bytes(), 200);
        let broken = |error: io::Error| format!("'{name}' cannot be read: {error}");
        let mut lines = LogLines::open(unpacked(file).map_err(broken)?).map_err(broken)?;
        refuse_other_encodings(&name, lines.held())?;
        let opened = match self.open(&name, &lines, log_format)? {
            Some(opened) => opened,
            None => return Ok(()),
        };
        let Opened { name: format, title, times, mut reader } = opened;
        let before = self.requests;
        let mut number = 0;
        while let Some(line) = lines.next().map_err(broken)? {
            number += 1;
            self.line(&name, number, line, &mut *reader);
        }
        self.flush();
        let requests = self.requests - before;
        if requests == 0 {
            return Err(self.nothing(&name, title));
        }
        self.files.push(FileRead { name, format, title, times, requests });
        Ok(())
    }

    /// The format of a file; none if it was a summary, which is then taken.
    fn open<R: Read>(
        &mut self,
        name: &str,
        lines: &LogLines<R>,
        log_format: Option<&str>,
    ) -> Result<Option<Opened>, String> {
        let first = lines.first(FIRST_LINES);
        if first.iter().all(|line| line.is_empty()) {
            return Err(format!("'{name}' is empty"));
        }
        let summary = log_format.is_none_or(formats::is_summary) && lines.is_all_held();
        let opened = match log_format {
            Some(text) if !formats::is_summary(text) => Some(formats::named(text, &first)?),
            Some(_) => None,
            None => formats::recognise(&first),
        };
        if opened.is_some() {
            return Ok(opened);
        }
        let text = String::from_utf8_lossy(lines.held());
        if let Some((format, summary)) = formats::summary(&text, log_format).filter(|_| summary) {
            self.files.push(FileRead {
                name: name.to_owned(),
                format: format.name,
                title: format.title,
                times: format.times.to_owned(),
                requests: 0,
            });
            if self.summary.replace(summary).is_some() {
                return Err("two summaries at once: give one of them".to_owned());
            }
            return Ok(None);
        }
        Err(unknown(name, &first))
    }

    fn line(&mut self, name: &str, number: u64, line: LogLine<'_>, reader: &mut dyn LineReader) {
        let (text, read) = match line {
            LogLine::Whole([]) => return,
            LogLine::Whole(text) => (text, reader.read(text)),
            LogLine::TooLong(front) => (front, Err("it is longer than 65,536 bytes")),
        };
        match read {
            Ok(None) => {}
            Ok(Some(request)) => self.take(&request),
            Err(reason) => {
                let first = || (name.to_owned(), number, shown(text, 100));
                let skipped = self.skipped.entry(reason);
                skipped.or_insert_with(|| Skipped { count: 0, first: first() }).count += 1;
            }
        }
    }

    fn take(&mut self, request: &LoggedRequest<'_>) {
        self.requests += 1;
        let route = self.routes.of(request.method, request.path);
        if self.by_route.len() <= usize::from(route) {
            self.by_route.resize(usize::from(route) + 1, 0);
        }
        self.by_route[usize::from(route)] += 1;
        self.by_status.take(request.status);
        if let Some(process) = request.process.filter(|_| self.processes.len() < MOST_COUNTED) {
            self.processes.entry(process).or_insert((self.requests, 0)).1 = self.requests;
        }
        let kept = self.kept(request, route);
        if let Some(arrival) = kept.arrival {
            self.minute(arrival.div_euclid(60_000_000_000));
            let (first, last) = self.span.unwrap_or((arrival, arrival));
            self.span = Some((first.min(arrival), last.max(arrival)));
        }
        if self.kept.len() < MOST_KEPT {
            self.kept.push(kept);
        }
    }

    /// Counts an arrival of a minute; neighbours mostly are of the same one.
    fn minute(&mut self, minute: i64) {
        if self.last_minute.0 != minute {
            self.flush();
            self.last_minute = (minute, 0);
        }
        self.last_minute.1 += 1;
    }

    /// Adds the arrivals of the last minute to those of all.
    fn flush(&mut self) {
        let (minute, count) = std::mem::take(&mut self.last_minute);
        if count > 0
            && (self.by_minute.len() < MOST_COUNTED || self.by_minute.contains_key(&minute))
        {
            *self.by_minute.entry(minute).or_default() += count;
        }
    }

    fn kept(&mut self, request: &LoggedRequest<'_>, route: RouteId) -> LedgerRequest {
        let bounded = |time: Option<u64>| time.filter(|nanos| *nanos <= LONGEST_TIME);
        let (response, held) = (bounded(request.response), bounded(request.held));
        let time = response.or(held).unwrap_or(0) as i64;
        let within = |at: &i64| (-(LONGEST_TIME as i64)..=LATEST).contains(at);
        let (mut arrival, mut departure) = match request.stamp {
            Some((RequestEnd::Arrival, stamp)) => {
                (Some(stamp.nanos), stamp.nanos.checked_add(time))
            }
            Some((RequestEnd::Departure, stamp)) => {
                (stamp.nanos.checked_sub(time), Some(stamp.nanos))
            }
            None => (None, None),
        };
        let stamp = request.forwarded.or(request.stamp.map(|(_, stamp)| stamp));
        self.step = self.step.max(stamp.map_or(0, |stamp| stamp.step));
        if let Some(forwarded) = request.forwarded {
            // the arrival is known apart from the answer, whose stamp is coarser
            arrival = Some(forwarded.nanos);
            departure = None;
        }
        LedgerRequest {
            arrival: arrival.filter(within),
            departure: departure.filter(within),
            response,
            held,
            cpu: request.cpu,
            route,
            status: request.status,
        }
    }

    /// What to say of a file of which no line is a request.
    fn nothing(&self, name: &str, title: &str) -> String {
        let mut text = format!("no line of '{name}' can be read as a request ({title}):");
        for (reason, skipped) in &self.skipped {
            let (_, line, shown) = &skipped.first;
            text.push_str(&format!("\n  line {line}: {reason}: {shown}"));
        }
        text
    }
}

fn unknown(name: &str, first: &[&[u8]]) -> String {
    let lines: Vec<String> = first
        .iter()
        .filter(|line| !line.is_empty())
        .take(3)
        .map(|line| format!("\n  {}", shown(line, 100)))
        .collect();
    format!(
        "'{name}' is not in a format that is known; it begins:{}\nGive the server's own format, \
         such as --log-format '$remote_addr ... $request_time', or one of {}",
        lines.concat(),
        formats::names().join(", ")
    )
}

/// Refuses UTF-16 and what is not text.
fn refuse_other_encodings(name: &str, front: &[u8]) -> Result<(), String> {
    if front.starts_with(b"\xff\xfe") || front.starts_with(b"\xfe\xff") {
        return Err(format!("'{name}' is UTF-16 text: write it as UTF-8 first"));
    }
    if memchr::memchr(0, &front[..front.len().min(4096)]).is_some() {
        return Err(format!(
            "'{name}' is not text. (Gatling from 3.12 and 'vegeta attack' write binary files: \
             export text or JSON, such as 'vegeta encode --to json'.)"
        ));
    }
    Ok(())
}
