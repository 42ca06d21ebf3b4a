//! `simsrv fit`: from logs and results of load tests to a scenario.

use std::io;
use std::path::Path;

use clap::ArgMatches;

use super::checking;
use super::claims::Claims;
use super::end::{ExitStatus, Failure, input};
use super::files::{self, Inputs};
use super::output;
use super::page;
use super::place::Identity;
use crate::fit::check::{self, Check};
use crate::fit::findings::Findings;
use crate::fit::question::{OPTIONS, Question};
use crate::fit::{report, results_json, scenario_text, trace_text};
use crate::page::texts::Texts;
use crate::scenario::{Place, Value};

/// Reads the files, says what they hold and writes the scenario and the trace.
pub(super) fn fit(matches: &ArgMatches, typed: &str) -> Result<ExitStatus, Failure> {
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    check_targets(matches, &paths)?;
    let wanted = checking::Wanted::read(matches)?;
    let question = question(matches).map_err(input)?;
    let log = |path| open(path).map(|file| (shown_as(path), file));
    let findings = question.findings(paths.iter().map(|path| path.as_str()), log).map_err(input)?;
    let checked = wanted.map(|wanted| wanted.check(&findings)).transpose()?;
    write(matches, &question, &findings)?;
    report_of(matches, (&question, &findings), checked.as_ref(), typed)?;
    let text = match get("format") {
        Some("json") => results_json::text(&findings, checked.as_ref()),
        _ => shown(&findings, checked.as_ref(), get("output")),
    };
    output::print(&text, false)?;
    let missed = checked.is_some_and(|check| check.missed());
    Ok(if missed { ExitStatus::Missed } else { ExitStatus::Done })
}

/// Writes what was asked for; all texts are made before the first file is.
fn write(matches: &ArgMatches, question: &Question, findings: &Findings) -> Result<(), Failure> {
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let scenario =
        get("output").map(|path| question.scenario(findings).map(|text| (Path::new(path), text)));
    let trace = get("write-trace").map(|path| Ok((Path::new(path), trace_text::text(findings)?)));
    let texts: Result<Vec<(&Path, String)>, String> = scenario.into_iter().chain(trace).collect();
    for (path, text) in texts.map_err(input)? {
        output::write(path, text.as_bytes())?;
    }
    Ok(())
}

/// Writes what a person reads as a report, with the scenario to download.
fn report_of(
    matches: &ArgMatches,
    (question, findings): (&Question, &Findings),
    checked: Option<&Check>,
    command: &str,
) -> Result<(), Failure> {
    let Some(path) = matches.get_one::<String>("report") else { return Ok(()) };
    let text = shown(findings, checked, None);
    // What no scenario can be made of is told all the same.
    let scenario = question.scenario(findings).ok();
    let files: Vec<_> = scenario.iter().map(|text| ("scenario.toml", &**text)).collect();
    let title = "What the log shows";
    let texts = Texts { title, text: &text, pictures: &[], files: &files, command };
    page::write_texts(Path::new(path), &texts)
}

/// What a person reads.
fn shown(findings: &Findings, checked: Option<&Check>, scenario: Option<&str>) -> String {
    let mut text = report::text(findings);
    if let Some(checked) = checked {
        text.push_str(&check::text(checked));
    }
    if let Some(scenario) = scenario.filter(|path| *path != "-") {
        let quoted = super::command::quoted(scenario);
        text.push_str(&format!("Next       simsrv run {quoted}\n"));
    }
    text
}

fn shown_as(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

fn open(path: &str) -> Result<Box<dyn io::Read>, String> {
    match path {
        "-" => Ok(Box::new(io::stdin().lock())),
        path => Ok(Box::new(files::open(Path::new(path))?)),
    }
}

fn question(matches: &ArgMatches) -> Result<Question, String> {
    let given = |name: &&'static str| {
        let name = *name;
        let values = matches.get_many::<String>(name).into_iter().flatten();
        values.map(move |value| (name, value.as_str()))
    };
    Question::of_options(OPTIONS.iter().flat_map(given))
}

/// Refuses to write over an input, or over a file that was not written here.
fn check_targets(matches: &ArgMatches, inputs: &[&String]) -> Result<(), Failure> {
    let mut claims = Claims::default();
    let old = |path: &Path| Inputs::default().text(path, 512 << 20).unwrap_or_default();
    for (name, option) in
        [("output", "--output"), ("write-trace", "--write-trace"), ("report", "--report")]
    {
        let Some(path) = matches.get_one::<String>(name) else { continue };
        let value = Value { text: path.clone(), place: Place::Flag(name) };
        let target = Path::new(path);
        let own = target.is_file() && old(target).starts_with(scenario_text::MARK);
        let force = matches.get_flag("force") || own;
        claims.output(&value, option, target, force).map_err(input)?;
    }
    let identity = |path: &String| {
        let path = Path::new(path.as_str());
        Some((path.to_owned(), Identity::of_file(path)?))
    };
    let prediction = matches.get_one::<String>("prediction");
    let inputs: Vec<_> = inputs.iter().copied().chain(prediction).filter_map(identity).collect();
    claims.check_inputs(0, &inputs).map_err(input)?;
    claims.try_folders()
}
