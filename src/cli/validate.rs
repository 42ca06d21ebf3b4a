//! `simsrv validate`: recorded runs of a real server beside what the model of it predicts.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::files::Beside;
use super::output::{self, Failure};
use super::{End, args, files, input};
use crate::experiment::validation::{self, Comparison, NAMES, Recording, Settings, Split};
use crate::model::MAX_CLIENTS;
use crate::random::Seed;
use crate::scenario::{self, Problem, Written, recorded, runs};

/// The longest list of runs that is read, in bytes.
const LONGEST: u64 = 16 << 20;
/// Runs of each recording where chance has a part.
const REPLICATIONS: u32 = 20;

/// Compares each row of a list of runs, or the files that are named.
pub(super) fn validate(matches: &ArgMatches) -> Result<End, Failure> {
    let flags = args::written(matches);
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let split = matches.get_one::<String>("split").map(|text| text.parse::<Split>());
    let split = split.transpose().map_err(|error| input(format!("--split: {error}")))?;
    let mut table = Table::default();
    match matches.get_one::<String>("list") {
        Some(list) => {
            let text = files::text(Path::new(list), LONGEST).map_err(input)?;
            let folder = Path::new(list).parent().unwrap_or(Path::new("")).to_owned();
            for run in runs::read(&text).map_err(|error| input(format!("'{list}': {error}")))? {
                let written = run.written.with(&flags);
                let names: Vec<&String> = run.files.iter().collect();
                let found = compare(&written, &folder, &names, split.unwrap_or(run.split))?;
                table.rows.push((run.name, run.target, found));
            }
        }
        None => {
            let found = compare(&flags, &PathBuf::new(), &paths, split.unwrap_or_default())?;
            table.rows.push((String::new(), None, found));
        }
    }
    output::print(&table.text(), false)?;
    Ok(End::Done)
}

fn compare(
    written: &Written,
    folder: &Path,
    names: &[&String],
    split: Split,
) -> Result<Comparison, Failure> {
    let beside = Beside(folder.to_owned());
    let server = scenario::server(written, &beside).map_err(problem)?;
    let clients = written.parse("clients", |text| {
        scenario::resolve::whole(text, "clients", 1, u64::from(MAX_CLIENTS))
    });
    let clients = clients.map_err(problem)?.map(|n| n as u32);
    let until = written.parse("duration", |text| text.parse()).map_err(problem)?;
    let seed = written.parse("seed", |t| scenario::resolve::whole(t, "seed", 0, u64::MAX));
    let replications =
        written.parse("replications", |t| scenario::resolve::whole(t, "replications", 1, 10_000));
    let settings = Settings {
        seed: Seed(seed.map_err(problem)?.unwrap_or(1)),
        replications: replications.map_err(problem)?.map_or(REPLICATIONS, |n| n as u32),
        split,
    };
    let read = |name: &&String| -> Result<Recording, Failure> {
        let file = beside.open(name).map_err(input)?;
        let closed = clients.map(|clients| (clients, until));
        recorded::read(file, closed).map_err(|error| input(format!("'{name}': {error}")))
    };
    let recordings: Vec<Recording> = names.iter().map(read).collect::<Result<_, _>>()?;
    validation::replay(&server, &recordings, settings).map_err(input)
}

fn problem(problem: Problem) -> Failure {
    input(problem)
}

/// What came out, for each run.
#[derive(Default)]
struct Table {
    rows: Vec<(String, Option<f64>, Comparison)>,
}

impl Table {
    /// As a Markdown table: all figures of one run, or the differences of many.
    fn text(&self) -> String {
        match &self.rows[..] {
            [(name, _, found)] if name.is_empty() => all_figures(found),
            rows => differences(rows),
        }
    }
}

/// Measured, predicted and difference, a row for each figure.
fn all_figures(found: &Comparison) -> String {
    let mut text = String::from("| | measured | predicted | difference |\n|---|---:|---:|---:|\n");
    let values = found.measured.values().into_iter().zip(found.predicted.values());
    for (name, (measured, predicted)) in NAMES.into_iter().zip(values) {
        let cells = [figure(measured), figure(predicted), difference(measured, predicted)];
        text += &line(name, &cells);
    }
    text
}

/// One row for each run: its mean, and by how much the prediction differs.
fn differences(rows: &[(String, Option<f64>, Comparison)]) -> String {
    let mut text = String::from(
        "| run | aim | mean measured | mean predicted | mean | p50 | p90 | p95 | p99 | throughput \
         | unanswered |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, target, found) in rows {
        let (measured, predicted) = (found.measured.values(), found.predicted.values());
        let aim = target.map_or(String::new(), |target| format!("{} %", target * 100.0));
        let mut cells = vec![aim, figure(measured[0]), figure(predicted[0])];
        let compared = [0, 1, 2, 3, 4, 6];
        cells.extend(compared.map(|at| difference(measured[at], predicted[at])));
        cells.push(format!("{} / {}", short(measured[7]), short(predicted[7])));
        text += &line(name, &cells);
    }
    text
}

fn line(name: &str, cells: &[String]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}

/// A figure in its unit, to four digits.
fn figure(value: f64) -> String {
    if value.is_finite() { significant(value) } else { String::new() }
}

fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.1}") }
}

/// Four digits that count.
fn significant(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { 3 - value.abs().log10().floor() as i32 };
    format!("{value:.*}", digits.clamp(0, 9) as usize)
}

fn difference(measured: f64, predicted: f64) -> String {
    if measured == predicted {
        return "0".to_owned();
    }
    let share = (predicted / measured - 1.0) * 100.0;
    if share.is_finite() { format!("{share:+.1} %") } else { String::new() }
}
