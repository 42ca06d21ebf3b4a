//! `simsrv run`: scenario files, and whether what they expect comes out.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::end::{End, Failure, Stopped, input};
use super::results::{Job, Results};
use super::{args, command, files, output, simulate};
use crate::scenario::expect::{Expectation, Verdict};
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
    let mut end = End::Done;
    for scenario in &scenarios {
        end = end.and(scenario.execute(check)?);
        if end == End::Interrupted {
            break;
        }
    }
    Ok(end)
}

/// A scenario with its file.
struct ScenarioFile {
    path: String,
    text: String,
    expectations: Vec<Expectation>,
    job: Job,
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
        let job = Job {
            base,
            cases: scenario.cases,
            charts: scenario.charts,
            folder: Path::new(path).parent().unwrap_or(Path::new("")).to_owned(),
            typed: typed.to_owned(),
            again: (format!("simsrv run {}", command::quoted(path)), flags),
            lead: if number == 0 { title } else { format!("\n{title}") },
            writes: !check,
        };
        let expectations = scenario.expectations;
        Ok(ScenarioFile { path: path.to_owned(), text, expectations, job })
    }

    fn check(&self) -> Result<(), Failure> {
        simulate::check(&self.job).map_err(|stopped| self.failure(stopped))
    }

    fn failure(&self, stopped: Stopped) -> Failure {
        match stopped {
            Stopped::Problem(problem) => input(file::show(&problem, &self.path, &self.text)),
            Stopped::Failure(failure) => failure,
        }
    }

    fn execute(&self, check: bool) -> Result<End, Failure> {
        let results =
            if check { simulate::only_compute(&self.job) } else { simulate::execute(&self.job) };
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
