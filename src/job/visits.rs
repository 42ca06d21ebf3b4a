//! The requests of a run, one row each.

use std::io::{Result, Write};

use super::Results;
use crate::experiment::Control;
use crate::experiment::replay::Replays;
use crate::model::{Load, Model, Route};
use crate::render::records_csv::{self, RecordRows};

/// Writes one row per request, cell by cell and replication by replication. Ends early if the end
/// was asked for.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, results: &Results, control: Control<'_>) -> Result<()> {
    let several = results.plan.cells.iter().any(|cell| !cell.model.routes().is_empty());
    let route = if several { format!(",{}", records_csv::ROUTE) } else { String::new() };
    writeln!(out, "{}{route}", records_csv::COLUMNS)?;
    let settings = &results.plan.settings;
    for (at, result) in results.finished() {
        let cell = &results.plan.cells[at];
        let clients = matches!(cell.model.load(), Load::Closed(_));
        let mut replications = Replays::new(cell, settings, result, control);
        while let Some(replay) = replications.next_replay() {
            let mut rows =
                RecordRows::new(&mut *out, (at, replay.number()), clients, routes(&cell.model));
            replay.run(&mut rows);
            rows.finish()?;
        }
    }
    Ok(())
}

/// The names of the routes of a model.
fn routes(model: &Model) -> Vec<String> {
    model.routes().iter().map(|Route { name, .. }| name.clone()).collect()
}
