//! `simsrv run`: scenario files, and whether what they expect comes out.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{ExitStatus, Failure, Stopped, input};
use super::files::{Inputs, LONGEST_TEXT};
use super::place::is_stream;
use super::simulate::{self, Prepared};
use super::task::Task;
use super::{args, output, shard};
use crate::experiment::Plan;
use crate::job::{self, Checked, Job, Results};
use crate::scenario::expect::{ExpectVerdict, Expectation};
use crate::scenario::raw_options::{escaped, shown};
use crate::scenario::read::switch;
use crate::scenario::written::quoted;
use crate::scenario::{Place, Value, file};

/// Runs each file in turn, after all have been read and planned.
pub(super) fn run(matches: &ArgMatches, typed: &str) -> Result<ExitStatus, Failure> {
    let check = matches.get_flag("check");
    let json = check && verdicts_as_json(matches)?;
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
        let ready = ready.map_err(|stopped| scenario.failure(stopped))?;
        scenario.refuse_unknown_routes(ready.plan())?;
        prepared.push(ready);
        claims.next_scenario();
    }
    let read = inputs.identities();
    for (number, scenario) in scenarios.iter().enumerate() {
        let checked = claims.check_inputs(number, &read);
        checked.map_err(|problem| scenario.failure(problem.into()))?;
    }
    let junit = junit_file(matches, &mut claims)?;
    claims.check_inputs(scenarios.len(), &read).map_err(input)?;
    claims.try_folders()?;
    let (mut end, mut suites) = (ExitStatus::Done, Vec::new());
    for (scenario, prepared) in scenarios.iter().zip(prepared) {
        let (ended, checked) = scenario.execute(prepared, check)?;
        if check && !json {
            scenario.print_count(&checked)?;
        }
        end = end.and(ended);
        suites.push((scenario.path.clone(), checked));
        if end == ExitStatus::Interrupted {
            return Ok(end);
        }
    }
    junit.map_or(Ok(()), |path| output::write(path, job::junit(&suites).as_bytes()))?;
    if json {
        output::print(&format!("{:#}\n", job::check_document(&suites)), false)?;
    }
    Ok(end)
}

/// Whether `--check` answers in JSON; it has no other form but its lines.
fn verdicts_as_json(matches: &ArgMatches) -> Result<bool, Failure> {
    match args::raw(matches).get("format").map(|value| value.text.as_str()) {
        None | Some("table") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(input(format!(
            "--format {other} cannot be used with --check, which writes no results: leave it out, \
             or take --format json for the verdicts"
        ))),
    }
}

/// The file of `--export-junit`, if it was given; claims it.
fn junit_file<'a>(
    matches: &'a ArgMatches,
    claims: &mut Claims,
) -> Result<Option<&'a Path>, Failure> {
    let Some(path) = matches.get_one::<String>("export-junit") else { return Ok(None) };
    let value = Value { text: path.clone(), place: Place::Flag("export-junit") };
    let force = switch(&args::raw(matches), "force").map_err(input)?;
    let path = Path::new(path);
    claims.output(&value, "--export-junit", path, force).map_err(input)?;
    Ok(Some(path))
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

/// How a run ended, and what was found of each expectation.
pub(super) type Ended = (ExitStatus, Vec<Vec<Checked>>);

/// A scenario with its file.
pub(super) struct ScenarioFile {
    path: String,
    text: String,
    expectations: Vec<Expectation>,
    pub(crate) task: Task,
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
            every_row: !scenario.expectations.is_empty(),
            typed: typed.to_owned(),
            again: (format!("simsrv run {}", quoted(path)), flags),
            files: Box::new(inputs.beside(&folder)),
        };
        let lead = if number == 0 { title } else { format!("\n{title}") };
        let task = Task { job, folder, inputs: inputs.clone(), lead, writes: !check };
        let expectations = scenario.expectations;
        Ok(ScenarioFile { path: path.to_owned(), text, expectations, task })
    }

    fn failure(&self, stopped: Stopped) -> Failure {
        match stopped {
            Stopped::Problem(problem) => input(file::show(&problem, &self.path, &self.text)),
            Stopped::Failure(failure) => failure,
        }
    }

    /// Refuses expectations of routes that no cell has.
    fn refuse_unknown_routes(&self, plan: &Plan) -> Result<(), Failure> {
        let has = |name: &str| {
            let routes = plan.cells.iter().flat_map(|cell| cell.model.routes());
            routes.into_iter().any(|route| route.name == name)
        };
        let of = |one: &Expectation| one.of.route.clone().filter(|name| !has(name));
        match self.expectations.iter().find_map(|one| Some((one.line, of(one)?))) {
            Some((line, name)) => Err(input(format!(
                "{}:{line}: there is no route '{}' in this scenario: name one of its [[route]]s",
                escaped(&self.path),
                shown(&name)
            ))),
            None => Ok(()),
        }
    }

    fn execute(&self, prepared: Prepared, check: bool) -> Result<Ended, Failure> {
        self.ended(simulate::execute(&self.task, prepared, check), check)
    }

    /// How the command ends after its run: with what was expected, or not.
    pub(super) fn ended(
        &self,
        results: Result<(Results, ExitStatus), Stopped>,
        check: bool,
    ) -> Result<Ended, Failure> {
        let (results, end) = results.map_err(|stopped| self.failure(stopped))?;
        if end == ExitStatus::Interrupted {
            return Ok((end, Vec::new()));
        }
        Ok(match self.compare(&results, check)? {
            (ExitStatus::Done, checked) => (end, checked),
            missed => missed,
        })
    }

    /// Says which expectations are missed, and of which nothing can be said.
    fn compare(&self, results: &Results, check: bool) -> Result<Ended, Failure> {
        let mut checked = job::checked(&self.expectations, results);
        let mut end = ExitStatus::Done;
        for one in checked.iter().flatten() {
            end = end.and(match one.verdict {
                ExpectVerdict::Met => continue,
                ExpectVerdict::Missed => ExitStatus::Missed,
                ExpectVerdict::Unclear => ExitStatus::CannotTell,
            });
            output::tell(&format!("{}: {}", self.path, one.sentence));
        }
        if let Some(slo) = job::objectives(results) {
            // The exit code says it already; without --check the answer was printed.
            if check && slo.verdict != ExpectVerdict::Met {
                output::tell(&format!("{}: {}", self.path, slo.sentence));
            }
            checked.push(vec![slo]);
        }
        Ok((end, checked))
    }

    /// How many expectations are met, in one line.
    fn print_count(&self, checked: &[Vec<Checked>]) -> Result<(), Failure> {
        let count = self.expectations.len();
        let is_met =
            |cells: &&Vec<Checked>| cells.iter().all(|one| one.verdict == ExpectVerdict::Met);
        let met = checked[..count.min(checked.len())].iter().filter(is_met).count();
        let path = escaped(&self.path);
        output::print(&format!("{path}: {met} of {count} expectations met\n"), false)
    }
}
