//! `simsrv validate`: recorded runs of a real server beside what the model of it predicts.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{ExitStatus, Failure, input};
use super::files::{Inputs, LONGEST_TEXT};
use super::{args, output, page, pictures};
use crate::experiment::recorded::validation::{
    self, Comparison, NAMES, Recording, ReplaySettings, Split,
};
use crate::model::MAX_CLIENTS;
use crate::model::runtime::Class;
use crate::page::texts::Texts;
use crate::random::Seed;
use crate::render::charts::{self, Picture, Sheet};
use crate::render::number;
use crate::scenario::keys::Key;
use crate::scenario::raw_options::escaped;
use crate::scenario::read::switch;
use crate::scenario::runs::{self, Runs};
use crate::scenario::{self, Problem, RawOptions, recorded};

/// Runs of each recording where chance has a part.
const REPLICATIONS: u32 = 20;

/// Compares each row of a list of runs, or the files that are named.
pub(super) fn validate(matches: &ArgMatches, typed: &str) -> Result<ExitStatus, Failure> {
    let flags = args::raw(matches);
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let split = matches.get_one::<String>("split").map(|text| text.parse::<Split>());
    let split = split.transpose().map_err(|error| input(format!("--split: {error}")))?;
    let check = matches.get_flag("check");
    refuse_unwritten(&flags)?;
    let inputs = Inputs::default();
    let (runs, folder) = match matches.get_one::<String>("list") {
        Some(list) => listed(list, &flags, &inputs, split)?,
        None => (vec![alone(&paths, &flags, split)], PathBuf::new()),
    };
    if check && runs.iter().all(|run| run.target.is_none()) {
        return Err(input("--check: no run has a target: give a --list with a column 'target'"));
    }
    // All files are read before anything is replayed, so that none of them is written over.
    for name in runs.iter().flat_map(|run| &run.files) {
        inputs.table(&folder.join(name)).map_err(input)?;
    }
    claim_outputs(&flags, &inputs)?;
    let mut table = ValidationTable::default();
    for run in runs {
        table.rows.push(compare(run, (&inputs, &folder))?);
    }
    if let Some(folder) = flags.get("plot").map(|value| PathBuf::from(&value.text)) {
        let picture = table.picture()?;
        output::make_folder(&folder).and_then(|()| pictures::write(&[picture], &folder))?;
    }
    if let Some(path) = flags.get("report") {
        table.report(Path::new(&path.text), typed)?;
    }
    output::print(&table.text(), false)?;
    Ok(if check { table.check() } else { ExitStatus::Done })
}

/// The runs of a list, each with the flags over its options, and the folder of their files.
fn listed(
    list: &str,
    flags: &RawOptions,
    inputs: &Inputs,
    split: Option<Split>,
) -> Result<(Vec<Runs>, PathBuf), Failure> {
    let path = Path::new(list);
    let text = inputs.text(path, LONGEST_TEXT).map_err(input)?;
    let runs = runs::read(&text).map_err(|error| input(format!("'{list}': {error}")))?;
    let with_flags =
        |run: Runs| Runs { raw: run.raw.with(flags), split: split.unwrap_or(run.split), ..run };
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok((runs.into_iter().map(with_flags).collect(), folder))
}

/// The one run of the files that are named.
fn alone(paths: &[&String], flags: &RawOptions, split: Option<Split>) -> Runs {
    Runs {
        name: String::new(),
        files: paths.iter().map(|path| (*path).clone()).collect(),
        raw: flags.clone(),
        target: None,
        split: split.unwrap_or_default(),
    }
}

/// Refuses options that name a file which nothing would be written to.
fn refuse_unwritten(flags: &RawOptions) -> Result<(), Failure> {
    let unwritten = |key: &Key| key.name == "format" || key.writes_file() && key.name != "report";
    match flags.iter().find(|(key, _)| unwritten(key)) {
        Some((key, _)) => Err(input(format!(
            "--{} cannot be used with 'simsrv validate': its table goes to standard output",
            key.name
        ))),
        None => Ok(()),
    }
}

/// Claims the picture and the report that are wanted, before anything is replayed.
fn claim_outputs(flags: &RawOptions, inputs: &Inputs) -> Result<(), Failure> {
    let force = switch(flags, "force").map_err(problem)?;
    let mut claims = Claims::default();
    let mut claim = || {
        if let Some(value) = flags.get("plot") {
            let stems = [charts::PREDICTED_AGAINST_MEASURED];
            claims.pictures(value, Path::new(&value.text), stems, force)?;
        }
        if let Some(value) = flags.get("report") {
            claims.output(value, "--report", Path::new(&value.text), force)?;
        }
        claims.check_inputs(0, &inputs.identities())
    };
    claim().map_err(problem)?;
    claims.try_folders()
}

/// Recorded runs of one server beside what is predicted.
struct ComparedServer {
    /// Empty where nobody gave a name.
    name: String,
    /// How near it should come, as a share.
    target: Option<f64>,
    /// The class of its workers.
    class: &'static str,
    figures: Comparison,
}

fn compare(run: Runs, (inputs, folder): (&Inputs, &Path)) -> Result<ComparedServer, Failure> {
    let Runs { name, files, raw, target, split } = run;
    let server = scenario::server(&raw, &inputs.beside(folder)).map_err(problem)?;
    let clients = raw
        .parse("clients", |text| scenario::read::whole(text, "clients", 1, u64::from(MAX_CLIENTS)));
    let clients = clients.map_err(problem)?.map(|n| n as u32);
    let until = raw.parse("duration", |text| text.parse()).map_err(problem)?;
    let seed = raw.parse("seed", |t| scenario::read::whole(t, "seed", 0, u64::MAX));
    let replications =
        raw.parse("replications", |t| scenario::read::whole(t, "replications", 1, 10_000));
    let settings = ReplaySettings {
        seed: Seed(seed.map_err(problem)?.unwrap_or(1)),
        replications: replications.map_err(problem)?.map_or(REPLICATIONS, |n| n as u32),
        split,
    };
    let read = |name: &String| -> Result<Recording, Failure> {
        let bytes = inputs.table(&folder.join(name)).map_err(input)?;
        let closed = clients.map(|clients| (clients, until));
        recorded::read(&bytes[..], closed).map_err(|error| input(format!("'{name}': {error}")))
    };
    let recordings: Vec<Recording> = files.iter().map(read).collect::<Result<_, _>>()?;
    let class = server.runtime.as_ref().map_or(Class::Sync, |runtime| runtime.class).name();
    let figures = validation::replay(&server, &recordings, settings).map_err(input)?;
    Ok(ComparedServer { name, target, class, figures })
}

fn problem(problem: Problem) -> Failure {
    input(problem)
}

/// What came out, for each run.
#[derive(Default)]
struct ValidationTable {
    rows: Vec<ComparedServer>,
}

impl ValidationTable {
    /// As a Markdown table: all figures of one run, or the differences of many.
    fn text(&self) -> String {
        match &self.rows[..] {
            [row] if row.name.is_empty() => all_figures(&row.figures),
            rows => differences(rows),
        }
    }

    /// All runs, predicted against measured.
    fn picture(&self) -> Result<Picture, Failure> {
        let runs: Vec<charts::ComparedRun<'_>> =
            self.rows.iter().map(ComparedServer::drawn).collect();
        let drawn = charts::predicted_against_measured(&runs);
        drawn.map(Sheet::picture).map_err(|error| input(format!("--plot: {error}")))
    }

    /// The table and the picture as a report.
    fn report(&self, path: &Path, command: &str) -> Result<(), Failure> {
        let (text, picture) = (self.text(), self.picture()?);
        let pictures = [(&*picture.title, &*picture.svg)];
        let title = "Predicted against measured";
        let texts = Texts { title, text: &text, pictures: &pictures, files: &[], command };
        page::write_texts(path, &texts)
    }

    /// Says which runs are farther off than they should be.
    fn check(&self) -> ExitStatus {
        let missed: Vec<String> = self.rows.iter().flat_map(ComparedServer::missed).collect();
        missed.iter().for_each(|sentence| output::tell(sentence));
        if missed.is_empty() { ExitStatus::Done } else { ExitStatus::Missed }
    }
}

/// What is held to the target of a run, by its place in [`NAMES`].
const HELD: [usize; 5] = [0, 1, 3, 4, 6];
/// Place of the unanswered in [`NAMES`].
const UNANSWERED: usize = 7;

impl ComparedServer {
    /// What a picture shows of it.
    fn drawn(&self) -> charts::ComparedRun<'_> {
        let name = if self.name.is_empty() { "the recorded run" } else { &self.name };
        charts::ComparedRun { name, class: self.class, figures: &self.figures }
    }

    /// A sentence for each figure that is farther off than the target, and if not as many
    /// requests are unanswered, to half a request a run.
    fn missed(&self) -> Vec<String> {
        let (measured, predicted) =
            (self.figures.measured.values(), self.figures.predicted.values());
        let told = |at: usize, aim: String| {
            format!(
                "{}: {} {} predicted {}, {aim}",
                self.name,
                NAMES[at],
                figure(measured[at]),
                figure(predicted[at]),
            )
        };
        let target = self.target.unwrap_or(f64::INFINITY);
        let near = |at: &usize| {
            let (measured, predicted) = (measured[*at], predicted[*at]);
            measured == predicted || (predicted / measured - 1.0).abs() <= target
        };
        let far = HELD.into_iter().filter(|at| self.target.is_some() && !near(at));
        let mut missed: Vec<String> =
            far.map(|at| told(at, format!("more than {} % off", percent(target)))).collect();
        if (predicted[UNANSWERED] - measured[UNANSWERED]).abs() > 0.5 {
            missed.push(told(UNANSWERED, "a different number".to_owned()));
        }
        missed
    }
}

/// Measured, predicted and difference, a row for each figure.
fn all_figures(found: &Comparison) -> String {
    let mut text = String::from(
        "| | measured | predicted | difference | replay by replay |\n|---|---:|---:|---:|---:|\n",
    );
    let values = found.measured.values().into_iter().zip(found.predicted.values());
    for (at, (measured, predicted)) in values.enumerate() {
        let spread = found.spread(at).map(|(least, most)| (figure(least), figure(most)));
        let spread = spread.map_or(String::new(), |(least, most)| format!("{least} to {most}"));
        let cells = [figure(measured), figure(predicted), difference(measured, predicted), spread];
        text += &line(NAMES[at], &cells);
    }
    text
}

/// One row for each run: its mean, and by how much the prediction differs.
fn differences(rows: &[ComparedServer]) -> String {
    let mut text = String::from(
        "| run | aim | mean measured | mean predicted | mean | p50 | p90 | p95 | p99 | throughput \
         | unanswered | mean, replay by replay |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for ComparedServer { name, target, figures, .. } in rows {
        let (measured, predicted) = (figures.measured.values(), figures.predicted.values());
        let aim = target.map_or(String::new(), |target| format!("{} %", percent(target)));
        let mut cells = vec![aim, figure(measured[0]), figure(predicted[0])];
        let compared = [0, 1, 2, 3, 4, 6];
        cells.extend(compared.map(|at| difference(measured[at], predicted[at])));
        cells.push(format!("{} / {}", short(measured[7]), short(predicted[7])));
        let of_mean = |mean: f64| difference(measured[0], mean);
        let spread = figures.spread(0).map(|(least, most)| (of_mean(least), of_mean(most)));
        cells.push(spread.map_or(String::new(), |(least, most)| format!("{least} to {most}")));
        // A name from a file steers no terminal and makes no column.
        text += &line(&escaped(name).replace('|', "\\|"), &cells);
    }
    text
}

/// A share in percent, without the dust of floating point.
fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
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
    let share = predicted / measured - 1.0;
    if share.is_finite() { number::relative(share) } else { String::new() }
}
