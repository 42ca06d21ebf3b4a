//! Which cells cannot be told apart from the best, and by how much the others differ from it.
//!
//! Cells of a sweep see the same arrivals and demands (common random numbers), so their sections
//! are compared in pairs. A cell stays in the subset unless some other beats it by more than
//! chance explains, at a confidence that holds for all pairs together (Nelson, Swann, Goldsman &
//! Song 2001, "Simple procedures for selecting the best simulated system when the number of
//! alternatives is large", Operations Research 49: subset selection with Bonferroni's bound).
//! Differences below an indifference that is stated with the answer do not count: nobody starts
//! more workers for the last half per cent.

use crate::experiment::plan::{Indifference, Plan};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::row::{
    Axes, Better, Estimate, Flag, Measure, Place, Stability, Standing,
};
use crate::stats::inference::{average, student};

/// The outcome of a comparison of cells that differ in workers and threads only.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Position of the cell with the fewest workers among those not told apart from the best.
    pub smallest: usize,
    /// Positions of all that cannot be told apart from the best, in order.
    pub tied: Vec<usize>,
    /// Every other cell that was compared, with its difference from `smallest`.
    pub differences: Vec<Difference>,
}

/// A cell's measure minus that of the best cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Position of the cell.
    pub of: usize,
    /// With an interval, if chance has a part: all of a comparison hold together.
    pub estimate: Estimate,
    /// How many times larger the variance of the difference would be, had the two cells drawn
    /// numbers of their own.
    pub gain: Option<f64>,
}

/// How cells are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// By what.
    pub measure: Measure,
    /// That everything said of a comparison is true.
    pub confidence: f64,
    /// Differences that nobody cares for.
    pub indifference: Indifference,
}

impl Rules {
    /// As a plan's settings say, but by `measure`. Without chance every difference counts, if
    /// nothing else was asked.
    pub fn of(plan: &Plan, measure: Measure) -> Self {
        let settings = &plan.settings;
        let every = Indifference::Share(0.0);
        let indifference = match settings.delta {
            None if !plan.random() => every,
            _ => settings.indifference(),
        };
        Rules { measure, confidence: settings.confidence, indifference }
    }
}

/// A cell that takes part, with what its sections say; signs are turned so that less is better.
struct Candidate<'a> {
    at: usize,
    result: &'a CellResult,
    values: Vec<f64>,
}

/// Finds the best cells. Cells that are overloaded, or do not fit into the memory, are left out;
/// `None` if none is left.
pub fn best(results: &[&CellResult], rules: Rules) -> Option<Best> {
    let candidates = candidates(results, rules.measure);
    let count = candidates.len();
    let stays =
        |one: &Candidate<'_>| candidates.iter().all(|other| !beaten(one, other, count, rules));
    let staying: Vec<&Candidate<'_>> = candidates.iter().filter(|one| stays(one)).collect();
    let size = |one: &&&Candidate<'_>| {
        let axes = &one.result.row.axes;
        // What a limit left with wide intervals is tied with many, but nothing to recommend.
        let early = [Flag::PrecisionNotReached, Flag::Partial];
        let early = early.iter().any(|flag| one.result.row.flags.contains(flag));
        (early, u64::from(axes.workers) * u64::from(axes.threads), axes.workers, one.at)
    };
    let smallest = *staying.iter().min_by_key(size)?;
    let others = candidates.iter().filter(|other| other.at != smallest.at);
    let differences = others.map(|other| difference(other, smallest, count, rules)).collect();
    let tied = staying.iter().map(|one| one.at).collect();
    Some(Best { smallest: smallest.at, tied, differences })
}

fn candidates<'a>(results: &[&'a CellResult], measure: Measure) -> Vec<Candidate<'a>> {
    let sign = if measure.better() == Better::More { -1.0 } else { 1.0 };
    let candidate = |(at, result): (usize, &&'a CellResult)| {
        let values: Vec<f64> = result.sections.iter().filter_map(|s| s.value(measure)).collect();
        let complete = !values.is_empty() && values.len() == result.sections.len();
        let settles = result.row.stability != Stability::No && result.row.fits();
        let values = values.into_iter().map(|value| sign * value).collect();
        (complete && settles).then_some(Candidate { at, result, values })
    };
    results.iter().enumerate().filter_map(candidate).collect()
}

/// What the sections say of the difference of two cells: its mean, its deviation, their number.
struct Paired {
    mean: f64,
    deviation: f64,
    sections: usize,
}

fn paired(one: &Candidate<'_>, other: &Candidate<'_>) -> Paired {
    let differences: Vec<f64> = one.values.iter().zip(&other.values).map(|(a, b)| a - b).collect();
    let mean = average(&differences);
    Paired { mean, deviation: deviation(&differences), sections: differences.len() }
}

fn deviation(values: &[f64]) -> f64 {
    let mean = average(values);
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (spread / (values.len() as f64 - 1.0).max(1.0)).sqrt()
}

/// Whether `other` is below `one` by more than the indifference, and by more than chance explains
/// among `count` cells.
fn beaten(one: &Candidate<'_>, other: &Candidate<'_>, count: usize, rules: Rules) -> bool {
    let Paired { mean, deviation, sections } = paired(one, other);
    let value = average(&other.values).abs();
    let tiny = rules.indifference.of(value).max(1e-9 * value);
    if sections < 2 || count < 2 {
        return mean > tiny;
    }
    let error = 2.0 * (1.0 - rules.confidence) / (count - 1) as f64;
    let bound = student(1.0 - error.min(1.0), sections - 1) * deviation / (sections as f64).sqrt();
    mean > bound + tiny
}

/// The difference of a cell from the best, with an interval that holds together with all others.
fn difference(one: &Candidate<'_>, best: &Candidate<'_>, count: usize, rules: Rules) -> Difference {
    let value = |candidate: &Candidate<'_>| candidate.result.row.measures.value(rules.measure);
    let centre = value(one).unwrap_or(0.0) - value(best).unwrap_or(0.0);
    let Paired { deviation: s, sections, .. } = paired(one, best);
    if sections < 2 {
        return Difference { of: one.at, estimate: Estimate::exact(centre), gain: None };
    }
    let error = (1.0 - rules.confidence) / (count - 1).max(1) as f64;
    let half_width = student(1.0 - error, sections - 1) * s / (sections as f64).sqrt();
    let apart = deviation(&one.values).powi(2) + deviation(&best.values).powi(2);
    let gain = (s > 0.0).then(|| apart / s.powi(2));
    let estimate = Estimate { value: centre, half_width: Some(half_width) };
    Difference { of: one.at, estimate, gain }
}

/// Compares all cells that differ in nothing but workers and threads; groups of one have no best.
/// Positions are those in `results`.
pub fn best_of_groups(results: &[&CellResult], rules: Rules) -> Vec<Best> {
    let mut seen: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for at in 0..results.len() {
        if seen.contains(&at) {
            continue;
        }
        let axes = |at: usize| &results[at].row.axes;
        let group: Vec<usize> =
            (at..results.len()).filter(|other| axes(*other).same_group(axes(at))).collect();
        seen.extend(&group);
        if group.len() < 2 {
            continue;
        }
        let group = least_lost(results, &group);
        let cells: Vec<&CellResult> = group.iter().map(|at| results[*at]).collect();
        found.extend(best(&cells, rules).map(|best| best.renumbered(&group)));
    }
    found
}

impl Best {
    fn renumbered(self, positions: &[usize]) -> Best {
        let renumber =
            |difference: Difference| Difference { of: positions[difference.of], ..difference };
        Best {
            smallest: positions[self.smallest],
            tied: self.tied.into_iter().map(|at| positions[at]).collect(),
            differences: self.differences.into_iter().map(renumber).collect(),
        }
    }

    /// How each cell of the comparison stands.
    fn standings(&self, by: Measure) -> impl Iterator<Item = (usize, Standing)> {
        let best = (self.smallest, Standing { by, place: Place::Best, difference: None });
        let others = self.differences.iter().map(move |difference| {
            let tied = self.tied.contains(&difference.of);
            let place = if tied { Place::Tied } else { Place::Worse };
            (difference.of, Standing { by, place, difference: Some(difference.estimate) })
        });
        std::iter::once(best).chain(others)
    }
}

/// Writes into the rows of a sweep how they stand against the best of their group.
pub fn stand(results: &mut [Option<CellResult>], plan: &Plan) {
    let by = plan.settings.best;
    let at: Vec<usize> = (0..results.len()).filter(|at| results[*at].is_some()).collect();
    let finished: Vec<&CellResult> = results.iter().flatten().collect();
    let groups = best_of_groups(&finished, Rules::of(plan, by));
    let standings: Vec<_> = groups.iter().flat_map(|best| best.standings(by)).collect();
    for (place, standing) in standings {
        if let Some(result) = &mut results[at[place]] {
            result.row.standing = Some(standing);
        }
    }
}

/// Those that lose no more requests than any other: short times are easy for who refuses.
fn least_lost(results: &[&CellResult], group: &[usize]) -> Vec<usize> {
    let lost = |at: &usize| {
        let share = |measure| results[*at].row.measures.get(measure);
        let both = Measure::LOST.map(share);
        let value: f64 = both.iter().flatten().map(|estimate| estimate.value).sum();
        let margin: f64 = both.iter().flatten().filter_map(|estimate| estimate.half_width).sum();
        (value, margin)
    };
    let settled = |at: &&usize| results[**at].overload.is_none() && results[**at].row.fits();
    let least = group.iter().filter(settled).map(|at| lost(at).0).fold(f64::MAX, f64::min);
    let keeps = |at: &usize| {
        let (value, margin) = lost(at);
        value - margin <= least + 0.001
    };
    group.iter().copied().filter(keeps).collect()
}

impl Axes {
    /// Whether two cells differ in nothing but workers and threads.
    pub fn same_group(&self, other: &Axes) -> bool {
        self.case == other.case
            && self.kind == other.kind
            && self.memory == other.memory
            && self.cores == other.cores
            && self.clients == other.clients
            && self.rate_per_s == other.rate_per_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::result::row::{Axes, Estimate, Measures, Row, Theory};

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
            memory: None,
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
            standing: None,
            theory: Theory::default(),
        };
        CellResult {
            row,
            sections: values.iter().map(section).collect(),
            overload: None,
            saturation: None,
            theory: None,
            batch: None,
        }
    }

    fn rules(share: f64) -> Rules {
        let indifference = Indifference::Share(share);
        Rules { measure: Measure::ResponseP95, confidence: 0.95, indifference }
    }

    /// Worked by hand: 8 and 12 differ by noise, 4 by far more.
    #[test]
    fn what_noise_explains_is_tied() {
        let four = cell(4, &[2.0, 2.1, 2.2, 2.0]);
        let eight = cell(8, &[1.0, 1.1, 0.9, 1.05]);
        let twelve = cell(12, &[1.01, 1.08, 0.92, 1.03]);
        let found = best(&[&twelve, &four, &eight], rules(0.0)).unwrap();
        assert_eq!((found.smallest, found.tied), (2, vec![0, 2]));
        // 12 against 8: 0.01, -0.02, 0.02, -0.02; s = 0.020616; t(0.975 of two pairs, 3) = 4.1765.
        let Difference { of, estimate, gain } = found.differences[0];
        assert_eq!(of, 0);
        assert!((estimate.half_width.unwrap() - 4.1765 * 0.020616 / 2.0).abs() < 1e-4);
        // The variances are 0.00729167 and 0.00446667.
        assert!((gain.unwrap() - 0.01175833 / 0.000425).abs() < 1e-3);
    }

    #[test]
    fn what_nobody_would_pay_for_is_tied() {
        let eight = cell(8, &[1.01, 1.012, 1.011, 1.013]);
        let nine = cell(9, &[1.0, 1.002, 1.001, 1.003]);
        let found = |indifference| best(&[&eight, &nine], rules(indifference)).unwrap().smallest;
        assert_eq!((found(0.0), found(0.02)), (1, 0));
    }

    #[test]
    fn exact_values_are_compared_as_they_are() {
        let [one, four, six] = [(1, 9.0), (4, 3.0), (6, 3.0)].map(|(w, v)| cell(w, &[v]));
        let found = best(&[&one, &four, &six], rules(0.0)).unwrap();
        assert_eq!((found.smallest, found.tied), (1, vec![1, 2]));
        assert_eq!(best(&[], rules(0.0)), None);
    }
}
