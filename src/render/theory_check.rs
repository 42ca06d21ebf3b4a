//! The table of a simulation held against theory.

use super::grid::{self, Column};
use super::number::{measured, plural, significant};
use super::{axes, wrap};
use crate::experiment::row::{Axes, Estimate, Measure, Unit};
use crate::experiment::theory::against::{BEYOND, ROUNDING, TheoryComparison};

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TheoryVerdict {
    /// Chance explains all differences.
    Agrees,
    /// At least one differs by more.
    Differs,
    /// There was nothing to compare.
    CannotTell,
}

/// The verdict and the table; `cells` are the axes of all cells, `level` is that of all
/// comparisons together. No line is longer than `width`.
pub(crate) fn table(
    all: &[TheoryComparison],
    cells: &[&Axes],
    level: f64,
    width: usize,
) -> (TheoryVerdict, String) {
    if all.is_empty() {
        let nothing =
            "nothing to compare: no cell has both an interval and an exact value by theory.";
        return (TheoryVerdict::CannotTell, lines(nothing, width));
    }
    let count = all.len();
    let differ = all.iter().filter(|one| one.differs(count, level)).count();
    let columns = columns(all, cells, level);
    let mut text = grid::fitted(columns.clone(), width, &[]);
    if !grid::fits(&text, width) {
        text = by_cell(&columns);
    }
    let how = format!(
        "{} at a level of {} for all together (Bonferroni: {} each, Student's t); percentiles may be \
         off by {} more, the rounding of their histogram; those with fewer than {} requests of a \
         replication beyond are left out.",
        plural(count as u64, "comparison"),
        percent(level),
        percent(level / count as f64),
        percent(ROUNDING),
        significant(BEYOND),
    );
    text += &format!("\n{}", lines(&how, width));
    let verdict = if differ == 0 { TheoryVerdict::Agrees } else { TheoryVerdict::Differs };
    text += &match verdict {
        TheoryVerdict::Differs => {
            format!("{differ} of {count} differ significantly from theory.\n")
        }
        _ => "All agree with theory.\n".to_owned(),
    };
    (verdict, text)
}

fn lines(text: &str, width: usize) -> String {
    wrap::lines(text, width).into_iter().map(|line| line + "\n").collect()
}

/// A table for each cell, below its name.
fn by_cell(columns: &[Column]) -> String {
    let [cells, rest @ ..] = columns else { return String::new() };
    if cells.name != CELL {
        return grid::plain(columns, 2);
    }
    let mut text = String::new();
    let mut at = 0;
    for same in cells.values.chunk_by(|one, next| one == next) {
        let rows = at..at + same.len();
        at = rows.end;
        let of = |column: &Column| Column {
            values: column.values[rows.clone()].to_vec(),
            ..column.clone()
        };
        let gap = if text.is_empty() { "" } else { "\n" };
        let name = &same[0];
        text +=
            &format!("{gap}  {name}\n{}", grid::plain(&rest.iter().map(of).collect::<Vec<_>>(), 2));
    }
    text
}

/// The name of the column of cells.
const CELL: &str = "cell";

/// A share of one as it is, however small.
fn percent(share: f64) -> String {
    format!("{} %", significant(share * 100.0))
}

fn columns(all: &[TheoryComparison], cells: &[&Axes], level: f64) -> Vec<Column> {
    let texts = |of: &dyn Fn(&TheoryComparison) -> String| all.iter().map(of).collect::<Vec<_>>();
    let cell = |one: &TheoryComparison| {
        let name = axes::told(cells[one.cell], cells, &[]);
        let twin = one.twin.then(|| "exponential twin".to_owned());
        let parts = [(!name.is_empty()).then_some(name), one.route.clone(), twin];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let simulated = |one: &TheoryComparison| {
        let half_width = Some(one.half_width);
        shown(one.measure, Estimate { value: one.simulated, half_width })
    };
    let theory = |one: &TheoryComparison| shown(one.measure, Estimate::exact(one.theory));
    let verdict = |one: &TheoryComparison| match one.differs(all.len(), level) {
        true => "DIFFERS".to_owned(),
        false => "agrees".to_owned(),
    };
    let mut columns = vec![
        Column::words("measure", texts(&|one| one.measure.name().to_owned())),
        Column::numbers("simulated", texts(&simulated)),
        Column::numbers("theory", texts(&theory)),
        Column::numbers("z", texts(&|one| format!("{:.2}", one.z))),
        Column::words("", texts(&verdict)),
    ];
    let names = texts(&cell);
    if names.iter().any(|name| !name.is_empty()) {
        columns.insert(0, Column::words(CELL, names));
    }
    columns
}

fn shown(measure: Measure, estimate: Estimate) -> String {
    match (measure.unit(), estimate.half_width) {
        (Unit::Share, None) => super::number::share(estimate),
        _ => measured(measure, estimate),
    }
}
