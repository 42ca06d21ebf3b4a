//! `simsrv run`: scenario files, and whether what they expect comes out.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{End, Failure, Stopped, input};
use super::files::{Inputs, LONGEST_TEXT};
use super::place::is_stream;
use super::simulate::{self, Prepared};
use super::task::Task;
use super::{args, output, shard};
use crate::job::{self, Checked, Job, Results};
use crate::scenario::expect::{Expectation, Verdict};
use crate::scenario::raw_options::escaped;
use crate::scenario::written::quoted;
use crate::scenario::{Place, Value, file};

/// Runs each file in turn, after all have been read and planned.
pub(super) fn run(matches: &ArgMatches, typed: &str) -> Result<End, Failure> {
    let check = matches.get_flag("check");
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let inputs = Inputs::default();
    let mut scenarios = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        scenarios.push(ScenarioFile::new(path, matches, typed, (number, check), &inputs)?);
    }
    refuse_two_documents(&scenarios)?;
    for scenario in &scenarios {
        let failed = |stopped: Stopped| scenario.failure(stopped);
        match shard::wanted(&scenario.task.job.base).map_err(|problem| failed(problem.into()))? {
            true if scenarios.len() == 1 => return shard::execute(&scenario.task).map_err(failed),
            true => return Err(input("--shard divides one scenario: name one file")),
            false => {}
        }
    }
    let mut claims = Claims::default();
    let mut prepared = Vec::new();
    for scenario in &scenarios {
        let ready = simulate::prepare(&scenario.task, &mut claims);
        prepared.push(ready.map_err(|stopped| scenario.failure(stopped))?);
        claims.next_scenario();
    }
    let read = inputs.identities();
    for (number, scenario) in scenarios.iter().enumerate() {
        let checked = claims.check_inputs(number, &read);
        checked.map_err(|problem| scenario.failure(problem.into()))?;
    }
    let junit = JunitReport::wanted(matches, &mut claims)?;
    claims.try_folders()?;
    let mut end = End::Done;
    for (scenario, prepared) in scenarios.iter().zip(prepared) {
        end = end.and(scenario.execute(prepared, check)?);
        if end == End::Interrupted {
            return Ok(end);
        }
    }
    junit.map_or(Ok(()), |report| report.write(&scenarios))?;
    Ok(end)
}

/// Refuses what would be two JSON documents on one standard output.
fn refuse_two_documents(scenarios: &[ScenarioFile]) -> Result<(), Failure> {
    let json = |scenario: &&ScenarioFile| {
        let format = scenario.task.job.base.get("format");
        scenario.task.writes && format.is_some_and(|value| value.text == "json")
    };
    match scenarios {
        [_] => Ok(()),
        all if all.iter().any(|scenario| json(&scenario)) => Err(input(
            "--format json: several scenarios would make several documents: run one at a time, or \
             write each to a file of its own with 'export-json' in the scenario",
        )),
        _ => Ok(()),
    }
}

/// The one scenario of a command, for its parts.
pub(super) fn only_file(matches: &ArgMatches, typed: &str) -> Result<ScenarioFile, Failure> {
    match matches.get_one::<String>("files") {
        Some(path) => ScenarioFile::new(path, matches, typed, (0, false), &Inputs::default()),
        None => Err(input("name a scenario file")),
    }
}

/// A scenario with its file.
pub(super) struct ScenarioFile {
    path: String,
    text: String,
    expectations: Vec<Expectation>,
    /// What was found of them.
    checked: RefCell<Vec<Vec<Checked>>>,
    pub task: Task,
}

impl ScenarioFile {
    fn new(
        path: &str,
        matches: &ArgMatches,
        typed: &str,
        (number, check): (usize, bool),
        inputs: &Inputs,
    ) -> Result<ScenarioFile, Failure> {
        let text = inputs.text(Path::new(path), LONGEST_TEXT).map_err(input)?;
        let scenario =
            file::read(&text).map_err(|problem| input(file::show(&problem, path, &text)))?;
        let flags = args::raw(matches);
        let mut base = scenario.base.with(&flags);
        if check {
            let quiet = Value { text: "true".to_owned(), place: Place::Flag("quiet") };
            base.set("quiet", quiet);
        }
        let title = scenario.title.map(|title| format!("{title}\n\n")).unwrap_or_default();
        let folder = match Path::new(path).parent() {
            Some(folder) if !is_stream(Path::new(path)) => folder.to_owned(),
            _ => PathBuf::new(),
        };
        let job = Job {
            base,
            cases: scenario.cases,
            charts: scenario.charts,
            typed: typed.to_owned(),
            again: (format!("simsrv run {}", quoted(path)), flags),
            files: Box::new(inputs.beside(&folder)),
        };
        let lead = if number == 0 { title } else { format!("\n{title}") };
        let task = Task { job, folder, inputs: inputs.clone(), lead, writes: !check };
        let expectations = scenario.expectations;
        let checked = RefCell::default();
        Ok(ScenarioFile { path: path.to_owned(), text, expectations, checked, task })
    }

    fn failure(&self, stopped: Stopped) -> Failure {
        match stopped {
            Stopped::Problem(problem) => input(file::show(&problem, &self.path, &self.text)),
            Stopped::Failure(failure) => failure,
        }
    }

    fn execute(&self, prepared: Prepared, check: bool) -> Result<End, Failure> {
        self.ended(simulate::execute(&self.task, prepared, check), check)
    }

    /// How the command ends after its run: with what was expected, or not.
    pub(super) fn ended(
        &self,
        results: Result<(Results, End), Stopped>,
        check: bool,
    ) -> Result<End, Failure> {
        let (results, end) = results.map_err(|stopped| self.failure(stopped))?;
        if end == End::Interrupted {
            return Ok(end);
        }
        Ok(match self.compare(&results, check)? {
            End::Done => end,
            missed => missed,
        })
    }

    /// Says which expectations are missed, and of which nothing can be said.
    fn compare(&self, results: &Results, check: bool) -> Result<End, Failure> {
        let checked = job::checked(&self.expectations, results);
        let is_met = |cells: &&Vec<Checked>| cells.iter().all(|one| one.verdict == Verdict::Met);
        let met = checked.iter().filter(is_met).count();
        let mut end = End::Done;
        for one in checked.iter().flatten() {
            end = end.and(match one.verdict {
                Verdict::Met => continue,
                Verdict::Missed => End::Missed,
                Verdict::Unclear => End::CannotTell,
            });
            output::tell(&format!("{}: {}", self.path, one.sentence));
        }
        if check {
            let (path, count) = (escaped(&self.path), self.expectations.len());
            output::print(&format!("{path}: {met} of {count} expectations met\n"), false)?;
        }
        self.checked.replace(checked);
        Ok(end)
    }
}

/// Where the report for a server that runs tests goes.
struct JunitReport<'a> {
    path: &'a str,
}

impl<'a> JunitReport<'a> {
    /// Of the flag, if it was given; claims the file.
    fn wanted(matches: &'a ArgMatches, claims: &mut Claims) -> Result<Option<Self>, Failure> {
        let Some(path) = matches.get_one::<String>("export-junit") else { return Ok(None) };
        let value = Value { text: path.clone(), place: Place::Flag("export-junit") };
        let force = args::raw(matches).get("force").is_some_and(|value| value.text == "true");
        claims.output(&value, "--export-junit", Path::new(path), force).map_err(input)?;
        Ok(Some(JunitReport { path }))
    }

    /// Writes what was found of each scenario.
    fn write(&self, scenarios: &[ScenarioFile]) -> Result<(), Failure> {
        let suite = |scenario: &ScenarioFile| (scenario.path.clone(), scenario.checked.take());
        let suites: Vec<_> = scenarios.iter().map(suite).collect();
        output::write(Path::new(self.path), job::junit(&suites).as_bytes())
    }
}
