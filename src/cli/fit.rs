//! `simsrv fit`: from logs and results of load tests to a scenario.

use std::io;
use std::path::Path;

use clap::ArgMatches;

use super::claims::Claims;
use super::end::{End, Failure, input};
use super::files::{self, Inputs};
use super::output;
use super::place::Identity;
use crate::fit::findings::Findings;
use crate::fit::ledger::Ledger;
use crate::fit::measured::{self, percent};
use crate::fit::routes::Routes;
use crate::fit::service::Deployment;
use crate::fit::{report, results_json, scenario_text};
use crate::model::runtime::Class;
use crate::scenario::{Place, Value};

/// Reads the files, says what they hold and writes the scenario.
pub(super) fn fit(matches: &ArgMatches) -> Result<End, Failure> {
    let paths: Vec<&String> = matches.get_many("files").into_iter().flatten().collect();
    let get = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let target = get("output").map(Path::new);
    if let Some(target) = target {
        check_target(target, &paths, matches.get_flag("force"))?;
    }
    let mut deployment = deployment(matches).map_err(input)?;
    let figures = get("measured").map(|text| measured::parse(text, &mut deployment));
    let figures = figures.transpose().map_err(input)?;
    let wanted = matches.get_many::<String>("route").into_iter().flatten();
    let routes = Routes::new(wanted.map(String::as_str)).map_err(input)?;
    let mut ledger = Ledger::new(routes);
    for path in paths {
        read(&mut ledger, path, get("log-format")).map_err(input)?;
    }
    let findings = Findings::new(ledger, figures, deployment).map_err(input)?;
    if let Some(target) = target {
        let scenario = scenario_text::text(&findings, get("class")).map_err(input)?;
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

fn read(ledger: &mut Ledger, path: &str, log_format: Option<&str>) -> Result<(), String> {
    if path == "-" {
        return ledger.read("standard input", io::stdin().lock(), log_format);
    }
    ledger.read(path, files::open(Path::new(path))?, log_format)
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
