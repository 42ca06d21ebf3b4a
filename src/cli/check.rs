//! `simsrv check`: the load test by which a prediction is tried.

use std::path::Path;

use clap::ArgMatches;

use super::checking::one;
use super::claims::Claims;
use super::end::{ExitStatus, Failure, input};
use super::files::{Inputs, LONGEST_TEXT};
use super::{args, command, interrupt, output};
use crate::fit::bytes::shown;
use crate::fit::load_tests::{self, LoadTest, Tool, Url};
use crate::scenario::{Place, RawOptions, Value, file};
use crate::time::Span;

/// Seconds that do not count, and that do, unless something else is said.
const TIMES: [(&str, u64); 2] = [("warmup", 10), ("duration", 60)];

/// The longest title that is shown.
const TITLE: usize = 100;

/// Writes the test.
pub(super) fn check(matches: &ArgMatches) -> Result<ExitStatus, Failure> {
    let get = |name: &str| matches.get_one::<String>(name);
    let name = get("tool").map(String::as_str).unwrap_or_default();
    let tool = Tool::ALL.iter().find(|(known, _)| *known == name);
    let tool = tool.ok_or_else(|| input(format!("'{name}' is not a tool that is known")))?.1;
    let url: Url = get("url")
        .map_or("http://127.0.0.1:8000/", String::as_str)
        .parse()
        .map_err(|error| input(format!("--url: {error}")))?;
    let inputs = Inputs::default();
    let (mut base, cases, title) = scenario(get("scenario"), &inputs)?;
    let flags = args::raw(matches);
    if let Some((key, _)) = flags.iter().find(|(key, _)| key.writes_file() || key.name == "format")
    {
        let name = key.name;
        return Err(input(format!(
            "--{name} cannot be used with 'simsrv check': the test is its output"
        )));
    }
    base = base.with(&flags);
    let [warmup, seconds] = times(&base)?;
    TIMES.iter().for_each(|(name, _)| base.remove(name));
    let folder = get("scenario").and_then(|path| Path::new(path.as_str()).parent());
    let files = inputs.beside(folder.unwrap_or(Path::new("")));
    let model = one(&base, &cases, &files, "the scenario")?;
    let target = get("output").map(Path::new);
    claim(target, matches.get_flag("force"), &inputs)?;
    let scenario = get("scenario").map(|path| command::quoted(path));
    let paths: Vec<String> = matches.get_many("path").into_iter().flatten().cloned().collect();
    let about = (url, &*paths, title, scenario);
    let test = LoadTest::new((tool, &model), about, (warmup, seconds), interrupt::stop());
    if interrupt::came() {
        return Err(Failure::Interrupted("the prediction was stopped".to_owned()));
    }
    let text = load_tests::text(&test.map_err(input)?);
    match target {
        Some(target) => output::write(target, text.as_bytes())?,
        None => output::print(&text, false)?,
    }
    Ok(ExitStatus::Done)
}

type ReadScenario = (RawOptions, Vec<crate::scenario::Case>, String);

/// The options of the scenario, if there is one, and its title.
fn scenario(path: Option<&String>, inputs: &Inputs) -> Result<ReadScenario, Failure> {
    let Some(path) = path else {
        return Ok((RawOptions::new(), Vec::new(), "options of a command".to_owned()));
    };
    let text = inputs.text(Path::new(path), LONGEST_TEXT).map_err(input)?;
    let read = file::read(&text).map_err(|problem| input(file::show(&problem, path, &text)))?;
    let title = read.title.unwrap_or_else(|| path.clone());
    Ok((read.base, read.cases, shown(title.as_bytes(), TITLE)))
}

/// The warm-up and the length of the test, in whole seconds.
fn times(base: &RawOptions) -> Result<[u64; 2], Failure> {
    let mut times = [0; 2];
    for (at, (name, seconds)) in TIMES.iter().enumerate() {
        let given = base.parse(name, |text| match text {
            "auto" => Ok(Span::from_nanos(seconds * 1_000_000_000)),
            text => text.parse::<Span>(),
        });
        let given = given.map_err(input)?.map_or(*seconds as f64, Span::as_secs_f64).ceil();
        if !(1.0..=86_400.0).contains(&given) {
            let sentence = format!("--{name}: a load test takes from 1 s to a day");
            return Err(input(sentence));
        }
        times[at] = given as u64;
    }
    Ok(times)
}

/// Claims the file, which must not be one that is read or that is not a test of simsrv.
fn claim(target: Option<&Path>, force: bool, inputs: &Inputs) -> Result<(), Failure> {
    let Some(target) = target else { return Ok(()) };
    let value = Value { text: target.display().to_string(), place: Place::Flag("output") };
    let mut claims = Claims::default();
    claims
        .output(&value, "--output", target, force)
        .and_then(|()| claims.check_inputs(0, &inputs.identities()))
        .map_err(input)?;
    claims.try_folders()
}
