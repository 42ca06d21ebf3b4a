//! The comparison as a person and as a program reads it.

use serde_json::{Value, json};

use super::figures::{FAILED, THROUGHPUT};
use super::{ArrivalsFrom, Check, ComparedTime, MeasureRow};
use crate::render::number::{self, count, significant, time};

/// The table, and a sentence on what it is.
pub(crate) fn text(check: &Check) -> String {
    let mut text = format!(
        "\n{:<12}{:>11}{:>12}{:>22}{:>12}  verdict\n",
        "Check", "logged", "predicted", "interval", "difference"
    );
    for (at, row) in check.rows.iter().enumerate() {
        text.push_str(&line(at, row));
    }
    for sentence in [times(check), &how(check)] {
        text.push_str(&format!("{sentence}\n"));
    }
    text
}

fn line(at: usize, row: &MeasureRow) -> String {
    let shown = |value: Option<f64>| value.map_or("–".to_owned(), |value| figure(at, value));
    let interval =
        row.interval.map(|(least, most)| format!("{} to {}", figure(at, least), figure(at, most)));
    let difference = match at {
        FAILED => String::new(),
        _ => row.difference().map_or(String::new(), number::relative),
    };
    let line = format!(
        "{:<12}{:>11}{:>12}{:>22}{:>12}  {}",
        row.measure,
        shown(row.logged),
        shown(row.predicted),
        interval.unwrap_or_default(),
        difference,
        row.verdict.name()
    );
    format!("{}\n", line.trim_end())
}

/// A value of the measure at a place of [`MEASURES`](super::MEASURES), with its unit.
pub(crate) fn figure(at: usize, value: f64) -> String {
    match at {
        THROUGHPUT => format!("{}/s", significant(value)),
        FAILED => format!("{} %", significant(value * 100.0)),
        _ => time(value),
    }
}

/// Which time stands in the rows.
fn times(check: &Check) -> &'static str {
    match check.compared {
        ComparedTime::Response => "mean and percentiles are of the response time",
        ComparedTime::Held => {
            "mean and percentiles are of the time in the worker: the log has no other"
        }
    }
}

fn how(check: &Check) -> String {
    let replays = count(check.replays as u64);
    match (check.arrivals, check.replays) {
        (ArrivalsFrom::Traced, 1) => {
            "the requests of the trace, each with its own CPU and I/O".into()
        }
        (ArrivalsFrom::Traced, _) => format!("{replays} replays of the requests of the trace"),
        (ArrivalsFrom::Logged, 1) => "the arrivals of the log; nothing is drawn".to_owned(),
        (ArrivalsFrom::Logged, _) => {
            format!("interval: the least and the most of {replays} replays of the log's arrivals")
        }
        (ArrivalsFrom::Own, _) => {
            format!("interval: the least and the most of {replays} runs as long as this one")
        }
    }
}

/// The rows for programs: seconds, requests a second, shares; what is not known is `null`.
pub(crate) fn json(check: &Check) -> Value {
    let one = |row: &MeasureRow| {
        json!({
            "measure": row.measure,
            "logged": row.logged,
            "predicted": row.predicted,
            "low": row.interval.map(|(least, _)| least),
            "high": row.interval.map(|(_, most)| most),
            "difference": row.difference(),
            "verdict": row.verdict.name(),
        })
    };
    check.rows.iter().map(one).collect()
}
