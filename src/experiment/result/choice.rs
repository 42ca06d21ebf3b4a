//! What may be said of each group of cells as a choice: by this the table, the charts, the files
//! and the exit code name the same cell.

use crate::experiment::result::compare;
use crate::experiment::result::row::{Row, Verdict};

/// The choice among the cells of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChoice {
    /// Positions of its cells, smallest first.
    pub(crate) cells: Vec<usize>,
    /// What came of it.
    pub outcome: ChoiceOutcome,
}

/// What came of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoiceOutcome {
    /// This cell is named.
    Named(usize),
    /// One of these may be the answer: the first and the last of them, smallest first; what is
    /// smaller was shown not to be. Where a smaller one was not finished, this is twice the smallest that
    /// was shown to be good.
    Between(usize, usize),
    /// No cell is good enough.
    None,
    /// Only cells that do not fit into the memory are: the smallest of them.
    DoesNotFit(usize),
}

impl GroupChoice {
    /// The cell that is named.
    pub fn named(&self) -> Option<usize> {
        if let ChoiceOutcome::Named(at) = self.outcome { Some(at) } else { None }
    }
}

/// The choices of some rows: one for each load and machine with rows that have a verdict.
pub fn choices(rows: &[&Row]) -> Vec<GroupChoice> {
    let mut found = Vec::new();
    for mut cells in compare::groups(rows.iter().map(|row| &row.axes)) {
        if cells.iter().all(|at| rows[*at].standing.is_none()) {
            continue;
        }
        cells.sort_by_cached_key(|at| (rows[*at].axes.size(), *at));
        let outcome = outcome(rows, &cells);
        found.push(GroupChoice { cells, outcome });
    }
    found
}

fn outcome(rows: &[&Row], cells: &[usize]) -> ChoiceOutcome {
    let verdict = |at: usize| rows[at].verdict();
    if let Some(at) = cells.iter().find(|at| verdict(**at) == Some(Verdict::Named)) {
        return ChoiceOutcome::Named(*at);
    }
    let open = |at: &&usize| verdict(**at) == Some(Verdict::Undecided);
    let good = |at: &&usize| verdict(**at).is_some_and(Verdict::good);
    match (cells.iter().find(open), cells.iter().find(good)) {
        (Some(first), Some(last)) => ChoiceOutcome::Between(*first, *last),
        (Some(first), None) => {
            let last = cells.iter().rev().find(open).unwrap_or(first);
            ChoiceOutcome::Between(*first, *last)
        }
        (None, Some(good)) => ChoiceOutcome::Between(*good, *good),
        // A cell that does not fit is good in itself where its own row says so.
        _ => match cells.iter().find(|at| would_do(rows[**at])) {
            Some(at) => ChoiceOutcome::DoesNotFit(*at),
            None => ChoiceOutcome::None,
        },
    }
}

/// Whether a row that does not fit into the memory would be good enough otherwise.
fn would_do(row: &Row) -> bool {
    row.verdict() == Some(Verdict::DoesNotFit) && row.good_but_for_memory
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::result::row::tests::row;
    use crate::experiment::result::row::{Measure, Standing};

    fn outcome_of(verdicts: &[Verdict]) -> ChoiceOutcome {
        let rows: Vec<Row> = (1..)
            .zip(verdicts)
            .map(|(workers, verdict)| {
                let standing =
                    Standing { by: Measure::ResponseP95, verdict: *verdict, difference: None };
                Row { standing: Some(standing), ..row(workers) }
            })
            .collect();
        let rows: Vec<&Row> = rows.iter().collect();
        choices(&rows)[0].outcome.clone()
    }

    #[test]
    fn the_answer_is_a_cell_a_range_or_none() {
        use Verdict::{Close, Meets, Misses, Named, Overloaded, Undecided, Worse};
        assert_eq!(outcome_of(&[Overloaded, Worse, Named, Close]), ChoiceOutcome::Named(2));
        assert_eq!(outcome_of(&[Worse, Undecided, Undecided, Close]), ChoiceOutcome::Between(1, 3));
        assert_eq!(outcome_of(&[Worse, Undecided, Undecided]), ChoiceOutcome::Between(1, 2));
        assert_eq!(outcome_of(&[Misses, Overloaded]), ChoiceOutcome::None);
        // A smaller one was not finished.
        assert_eq!(outcome_of(&[Overloaded, Meets, Meets]), ChoiceOutcome::Between(1, 1));
    }

    #[test]
    fn rows_of_other_loads_are_other_choices() {
        let mut other = row(2);
        other.axes.rate_per_s = Some(10.0);
        let standing =
            Standing { by: Measure::ResponseP95, verdict: Verdict::Named, difference: None };
        other.standing = Some(standing);
        let one = row(1);
        let found = choices(&[&one, &other]);
        assert_eq!(found.len(), 1, "a row without a verdict is no choice");
        assert_eq!(found[0].named(), Some(1));
    }
}
