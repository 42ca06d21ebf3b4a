//! The best row as the configuration of its server.

use super::paragraphs;
use super::{Error, Job, Results};
use crate::experiment::choice::GroupChoice;
use crate::experiment::row::{Axes, Stability};
use crate::experiment::{Cell, CellResult, Plan, stability};
use crate::render::words;
use crate::render::{axes_told, server_config};
use crate::scenario::server::edit::{self, GivenBack};
use crate::scenario::{self, Problem, RawOptions, Value};
use crate::servers::{Preset, PresetUse};

/// Refuses a configuration of no server, and one of a load that no cell can serve.
pub(super) fn check(raw: &RawOptions, plan: &Plan, servers: &[PresetUse]) -> Result<(), Problem> {
    let wanted =
        raw.get("format").filter(|value| ["config", "diff"].contains(&value.text.as_str()));
    let Some(value) = wanted.or(raw.get("export-config")) else { return Ok(()) };
    if servers.is_empty() {
        let sentence = "which server's configuration? Give --server too, such as --server gunicorn";
        return Err(Problem::at(value, sentence));
    }
    let overloaded =
        |cell: &Cell| stability::expected(&cell.model, &plan.settings) == Stability::No;
    if plan.cells.iter().all(overloaded) {
        return Err(Problem::at(value, NO_BEST));
    }
    Ok(())
}

/// Why there is no configuration.
const NO_BEST: &str = "all rows are overloaded, so none is the best: no configuration";

/// The best of the results (one of each group that is compared) as configurations.
///
/// # Errors
/// If there is no best, because every row is overloaded.
pub(super) fn text(
    job: &Job,
    results: &Results,
    servers: &[PresetUse],
    diff: bool,
) -> Result<String, Error> {
    let finished: Vec<&CellResult> = results.finished().map(|(_, cell)| cell).collect();
    let plan = &results.plan;
    let answer = words::answer(plan, &finished);
    let settled = |at: &usize| finished[*at].row.stability != Stability::No;
    let best = match &paragraphs::chosen(&finished)[..] {
        [] => (0..finished.len().min(1)).filter(settled).collect(),
        choices => choices.iter().filter_map(GroupChoice::named).collect::<Vec<_>>(),
    };
    if best.is_empty() && results.partial() {
        return Err(Error::Stopped);
    }
    if best.is_empty() {
        return Err(Error::Results(format!("{answer} So there is no configuration to write.")));
    }
    let all: Vec<&Axes> = finished.iter().map(|cell| &cell.row.axes).collect();
    let mut texts = Vec::new();
    for at in &best {
        let row = &finished[*at].row;
        let cell = plan.cells.iter().find(|cell| cell.axes == row.axes);
        let of = servers.iter().find(|one| one.case == row.axes.case).or(servers.first());
        let (Some(cell), Some(of)) = (cell, of) else { continue };
        let why = match best.len() {
            1 => format!("{answer} {}", words::description(plan)),
            _ => format!("{}:", axes_told(&row.axes, &all, &["workers", "threads"])),
        };
        let raw = raw(job, row.axes.case.as_deref());
        let preload = preload(job, &raw);
        let mut reasons = vec![why.clone()];
        reasons.extend(server_config::unsaid(of.preset, cell.model.server()));
        let written = || server_config::config(of.preset, cell.model.server(), preload, &why);
        let given = given_back(job, &raw, &row.axes)?;
        texts.push(match given {
            Some(given) if given.unsaid.is_empty() || given.before != given.after => {
                shown(of.preset, &given, reasons, (diff, best.len() == 1))
            }
            _ => written(),
        });
    }
    Ok(texts.join("\n"))
}

/// The options of a case.
fn raw(job: &Job, case: Option<&str>) -> RawOptions {
    let of_case = job.cases.iter().find(|(name, _)| name.as_deref() == case);
    of_case.map_or(job.base.clone(), |(_, case)| job.base.with(case))
}

/// What `--from` names, with the values of one row in place of those that were asked for.
fn given_back(job: &Job, raw: &RawOptions, axes: &Axes) -> Result<Option<GivenBack>, Error> {
    let mut chosen = RawOptions::new();
    for (key, value) in raw.iter() {
        let name = key.name;
        let kind = axes.kind.iter().find(|(kind, _)| *kind == name).map(|(_, text)| text.clone());
        let text = match name {
            "workers" => axes.workers.to_string(),
            "threads" => axes.threads.to_string(),
            "cores" => axes.cores.to_string(),
            _ => kind.unwrap_or_else(|| value.text.clone()),
        };
        chosen.set(name, Value { text, place: value.place.clone() });
    }
    edit::given_back(raw, &chosen, &*job.files).map_err(Error::Option)
}

/// A command has the reasons as comments before it.
fn shown(
    preset: &Preset,
    given: &GivenBack,
    mut reasons: Vec<String>,
    (diff, alone): (bool, bool),
) -> String {
    for option in &given.unsaid {
        reasons.push(format!("--{option} is not written here: it cannot be changed in its place."));
    }
    if diff {
        return given.diff();
    }
    let comment = if given.shell { ("# ", "") } else { preset.comment };
    // A file stays as it is, but for what it cannot say.
    let from = usize::from(alone && !given.command);
    let mut text = server_config::comment(&comment, &reasons[from..]);
    text += &given.after;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether new workers are forked with the application loaded.
fn preload(job: &Job, raw: &RawOptions) -> bool {
    let expanded = scenario::server::expand(raw, &*job.files);
    expanded.is_ok_and(|all| all.raw.get("preload").is_some_and(|value| value.text == "true"))
}
