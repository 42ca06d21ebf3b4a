//! Which cells cannot be told apart from the best.
//!
//! Cells of a sweep see the same arrivals and demands (common random numbers), so their sections
//! are compared in pairs. A cell stays in the subset unless some other beats it by more than
//! chance explains, at a confidence that holds for all pairs together (Nelson, Swann, Goldsman &
//! Song 2001, "Simple procedures for selecting the best simulated system when the number of
//! alternatives is large", Operations Research 49: subset selection with Bonferroni's bound).
//! Differences below an indifference that is stated with the answer do not count: nobody starts
//! more workers for the last half per cent.

use super::row::{Measure, Stability};
use super::run::CellResult;
use crate::stats::inference::{average, student};

/// The outcome of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// Position of the cell with the fewest workers among those not told apart from the best.
    pub smallest: usize,
    /// Positions of all that cannot be told apart from the best, in order.
    pub tied: Vec<usize>,
}

/// Whether less of a measure is better.
fn less_is_better(measure: Measure) -> bool {
    !matches!(measure, Measure::Throughput)
}

/// Finds the best cells by `measure`, where differences up to `indifference` of the better value
/// do not count. Cells that never settle are left out; `None` if none is left.
pub fn best(
    results: &[&CellResult],
    measure: Measure,
    confidence: f64,
    indifference: f64,
) -> Option<Best> {
    let sign = if less_is_better(measure) { 1.0 } else { -1.0 };
    let candidates: Vec<(usize, Vec<f64>)> = results
        .iter()
        .enumerate()
        .filter(|(_, result)| result.row.stability != Stability::No)
        .filter_map(|(at, result)| {
            let values: Vec<f64> =
                result.sections.iter().filter_map(|s| s.value(measure)).collect();
            let complete = !values.is_empty() && values.len() == result.sections.len();
            complete.then(|| (at, values.into_iter().map(|value| sign * value).collect()))
        })
        .collect();
    let stays = |values: &[f64]| {
        candidates
            .iter()
            .all(|(_, other)| !beaten(values, other, candidates.len(), confidence, indifference))
    };
    let tied: Vec<usize> =
        candidates.iter().filter(|(_, values)| stays(values)).map(|(at, _)| *at).collect();
    let size = |at: &usize| {
        let axes = &results[*at].row.axes;
        (u64::from(axes.workers) * u64::from(axes.threads), axes.workers, *at)
    };
    let smallest = tied.iter().copied().min_by_key(size)?;
    Some(Best { smallest, tied })
}

/// Whether `other` is below `values` by more than the indifference, and by more than chance
/// explains among `count` cells.
fn beaten(values: &[f64], other: &[f64], count: usize, confidence: f64, indifference: f64) -> bool {
    let sections = values.len().min(other.len());
    let differences: Vec<f64> = values.iter().zip(other).map(|(a, b)| a - b).collect();
    let mean = average(&differences);
    let tiny = indifference.max(1e-9) * average(other).abs();
    if sections < 2 || count < 2 {
        return mean > tiny;
    }
    let error = 2.0 * (1.0 - confidence) / (count - 1) as f64;
    let spread: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let deviation = (spread / (sections - 1) as f64).sqrt();
    let bound = student(1.0 - error.min(1.0), sections - 1) * deviation / (sections as f64).sqrt();
    mean > bound + tiny
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::row::{Axes, Estimate, Measures, Row};

    fn cell(workers: u32, values: &[f64]) -> CellResult {
        let section = |value: &f64| {
            let mut measures = Measures::default();
            measures.set(Measure::ResponseP95, Estimate::exact(*value));
            measures
        };
        let axes = Axes {
            workers,
            threads: 1,
            cores: 8.0,
            clients: None,
            rate_per_s: None,
            case: None,
            kind: Vec::new(),
        };
        let row = Row {
            axes,
            requests: 0,
            refused: 0,
            replications: values.len() as u32,
            seed: 1,
            stability: Stability::Yes,
            measures: Measures::default(),
            flags: Vec::new(),
            response_ccdf: Vec::new(),
            theory_response_mean_s: None,
        };
        CellResult {
            row,
            sections: values.iter().map(section).collect(),
            overload: None,
            theory: None,
        }
    }

    /// Worked by hand: 8 and 12 differ by noise, 4 by far more.
    #[test]
    fn what_noise_explains_is_tied() {
        let four = cell(4, &[2.0, 2.1, 2.2, 2.0]);
        let eight = cell(8, &[1.0, 1.1, 0.9, 1.05]);
        let twelve = cell(12, &[1.01, 1.08, 0.92, 1.03]);
        let found = best(&[&twelve, &four, &eight], Measure::ResponseP95, 0.95, 0.0).unwrap();
        assert_eq!(found, Best { smallest: 2, tied: vec![0, 2] });
    }

    #[test]
    fn what_nobody_would_pay_for_is_tied() {
        let eight = cell(8, &[1.01, 1.012, 1.011, 1.013]);
        let nine = cell(9, &[1.0, 1.002, 1.001, 1.003]);
        let found = |indifference| {
            best(&[&eight, &nine], Measure::ResponseP95, 0.95, indifference).unwrap().smallest
        };
        assert_eq!((found(0.0), found(0.02)), (1, 0));
    }

    #[test]
    fn exact_values_are_compared_as_they_are() {
        let [one, four, six] = [(1, 9.0), (4, 3.0), (6, 3.0)].map(|(w, v)| cell(w, &[v]));
        let found = best(&[&one, &four, &six], Measure::ResponseP95, 0.95, 0.0).unwrap();
        assert_eq!(found, Best { smallest: 1, tied: vec![1, 2] });
        assert_eq!(best(&[], Measure::ResponseP95, 0.95, 0.0), None);
    }
}
