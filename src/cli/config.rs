//! The best row as the configuration of its server.

use super::files::Beside;
use super::output::Failure;
use super::report;
use super::simulate::{Job, Results, Stopped};
use crate::experiment::CellResult;
use crate::experiment::row::{Axes, Stability};
use crate::render::words;
use crate::render::{axes_told, server_config};
use crate::scenario::{self, Problem, RawOptions};
use crate::servers::Use;

/// Refuses a configuration of no server.
pub(super) fn check(raw: &RawOptions, servers: &[Use]) -> Result<(), Stopped> {
    let wanted = raw.get("format").filter(|value| value.text == "config");
    match wanted.or(raw.get("export-config")) {
        Some(value) if servers.is_empty() => {
            let sentence = "whose configuration? Give --server too, such as --server gunicorn";
            Err(Problem::at(value, sentence).into())
        }
        _ => Ok(()),
    }
}

/// The best of the results (one of each group that is compared) as configurations.
///
/// # Errors
/// If there is no best, because nothing settles.
pub(super) fn text(job: &Job, results: &Results, servers: &[Use]) -> Result<String, Failure> {
    let finished: Vec<&CellResult> = results.finished().map(|(_, cell)| cell).collect();
    let (best, tied) = report::best_and_tied(&finished);
    let plan = &results.plan;
    let settled = |at: &&usize| finished[**at].row.stability != Stability::No;
    let best = if finished.len() == 1 { vec![0] } else { best };
    let best: Vec<usize> = best.iter().filter(settled).copied().collect();
    if best.is_empty() {
        let sentence = "none of these rows is the best, because none settles: no configuration";
        return Err(super::input(sentence));
    }
    let answer = words::answer(plan, &finished, &best, &tied, plan.settings.best);
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
        let preload = preload(job, row.axes.case.as_deref());
        texts.push(server_config::config(of.preset, cell.model.server(), preload, &why));
    }
    Ok(texts.join("\n"))
}

/// Whether new workers are forked with the application loaded.
fn preload(job: &Job, case: Option<&str>) -> bool {
    let of_case = job.cases.iter().find(|(name, _)| name.as_deref() == case);
    let raw = of_case.map_or(job.base.clone(), |(_, case)| job.base.with(case));
    let expanded = scenario::server::expand(&raw, &Beside(job.folder.clone()));
    expanded.is_ok_and(|all| all.raw.get("preload").is_some_and(|value| value.text == "true"))
}
