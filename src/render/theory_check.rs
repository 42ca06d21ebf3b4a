//! The table of a simulation held against theory.

use super::axes;
use super::grid::{self, Column};
use super::number::{measured, plural, significant};
use crate::experiment::row::{Axes, Estimate, Measure, Unit};
use crate::experiment::theory::against::{Comparison, ROUNDING};

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Chance explains all differences.
    Agrees,
    /// At least one differs by more.
    Differs,
    /// There was nothing to compare.
    CannotTell,
}

/// The verdict and the table; `cells` are the axes of all cells, `level` is that of all
/// comparisons together.
pub fn table(all: &[Comparison], cells: &[&Axes], level: f64) -> (Verdict, String) {
    if all.is_empty() {
        return (
            Verdict::CannotTell,
            "nothing to compare: no cell has both an interval and an exact value by theory.\n"
                .to_owned(),
        );
    }
    let count = all.len();
    let differ = all.iter().filter(|one| one.differs(count, level)).count();
    let mut text = grid::plain(&columns(all, cells, level), 3);
    text += &format!(
        "\n{} at a level of {} for all together (Bonferroni: {} each, Student's t);\n\
         percentiles may be off by {} more, the rounding of their histogram.\n",
        plural(count as u64, "comparison"),
        percent(level),
        percent(level / count as f64),
        percent(ROUNDING),
    );
    let verdict = if differ == 0 { Verdict::Agrees } else { Verdict::Differs };
    text += &match verdict {
        Verdict::Differs => {
            format!("{differ} of {count} differ significantly from theory.\n")
        }
        _ => "All agree with theory.\n".to_owned(),
    };
    (verdict, text)
}

/// A share of one as it is, however small.
fn percent(share: f64) -> String {
    format!("{} %", significant(share * 100.0))
}

fn columns(all: &[Comparison], cells: &[&Axes], level: f64) -> Vec<Column> {
    let texts = |of: &dyn Fn(&Comparison) -> String| all.iter().map(of).collect::<Vec<_>>();
    let cell = |one: &Comparison| {
        let name = axes::told(cells[one.cell], cells, &[]);
        let twin = one.twin.then(|| "exponential twin".to_owned());
        let parts = [(!name.is_empty()).then_some(name), one.route.clone(), twin];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let simulated = |one: &Comparison| {
        let half_width = Some(one.half_width);
        shown(one.measure, Estimate { value: one.simulated, half_width })
    };
    let theory = |one: &Comparison| shown(one.measure, Estimate::exact(one.theory));
    let verdict = |one: &Comparison| match one.differs(all.len(), level) {
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
        columns.insert(0, Column::words("cell", names));
    }
    columns
}

fn shown(measure: Measure, estimate: Estimate) -> String {
    match (measure.unit(), estimate.half_width) {
        (Unit::Share, None) => super::number::share(estimate),
        _ => measured(measure, estimate),
    }
}
