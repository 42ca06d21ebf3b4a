//! `simsrv fit`: from logs and results of load tests to a scenario.

use std::io;
use std::path::Path;

use clap::ArgMatches;

use super::checking;
use super::claims::Claims;
use super::end::{End, Failure, input};
use super::files::{self, Inputs};
use super::output;
use super::place::Identity;
use crate::fit::check::{self, Check};
use crate::fit::findings::Findings;
use crate::fit::ledger::Ledger;
use crate::fit::measured::{self, percent};
use crate::fit::routes::Routes;
use crate::fit::service::Deployment;
use crate::fit::{report, results_json, scenario_text, trace_text};
use crate::model::runtime::Class;
use crate::scenario::{Place, Value};

/// Reads the files, says what they hold and writes the scenario and the trace.
pub(super) fn fit(matches: &ArgMatches) -> Result<End, Failure> {
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    check_targets(matches, &paths)?;
    let wanted = checking::Wanted::read(matches)?;
    let mut deployment = deployment(matches).map_err(input)?;
    let figures = get("measured").map(|text| measured::parse(text, &mut deployment));
    let figures = figures.transpose().map_err(input)?;
    let routes = matches.get_many::<String>("route").into_iter().flatten();
    let routes = Routes::new(routes.map(String::as_str)).map_err(input)?;
    let mut ledger = Ledger::new(routes);
    for path in paths {
        read(&mut ledger, path, get("log-format")).map_err(input)?;
    }
    let findings = Findings::new(ledger, figures, deployment).map_err(input)?;
    let checked = wanted.map(|wanted| wanted.check(&findings)).transpose()?;
    write(matches, &findings)?;
    let text = match get("format") {
        Some("json") => results_json::text(&findings, checked.as_ref()),
        _ => shown(&findings, checked.as_ref(), get("output")),
    };
    output::print(&text, false)?;
    let missed = checked.is_some_and(|check| check.missed());
    Ok(if missed { End::Missed } else { End::Done })
}

/// Writes what was asked for; all texts are made before the first file is.
fn write(matches: &ArgMatches, findings: &Findings) -> Result<(), Failure> {
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let scenario = get("output").map(|path| {
        scenario_text::text(findings, get("class")).map(|text| (Path::new(path), text))
    });
    let trace = get("write-trace").map(|path| Ok((Path::new(path), trace_text::text(findings)?)));
    let texts: Result<Vec<(&Path, String)>, String> = scenario.into_iter().chain(trace).collect();
    for (path, text) in texts.map_err(input)? {
        output::write(path, text.as_bytes())?;
    }
    Ok(())
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

fn read(ledger: &mut Ledger, path: &str, log_format: Option<&str>) -> Result<(), String> {
    if path == "-" {
        return ledger.read("standard input", io::stdin().lock(), log_format);
    }
    ledger.read(path, files::open(Path::new(path))?, log_format)
}

/// Refuses to write over an input, or over a file that was not written here.
fn check_targets(matches: &ArgMatches, inputs: &[&String]) -> Result<(), Failure> {
    let mut claims = Claims::default();
    let old = |path: &Path| Inputs::default().text(path, 512 << 20).unwrap_or_default();
    for (name, option) in [("output", "--output"), ("write-trace", "--write-trace")] {
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

/// The server, as the flags describe it.
fn deployment(matches: &ArgMatches) -> Result<Deployment, String> {
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let number = |name: &str| match get(name) {
        None => Ok(None),
        Some(text) => match text.parse::<u32>() {
            Ok(number @ 1..=100_000) => Ok(Some(number)),
            _ => Err(format!("--{name} '{text}': write a number of 1 or more, such as 4")),
        },
    };
    let class = get("class").map(|text| text.parse::<Class>()).transpose();
    let class = class.map_err(|error| format!("--class: {error}"))?;
    let busy = |text: &str| {
        percent(text).ok_or_else(|| format!("--cpu-busy '{text}': write a share, such as 60%"))
    };
    let deployment = Deployment {
        workers: number("workers")?,
        threads: number("threads")?,
        event_loop: matches!(class, Some(Class::Gevent | Class::Asgi)),
        cores: get("cores").map(cores).transpose()?,
        cpu_busy: get("cpu-busy").map(busy).transpose()?,
    };
    if deployment.cpu_busy.is_some() && deployment.cores.is_none() {
        return Err("--cpu-busy is a share of the cores: give --cores too".to_owned());
    }
    Ok(deployment)
}

/// `4`, `0.5` or `500m`.
fn cores(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('m') {
        Some(thousandths) => thousandths.parse::<f64>().map(|number| number / 1e3),
        None => text.parse::<f64>(),
    };
    number
        .ok()
        .filter(|cores| *cores >= 0.001 && *cores <= 100_000.0)
        .ok_or_else(|| format!("--cores '{text}': write a number of cores, such as 4, 0.5 or 500m"))
}
