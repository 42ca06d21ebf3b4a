//! `simsrv validate`: recorded runs of a real server beside what the model of it predicts.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::files::Beside;
use super::output::{self, Failure};
use super::{End, args, files, input};
use crate::experiment::replay::{self, Comparison, NAMES, Recording, Settings, Split};
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
    replay::replay(&server, &recordings, settings).map_err(input)
}

fn problem(problem: Problem) -> Failure {
    input(problem)
}

/// Measured, predicted and difference, for each run.
#[derive(Default)]
struct Table {
    rows: Vec<(String, Option<f64>, Comparison)>,
}

impl Table {
    /// As a Markdown table.
    fn text(&self) -> String {
        let mut text = String::from("| run | |");
        let heads = NAMES.map(|name| name.trim_end_matches("_s").replace('_', " "));
        heads.iter().for_each(|head| text += &format!(" {head} |"));
        text += "\n|---|---|";
        NAMES.iter().for_each(|_| text.push_str("---:|"));
        text.push('\n');
        for (name, target, found) in &self.rows {
            let (measured, predicted) = (found.measured.values(), found.predicted.values());
            text += &line(name, "measured", &measured.map(|value| figure(value)));
            text += &line("", "predicted", &predicted.map(|value| figure(value)));
            let differences: Vec<String> =
                measured.iter().zip(predicted).map(|(m, p)| difference(*m, p)).collect();
            let said = target
                .map_or("difference".to_owned(), |t| format!("difference (aim {} %)", t * 100.0));
            text += &line("", &said, &differences);
        }
        text
    }
}

fn line(name: &str, what: &str, cells: &[String]) -> String {
    format!("| {name} | {what} | {} |\n", cells.join(" | "))
}

fn figure(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { String::new() }
}

fn difference(measured: f64, predicted: f64) -> String {
    if measured == predicted {
        return "0".to_owned();
    }
    let share = (predicted / measured - 1.0) * 100.0;
    if share.is_finite() { format!("{share:+.1} %") } else { String::new() }
}
