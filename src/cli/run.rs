//! `simsrv run`: scenario files, and whether what they expect comes out.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::end::{End, Failure, Stopped, input};
use super::files::RelativeFiles;
use super::task::Task;
use super::{args, files, output, shard, simulate};
use crate::job::{Job, Results};
use crate::scenario::expect::{Expectation, Verdict};
use crate::scenario::written::quoted;
use crate::scenario::{Place, RawOptions, Value, file};

/// The longest scenario that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Runs each file in turn, after all have been read.
pub(super) fn run(matches: &ArgMatches, typed: &str) -> Result<End, Failure> {
    let check = matches.get_flag("check");
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let read = |(at, path): (usize, &&String)| ScenarioFile::new(path, matches, typed, at, check);
    let scenarios: Vec<ScenarioFile> =
        paths.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    if scenarios.len() > 1 {
        scenarios.iter().try_for_each(ScenarioFile::check)?;
    }
    for scenario in &scenarios {
        let failed = |stopped: Stopped| scenario.failure(stopped);
        match shard::wanted(&scenario.task.job.base).map_err(|problem| failed(problem.into()))? {
            true if scenarios.len() == 1 => return shard::execute(&scenario.task).map_err(failed),
            true => return Err(input("--shard divides one scenario: name one file")),
            false => {}
        }
    }
    let mut end = End::Done;
    for scenario in &scenarios {
        end = end.and(scenario.execute(check)?);
        if end == End::Interrupted {
            break;
        }
    }
    Ok(end)
}

/// The one scenario of a command, for its parts.
pub(super) fn only_file(matches: &ArgMatches, typed: &str) -> Result<ScenarioFile, Failure> {
    match matches.get_one::<String>("files") {
        Some(path) => ScenarioFile::new(path, matches, typed, 0, false),
        None => Err(input("name a scenario file")),
    }
}

/// A scenario with its file.
pub(super) struct ScenarioFile {
    path: String,
    text: String,
    expectations: Vec<Expectation>,
    pub task: Task,
}

impl ScenarioFile {
    fn new(
        path: &str,
        matches: &ArgMatches,
        typed: &str,
        number: usize,
        check: bool,
    ) -> Result<ScenarioFile, Failure> {
        let text = files::text(Path::new(path), LONGEST).map_err(input)?;
        let scenario =
            file::read(&text).map_err(|problem| input(file::show(&problem, path, &text)))?;
        let flags = flags(matches);
        let mut base = scenario.base.with(&flags);
        if check {
            let quiet = Value { text: "true".to_owned(), place: Place::Flag("quiet") };
            base.set("quiet", quiet);
        }
        let title = scenario.title.map(|title| format!("{title}\n\n")).unwrap_or_default();
        let folder = Path::new(path).parent().unwrap_or(Path::new("")).to_owned();
        let job = Job {
            base,
            cases: scenario.cases,
            charts: scenario.charts,
            typed: typed.to_owned(),
            again: (format!("simsrv run {}", quoted(path)), flags),
            files: Box::new(RelativeFiles(folder.clone())),
        };
        let lead = if number == 0 { title } else { format!("\n{title}") };
        let task = Task { job, folder, lead, writes: !check };
        let expectations = scenario.expectations;
        Ok(ScenarioFile { path: path.to_owned(), text, expectations, task })
    }

    fn check(&self) -> Result<(), Failure> {
        simulate::check(&self.task).map_err(|stopped| self.failure(stopped))
    }

    fn failure(&self, stopped: Stopped) -> Failure {
        match stopped {
            Stopped::Problem(problem) => input(file::show(&problem, &self.path, &self.text)),
            Stopped::Failure(failure) => failure,
        }
    }

    fn execute(&self, check: bool) -> Result<End, Failure> {
        self.ended(
            if check { simulate::only_compute(&self.task) } else { simulate::execute(&self.task) },
            check,
        )
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
        let (mut end, mut met) = (End::Done, 0);
        for wanted in &self.expectations {
            let verdicts = wanted.verdicts(results.finished().map(|(_, cell)| &cell.row));
            met += usize::from(verdicts.iter().all(|verdict| *verdict == Verdict::Met));
            for verdict in verdicts {
                let (Verdict::Missed(sentence) | Verdict::Unclear(sentence)) = &verdict else {
                    continue;
                };
                output::tell(&format!("{}: {sentence}", self.path));
                end = end.and(match verdict {
                    Verdict::Missed(_) => End::Missed,
                    _ => End::CannotTell,
                });
            }
        }
        if check {
            let (path, count) = (&self.path, self.expectations.len());
            output::print(&format!("{path}: {met} of {count} expectations met\n"), false)?;
        }
        Ok(end)
    }
}

/// The flags; a trace or a configuration that is named here is beside the user, not beside the
/// scenario.
fn flags(matches: &ArgMatches) -> RawOptions {
    let mut flags = args::raw(matches);
    if let Some(mut value) = flags.get("from").filter(|v| Path::new(&v.text).is_file()).cloned() {
        let absolute = std::path::absolute(&value.text).unwrap_or(PathBuf::from(&value.text));
        value.text = absolute.to_string_lossy().into_owned();
        flags.set("from", value);
    }
    if let Some(mut value) = flags.get("trace").cloned() {
        let absolute = std::path::absolute(&value.text).unwrap_or(PathBuf::from(&value.text));
        value.text = absolute.to_string_lossy().into_owned();
        flags.set("trace", value);
    }
    flags
}
