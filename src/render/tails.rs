//! What is said of demands whose means do not exist, or have no interval.

use super::axes;
use super::number::{plural, significant};
use crate::experiment::plan::{Cell, Settings};
use crate::experiment::row::Axes;
use crate::experiment::tails::{self, Means};

/// Why cells have no means, or no intervals for them, told of the worst; nothing if all have both.
pub(crate) fn tails(cells: &[&Cell], settings: &Settings) -> Option<String> {
    let grave = |cell: &&&Cell| match tails::means(&cell.model, settings) {
        Means::Settle => 0,
        Means::NoInterval { demands: false } => 1,
        Means::NoInterval { demands: true } => 2,
        Means::Infinite => 3,
    };
    let worst = cells.iter().rev().max_by_key(grave)?;
    let why = why(worst, settings)?;
    let all: Vec<&Axes> = cells.iter().map(|cell| &cell.axes).collect();
    Some(match axes::told(&worst.axes, &all, &[]) {
        name if name.is_empty() => why,
        name => format!("{name}: {why}"),
    })
}

fn why(cell: &Cell, settings: &Settings) -> Option<String> {
    let alpha = significant(tails::index(&cell.model)?);
    let spare = tails::spare(&cell.model, settings).unwrap_or(0.0);
    let stuck = match spare {
        1.0 => "one very long request overloads the rest".to_owned(),
        n => {
            format!("{} very long ones at once overload the rest", plural(n as u64, "request"))
        }
    };
    let demands = format!("demands have a tail index of {alpha}");
    match tails::means(&cell.model, settings) {
        Means::Settle => None,
        Means::Infinite => Some(format!(
            "{demands}, and {stuck}: the mean waiting time is infinite, so none is shown. \
             Percentiles exist. If no request takes for ever, bound the distribution with max=."
        )),
        Means::NoInterval { demands: true } => Some(format!(
            "{demands}, so their variance is infinite: means have no interval and converge very \
             slowly. Read the percentiles; if no request takes for ever, bound the distribution with max=."
        )),
        Means::NoInterval { demands: false } => Some(format!(
            "{demands}, and {stuck}: the variance of the waiting time is infinite, so its mean has \
             no interval and converges slowly. Read the percentiles."
        )),
    }
}
