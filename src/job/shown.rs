//! Which rows of a long table are printed: those that answer, and those around them.

use crate::experiment::CellResult;
use crate::experiment::choice::{ChoiceOutcome, choices};
use crate::experiment::row::{Row, Stability};
use crate::render::spread::spread;
use crate::scenario::raw_options::shown as cut;
use crate::scenario::{Problem, RawOptions};

/// Rows that are printed if nothing is said.
const USUAL: usize = 30;
/// What a row has that nothing speaks for.
const FAR: usize = 1_000_000;

/// How many rows are printed at most, by `--rows`.
///
/// # Errors
/// A sentence, if it is not a number and not `all`.
pub(crate) fn most_rows(raw: &RawOptions) -> Result<usize, Problem> {
    let rows = raw.parse("rows", |text| match (text.trim(), text.trim().parse::<usize>()) {
        ("all", _) => Ok(usize::MAX),
        (_, Ok(most)) if most > 0 => Ok(most),
        _ => Err(format!("'{}' is not a number of rows: write such as 30, or all", cut(text))),
    })?;
    Ok(rows.unwrap_or(USUAL))
}

/// Positions of the rows that are printed, in order: of each choice the named row or the ends of the
/// range, the smallest that is not overloaded, and what is next to them.
pub(super) fn shown(finished: &[&CellResult], most: usize) -> Vec<usize> {
    let all = finished.len();
    if all <= most {
        return (0..all).collect();
    }
    let mut far = vec![FAR; all];
    let rows: Vec<&Row> = finished.iter().map(|cell| &cell.row).collect();
    for choice in choices(&rows) {
        let place = |at: usize| choice.cells.iter().position(|cell| *cell == at);
        let runs = |at: &usize| finished[*at].row.stability != Stability::No;
        let ends = match choice.outcome {
            ChoiceOutcome::Named(at) | ChoiceOutcome::DoesNotFit(at) => vec![at],
            ChoiceOutcome::Between(first, last) => vec![first, last],
            ChoiceOutcome::None => Vec::new(),
        };
        mark(&mut far, &choice.cells, ends.into_iter().filter_map(place), 0);
        mark(&mut far, &choice.cells, choice.cells.iter().position(runs), 1);
    }
    if far.iter().all(|far| *far == FAR) {
        // No row is better than another: some of them, evenly spread, with both ends.
        return spread(all, most).collect();
    }
    let mut order: Vec<usize> = (0..all).collect();
    order.sort_by_key(|at| (far[*at], *at));
    order.truncate(most);
    order.sort_unstable();
    order
}

/// Notes how far each cell is from some of them, whose own distance is `least`.
fn mark(far: &mut [usize], cells: &[usize], from: impl IntoIterator<Item = usize>, least: usize) {
    for from in from {
        for (place, at) in cells.iter().enumerate() {
            far[*at] = far[*at].min(least + 2 * place.abs_diff(from));
        }
    }
}

/// What is said below a table that is not whole.
pub(super) fn left_out(shown: usize, all: usize) -> Option<String> {
    (shown < all).then(|| {
        format!(
            "{} of {all} rows are not shown: --rows all prints them, --export-csv FILE writes them.",
            all - shown
        )
    })
}
