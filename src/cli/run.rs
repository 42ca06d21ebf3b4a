//! `simsrv run`: scenario files, and whether what they expect comes out.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::output::Failure;
use super::simulate::{Job, Results, Stopped};
use super::{End, args, input};
use crate::scenario::{Place, Scenario, Value, file};

/// Runs each file in turn.
pub(super) fn run(matches: &ArgMatches, typed: &str) -> Result<End, Failure> {
    let check = matches.get_flag("check");
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let mut end = End::Done;
    for (at, path) in paths.iter().enumerate() {
        let scenario = Read::new(path, matches)?;
        if at > 0 && !check {
            super::output::print("\n", false)?;
        }
        match scenario.execute(typed, check)? {
            End::Interrupted => return Ok(End::Interrupted),
            End::Missed => end = End::Missed,
            End::Done => {}
        }
    }
    Ok(end)
}

/// A scenario with its file.
struct Read {
    path: String,
    text: String,
    scenario: Scenario,
}

impl Read {
    fn new(path: &str, matches: &ArgMatches) -> Result<Read, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| input(format!("'{path}' cannot be read: {error}")))?;
        let mut scenario =
            file::read(&text).map_err(|problem| input(file::show(&problem, path, &text)))?;
        let flags = args::written(matches)?;
        for (name, value) in flags.iter() {
            let mut value = value.clone();
            if name == "trace" {
                let absolute =
                    std::path::absolute(&value.text).unwrap_or(PathBuf::from(&value.text));
                value.text = absolute.to_string_lossy().into_owned();
            }
            scenario.base.set(name, value);
        }
        Ok(Read { path: path.to_owned(), text, scenario })
    }

    fn execute(mut self, typed: &str, check: bool) -> Result<End, Failure> {
        if check {
            let quiet = Value { text: "true".to_owned(), place: Place::Flag("quiet") };
            self.scenario.base.set("quiet", quiet);
        }
        let folder = Path::new(&self.path).parent().unwrap_or(Path::new("")).to_owned();
        let job = Job {
            base: self.scenario.base.clone(),
            cases: self.scenario.cases.clone(),
            charts: self.scenario.charts.clone(),
            folder,
            typed: typed.to_owned(),
            writes: !check,
        };
        if let Some(title) = self.scenario.title.as_ref().filter(|_| !check) {
            super::output::print(&format!("{title}\n\n"), false)?;
        }
        let results = if check { job.only_compute() } else { job.execute() };
        let results = results.map_err(|stopped| match stopped {
            Stopped::Problem(problem) => input(file::show(&problem, &self.path, &self.text)),
            Stopped::Failure(failure) => failure,
        })?;
        if results.partial() {
            return Ok(End::Interrupted);
        }
        self.compare(&results, check)
    }

    /// Says which expectations are missed.
    fn compare(&self, results: &Results, check: bool) -> Result<End, Failure> {
        let rows = || results.finished().map(|(_, cell)| &cell.row);
        let missed: Vec<String> =
            self.scenario.expectations.iter().flat_map(|wanted| wanted.missed(rows())).collect();
        let count = self.scenario.expectations.len();
        for sentence in &missed {
            eprintln!("{}: {sentence}", self.path);
        }
        if check {
            let met = count - missed.len().min(count);
            super::output::print(
                &format!("{}: {met} of {count} expectations met\n", self.path),
                false,
            )?;
        }
        Ok(if missed.is_empty() { End::Done } else { End::Missed })
    }
}
