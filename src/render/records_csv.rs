//! One row per request, in order of request number.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::charts::TimelineCell;
use super::results_csv::text_cell;
use crate::record::{Outcome, RequestRecord, Sink};
use crate::time::{NANOS_PER_SECOND, Time, scaled_decimal, seconds_with_nine_decimals};

/// The header's columns.
pub(crate) const COLUMNS: &str =
    "cell,replication,request,client,worker,arrival_s,start_s,departure_s,outcome";
/// The column after these, where requests are of several routes.
pub(crate) const ROUTE: &str = "route";

/// Writes records as they come, and holds back those that overtook others.
///
/// An error of the writer ends the writing; [`RecordRows::finish`] gives it.
#[derive(Debug)]
pub(crate) struct RecordRows<W> {
    out: W,
    cell: usize,
    replication: u64,
    clients: bool,
    /// The names of the routes, if there are several.
    routes: Vec<String>,
    next: u64,
    early: BTreeMap<u64, RequestRecord>,
    result: io::Result<()>,
}

impl<W: Write> RecordRows<W> {
    /// Rows of one replication of a cell; both are printed as numbers from 1. Where requests do
    /// not come from `clients`, that column stays empty; with `routes` each row ends with one of them.
    pub(crate) fn new(
        out: W,
        (cell, replication): (usize, u64),
        clients: bool,
        routes: Vec<String>,
    ) -> Self {
        let early = BTreeMap::new();
        RecordRows { out, cell, replication, clients, routes, next: 0, early, result: Ok(()) }
    }

    fn row(&mut self, record: &RequestRecord) -> io::Result<()> {
        let seconds = |time: Time| seconds_with_nine_decimals(time.as_nanos());
        let served = record.outcome == Outcome::Served;
        let worker = if served { (record.worker + 1).to_string() } else { String::new() };
        let start = if served { seconds(record.start) } else { String::new() };
        let client = if self.clients { (record.client + 1).to_string() } else { String::new() };
        let left = record.outcome != Outcome::Refused;
        let route = self.routes.get(record.route as usize);
        let route = route.map_or_else(String::new, |name| format!(",{}", text_cell(name)));
        writeln!(
            self.out,
            "{},{},{},{client},{worker},{},{start},{},{}{route}",
            self.cell + 1,
            self.replication + 1,
            record.request + 1,
            seconds(record.arrival),
            if left { seconds(record.departure) } else { String::new() },
            record.outcome.name(),
        )
    }

    fn write(&mut self, record: &RequestRecord) {
        if self.result.is_ok() {
            self.result = self.row(record);
        }
    }

    /// Writes what was held back.
    ///
    /// # Errors
    /// The first error of the writer.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.early);
        rest.values().for_each(|record| self.write(record));
        self.result
    }
}

impl<W: Write> Sink for RecordRows<W> {
    fn take(&mut self, record: &RequestRecord) {
        if record.request != self.next {
            self.early.insert(record.request, *record);
            return;
        }
        self.write(record);
        self.next += 1;
        while let Some(record) = self.early.remove(&self.next) {
            self.write(&record);
            self.next += 1;
        }
    }
}

/// Reads records that were written here, as the cells of a story: the first replication of each
/// cell.
///
/// # Errors
/// A sentence with the line, also for stories too long to be drawn.
pub fn read(text: &str) -> Result<Vec<TimelineCell>, String> {
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let mut cells: Vec<TimelineCell> = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| super::csv_sentence(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let (cell, replication, record) =
            record_of(&record).ok_or_else(|| format!("line {line} is not a row of visits"))?;
        if replication != 1 {
            continue;
        }
        let label = format!("cell {cell}");
        if cells.last().is_none_or(|last| last.label != label) {
            cells.push(TimelineCell { label, workers: 0, records: Vec::new(), shared: vec![] });
        }
        let Some(last) = cells.last_mut() else { continue };
        if last.records.len() == MOST_DRAWN {
            return Err(format!(
                "cell {cell} has more than {MOST_DRAWN} requests: too long a story to draw"
            ));
        }
        last.workers = last.workers.max(record.worker + 1);
        last.records.push(record);
    }
    if cells.is_empty() {
        return Err("the table of visits has no rows".to_owned());
    }
    Ok(cells)
}

/// Requests of a cell that a timeline shows at most.
const MOST_DRAWN: usize = 200;

fn record_of(record: &csv::StringRecord) -> Option<(u64, u64, RequestRecord)> {
    let number = |at: usize| record.get(at)?.parse::<u64>().ok();
    let time = |at: usize| {
        let text = record.get(at)?;
        scaled_decimal(text, NANOS_PER_SECOND)?.ok().map(Time::from_nanos)
    };
    let outcome = Outcome::ALL.into_iter().find(|outcome| record.get(8) == Some(outcome.name()))?;
    let arrival = time(5)?;
    // Empty where it does not apply.
    let time_or = |at: usize, other: Time| match record.get(at)? {
        "" => Some(other),
        _ => time(at),
    };
    let departure = time_or(7, arrival)?;
    let start = time_or(6, departure)?;
    if start < arrival || departure < start {
        return None;
    }
    let record = RequestRecord {
        request: number(2)?.checked_sub(1)?,
        client: match record.get(3)? {
            "" => 0,
            text => text.parse::<u32>().ok()?.checked_sub(1)?,
        },
        worker: match record.get(4)? {
            "" => 0,
            text => text.parse::<u32>().ok()?.checked_sub(1)?,
        },
        route: 0,
        arrival,
        start,
        departure,
        cpu: departure.since(start),
        outcome,
    };
    Some((number(0)?, number(1)?, record))
}
