//! Runs the cells of a plan in parallel; the order and the values of the results do not depend on
//! the number of threads.

use rayon::prelude::*;

use super::control::Control;
use super::plan::Plan;
use super::run::{CellResult, run_cell};

/// Simulates every cell. A cell that was stopped before its end is `None`. `done` is told of each
/// finished cell, from any thread.
pub fn sweep(
    plan: &Plan,
    control: Control<'_>,
    done: impl Fn(&CellResult) + Sync,
) -> Vec<Option<CellResult>> {
    let one = |cell| {
        if control.stopped() {
            return None;
        }
        let result = run_cell(cell, &plan.settings, control)?;
        done(&result);
        Some(result)
    };
    plan.cells.par_iter().map(one).collect()
}
