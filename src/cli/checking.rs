//! `simsrv fit --check`: the scenario whose prediction is set beside the log.

use std::path::Path;

use clap::ArgMatches;

use super::end::{Failure, input};
use super::files::{Inputs, LONGEST_TEXT};
use super::interrupt;
use crate::fit::bytes::with_unit;
use crate::fit::check::{self, Check, Whose};
use crate::fit::findings::Findings;
use crate::fit::scenario_text;
use crate::model::Model;
use crate::scenario::{self, Case, Place, RawOptions, Value, file};

/// What is to be checked.
pub(super) struct Wanted {
    /// The scenario that was given, if one was, with the model of it.
    given: Option<Model>,
    /// The class, as it was given.
    class: Option<String>,
    /// What does not count, in nanoseconds.
    warmup: u64,
}

impl Wanted {
    /// What the flags ask for, if anything; a scenario is read before the log is.
    pub(super) fn read(matches: &ArgMatches) -> Result<Option<Wanted>, Failure> {
        let get = |name: &str| matches.get_one::<String>(name);
        let given = get("prediction");
        if given.is_none() && !matches.get_flag("check") {
            return match get("warmup") {
                Some(_) => Err(input("--warmup has no effect without --check")),
                None => Ok(None),
            };
        }
        let warmup = match get("warmup") {
            Some(text) => with_unit(text.as_bytes())
                .ok_or_else(|| input(format!("--warmup '{text}': write a time, such as 10s")))?,
            None => 0,
        };
        let given = given.map(|path| given_model(path, matches)).transpose()?;
        Ok(Some(Wanted { given, class: get("class").cloned(), warmup }))
    }

    /// Compares.
    pub(super) fn check(self, findings: &Findings) -> Result<Check, Failure> {
        let (model, whose) = match self.given {
            Some(model) => (model, Whose::Given),
            None => (of_findings(findings, self.class.as_deref())?, Whose::OfTheLog),
        };
        let stop = interrupt::stop();
        let checked = check::check(findings, (&model, whose), self.warmup, stop);
        if interrupt::came() {
            return Err(Failure::Interrupted("the check was stopped".to_owned()));
        }
        checked.map_err(input)
    }
}

/// The model of the scenario that the log gives.
fn of_findings(findings: &Findings, class: Option<&str>) -> Result<Model, Failure> {
    let text = scenario_text::text(findings, class, 0).map_err(input)?;
    let scenario = file::read(&text).map_err(input)?;
    one(&scenario.base, &[], &Inputs::default(), "the log's own scenario")
}

/// The model of a scenario or a trace, at the server that the flags say.
fn given_model(path: &str, matches: &ArgMatches) -> Result<Model, Failure> {
    let file = Path::new(path);
    let is_trace = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    let inputs = Inputs::default();
    let flag =
        |name: &'static str, text: &str| Value { text: text.to_owned(), place: Place::Flag(name) };
    let (mut base, mut cases) = (RawOptions::new(), Vec::new());
    if is_trace {
        base.set("trace", flag("trace", path));
    } else {
        let text = inputs.text(file, LONGEST_TEXT).map_err(input)?;
        let scenario =
            file::read(&text).map_err(|problem| input(file::show(&problem, path, &text)))?;
        (base, cases) = (scenario.base, scenario.cases);
    }
    for name in ["workers", "threads", "class", "cores"] {
        if let Some(text) = matches.get_one::<String>(name) {
            base.set(name, flag(name, text));
        }
    }
    if is_trace && base.has("class") {
        // the server's own time is in what was measured
        base.set("overhead", flag("overhead", "0s"));
        base.set("overhead-io", flag("overhead-io", "0s"));
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    one(&base, &cases, &inputs.beside(folder), &format!("'{path}'"))
}

/// The model of the only cell.
pub(super) fn one(
    base: &RawOptions,
    cases: &[Case],
    inputs: &Inputs,
    whose: &str,
) -> Result<Model, Failure> {
    let mut plan = scenario::plan_of_one(base, cases, inputs).map_err(input)?;
    match plan.cells.pop() {
        Some(cell) if plan.cells.is_empty() => Ok(cell.model),
        _ => Err(input(format!(
            "{whose} has several servers or loads, and one prediction is checked: give --workers \
             and the others one number"
        ))),
    }
}
