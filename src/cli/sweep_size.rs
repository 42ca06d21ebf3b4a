//! Sweeps that are refused unless their size was confirmed.

use super::end::{Failure, input};
use super::wanted::OutputOptions;
use crate::experiment::Plan;
use crate::render::number::count;

/// Cells beyond which a sweep has to be asked for twice.
const MANY_CELLS: usize = 5_000;

/// Requests beyond which a sweep has to be asked for twice.
const MANY_REQUESTS: u128 = 2_000_000_000;

/// Refuses a sweep of more cells or requests than can be meant, unless `--yes` confirms it.
pub(super) fn refuse_absurd(plan: &Plan, wanted: &OutputOptions) -> Result<(), Failure> {
    let cells = plan.cells.len();
    let requests = plan.least_requests();
    if wanted.yes || (cells <= MANY_CELLS && requests.is_none_or(|n| n <= MANY_REQUESTS)) {
        return Ok(());
    }
    let size = match requests {
        Some(requests) => {
            format!("{} cells with {} requests", count(cells as u64), count(requests as u64))
        }
        None => format!("{} cells", count(cells as u64)),
    };
    Err(input(format!(
        "this sweep has {size}; without --yes the most is {} cells and {} requests: use larger \
         steps (such as 4..32..4), fewer --requests or --replications, or add --yes",
        count(MANY_CELLS as u64),
        count(MANY_REQUESTS as u64)
    )))
}
