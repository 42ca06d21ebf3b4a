//! `simsrv fit`: from logs and results of load tests to a scenario.

use std::io;
use std::path::Path;

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{End, Failure, input};
use super::files::{self, Inputs};
use super::output;
use super::place::Identity;
use crate::fit::question::{OPTIONS, Question};
use crate::fit::{report, results_json, scenario_text};
use crate::scenario::{Place, Value};

/// Reads the files, says what they hold and writes the scenario.
pub(super) fn fit(matches: &ArgMatches) -> Result<End, Failure> {
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let target = get("output").map(Path::new);
    if let Some(target) = target {
        check_target(target, &paths, matches.get_flag("force"))?;
    }
    let question = question(matches).map_err(input)?;
    let log = |path| open(path).map(|file| (shown_as(path), file));
    let findings = question.findings(paths.iter().map(|path| path.as_str()), log).map_err(input)?;
    if let Some(target) = target {
        let scenario = question.scenario(&findings).map_err(input)?;
        output::write(target, scenario.as_bytes())?;
    }
    match get("format") {
        Some("json") => output::print(&results_json::text(&findings), false)?,
        _ => {
            let mut text = report::text(&findings);
            if let Some(target) = target.filter(|target| *target != Path::new("-")) {
                let quoted = super::command::quoted(&target.to_string_lossy());
                text.push_str(&format!("Next       simsrv run {quoted}\n"));
            }
            output::print(&text, false)?;
        }
    }
    Ok(End::Done)
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
fn check_target(target: &Path, inputs: &[&String], force: bool) -> Result<(), Failure> {
    let value = Value { text: target.display().to_string(), place: Place::Flag("output") };
    let mut claims = Claims::default();
    let old = || Inputs::default().text(target, 1 << 20).unwrap_or_default();
    let own = target.is_file() && old().starts_with(scenario_text::MARK);
    let identity = |path: &&String| {
        let path = Path::new(path.as_str());
        Some((path.to_owned(), Identity::of_file(path)?))
    };
    let inputs: Vec<_> = inputs.iter().filter_map(identity).collect();
    claims
        .output(&value, "--output", target, force || own)
        .and_then(|()| claims.check_inputs(0, &inputs))
        .map_err(input)?;
    claims.try_folders()
}
