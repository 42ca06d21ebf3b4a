//! Which cells were shown to be near the best, and by how much the others differ from it.
//!
//! Cells of a sweep see the same arrivals and demands (common random numbers), so their sections
//! are compared in pairs. Let j* be the cell that is truly the best of k. All that is said rests
//! on the k - 1 pairs (i, j*), so Bonferroni's bound over these is enough, although nobody knows
//! which cell j* is (multiple comparisons with the best: Hsu 1984, "Constrained simultaneous
//! confidence intervals for multiple comparisons with the best", Annals of Statistics 12; subset
//! selection: Nelson, Swann, Goldsman & Song 2001, Operations Research 49):
//!
//! - a cell is *not the best* once some other is below it by more than chance explains: of j* that
//!   is never said, so j* is among the cells that are left;
//! - a cell is *close* once, against every cell that is left, it is worse by no more than the
//!   indifference, chance included;
//! - it is *worse* once, against every cell that is left, it is worse by more than that; from the
//!   second look on the cell that looked best before, chosen from other draws, is enough.
//!
//! What neither was shown of is open. Several looks share the error: see `error_of_look`. Of a cell at the
//! very limit of the indifference neither would be shown for ever: it is *on the limit* once the distance is
//! known to the resolution.

use crate::experiment::plan::{Indifference, Plan};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::objective::{Shown, lost};
use crate::experiment::result::row::{Axes, Better, Estimate, Measure, Stability, Unit};
use crate::stats::inference::{average, student};

/// A cell's measure minus that of the named cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    /// Position of the cell.
    pub(crate) of: usize,
    /// With an interval, if chance has a part: all of a comparison hold together.
    pub(crate) estimate: Estimate,
    /// How many times larger the variance of the difference would be, had the two cells drawn
    /// numbers of their own.
    pub(crate) gain: Option<f64>,
}

/// How cells are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rules {
    /// By what.
    pub(crate) measure: Measure,
    /// That everything said of a comparison is true.
    pub(crate) confidence: f64,
    /// Differences that do not count.
    pub(crate) indifference: Indifference,
    /// Whether chance has a part.
    pub(crate) random: bool,
    /// How far a distance has to be known, as a part of the value: see [`resolution`].
    pub(crate) resolution: f64,
}

/// The part of the precision to which a distance from a limit has to be known. To halve it takes four times
/// as many requests: at 2 % of precision and 5 % of difference it is 0.25 %.
const OF_PRECISION: f64 = 1.0 / 8.0;
/// The part of the indifference that it is at most.
const OF_INDIFFERENCE: f64 = 0.1;

/// How far a distance from a limit has to be known, as a part of the limit. What is nearer to it than that is on
/// the limit, and no more requests are spent on it.
pub(crate) fn resolution(precision: f64) -> f64 {
    OF_PRECISION * precision
}

impl Rules {
    /// As a plan's settings say, but by `measure`.
    pub(crate) fn of(plan: &Plan, measure: Measure) -> Self {
        let settings = &plan.settings;
        let (confidence, indifference) = (settings.confidence, settings.delta);
        let resolution = resolution(settings.precision);
        Rules { measure, confidence, indifference, random: plan.random(), resolution }
    }

    /// How far a distance from a cell of `value` has to be known.
    fn resolved(&self, value: f64) -> f64 {
        (self.resolution * value.abs()).min(OF_INDIFFERENCE * self.allowed(value))
    }

    /// What a cell may be worse than one of `value` (which is signed so that less is better).
    fn allowed(&self, value: f64) -> f64 {
        // Nobody adds workers for a tenth of a per cent of the requests, however rare they are.
        let least = if self.measure.unit() == Unit::Share { 0.001 } else { 1e-9 * value.abs() };
        self.indifference.of(value).max(least)
    }

    /// The values of a result's sections, signed so that less is better; `None` if it takes no part:
    /// overloaded, too big for the memory, or without a value.
    fn values(&self, result: &CellResult) -> Option<Vec<f64>> {
        let sign = if self.measure.better() == Better::More { -1.0 } else { 1.0 };
        let values: Vec<f64> =
            result.sections.iter().filter_map(|s| s.value(self.measure)).collect();
        let complete = !values.is_empty() && values.len() == result.sections.len();
        let settles = result.row.stability != Stability::No && result.row.fits();
        (complete && settles).then(|| values.into_iter().map(|value| sign * value).collect())
    }
}

/// The part of an error of `1 - confidence` that the look of that number (from 1) may use: the
/// parts of all looks sum to it, however many there are.
pub(crate) fn error_of_look(confidence: f64, look: u32) -> f64 {
    let look = f64::from(look);
    (1.0 - confidence) / (look * (look + 1.0))
}

/// Share of lost requests that does not count.
const LOST: f64 = 0.001;

/// What looks at the cells of a group have shown.
pub(crate) struct GroupComparison {
    rules: Rules,
    /// Cells that take part.
    takes_part: Vec<bool>,
    /// Share of lost requests of each, and how far it may be off.
    lost: Vec<(f64, f64)>,
    /// The least of these shares.
    least_lost: f64,
    not_best: Vec<bool>,
    within: Vec<Vec<bool>>,
    beyond: Vec<Vec<bool>>,
    /// The cell that looked best in the looks so far.
    reference: Option<usize>,
    /// Cells that are worse than a cell that was the reference before that was looked at.
    beaten: Vec<bool>,
    /// How many times the requests of the last look would have decided each pair, as far as can be
    /// told: the square of the margin over the distance, or over the resolution.
    lacking: Vec<Vec<f64>>,
    /// By how much each cell was worse than another beyond the indifference, in the last look.
    excess: Vec<Vec<f64>>,
    /// Whether that is known to the resolution.
    resolved: Vec<Vec<bool>>,
}

impl GroupComparison {
    /// Of the cells of a group, before any look.
    pub(crate) fn new(cells: &[&CellResult], rules: Rules) -> Self {
        let count = cells.len();
        let takes_part = cells.iter().map(|cell| rules.values(cell).is_some()).collect();
        let none = vec![vec![false; count]; count];
        GroupComparison {
            rules,
            takes_part,
            lost: vec![(0.0, 0.0); count],
            least_lost: 0.0,
            not_best: vec![false; count],
            within: none.clone(),
            resolved: none.clone(),
            beyond: none,
            reference: None,
            beaten: vec![false; count],
            lacking: vec![vec![f64::INFINITY; count]; count],
            excess: vec![vec![0.0; count]; count],
        }
    }

    /// Learns from a look at some cells: positions and results that share their random numbers.
    pub(crate) fn learn(&mut self, seen: &[(usize, &CellResult)], error: f64) {
        let mut values: Vec<(usize, Vec<f64>)> = Vec::new();
        let exact: Vec<usize> =
            seen.iter().filter(|(_, cell)| cell.exact).map(|(at, _)| *at).collect();
        for (at, cell) in seen.iter().filter(|(at, _)| self.takes_part[*at]) {
            let Estimate { value, half_width } = lost(&cell.row);
            self.lost[*at] = (value, half_width.unwrap_or(0.0));
            values.extend(self.rules.values(cell).map(|values| (*at, values)));
        }
        let parts = (0..self.lost.len()).filter(|at| self.takes_part[*at]);
        self.least_lost = parts.map(|at| self.lost[at].0).fold(f64::MAX, f64::min);
        // What is exact has the same value in every section of the others.
        let longest = values.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        for (_, values) in values.iter_mut().filter(|(at, _)| exact.contains(at)) {
            let value = values[0];
            values.resize(longest, value);
        }
        let others = self.takes_part.iter().filter(|part| **part).count().saturating_sub(1);
        let error = error / (3 * others.max(1)) as f64;
        for (i, one) in &values {
            for (j, other) in values.iter().filter(|(j, _)| j != i) {
                self.learn_pair((*i, one), (*j, other), error);
            }
        }
        let least = values.iter().min_by(|a, b| average(&a.1).total_cmp(&average(&b.1)));
        self.reference = least.map(|(at, _)| *at).or(self.reference);
    }

    fn learn_pair(&mut self, (i, one): (usize, &[f64]), (j, other): (usize, &[f64]), error: f64) {
        let raw: Vec<f64> = one.iter().zip(other).map(|(a, b)| a - b).collect();
        let beyond: Vec<f64> =
            one.iter().zip(other).map(|(a, b)| a - b - self.rules.allowed(*b)).collect();
        let (raw, beyond) = (Spread::of(&raw), Spread::of(&beyond));
        if self.rules.random && beyond.count < 2 {
            return;
        }
        let value = average(other).abs();
        self.not_best[i] |= raw.low(error) > 1e-9 * value;
        self.within[i][j] |= beyond.high(error) <= 0.0;
        self.beyond[i][j] |= beyond.low(error) > 0.0;
        self.beaten[i] |= self.reference == Some(j) && beyond.low(error) > 0.0;
        let resolution = self.rules.resolved(average(other));
        let distance = beyond.mean.abs().max(resolution);
        self.lacking[i][j] = (beyond.margin(error) / distance).powi(2);
        self.excess[i][j] = beyond.mean;
        self.resolved[i][j] = self.rules.random && beyond.margin(error) <= resolution;
    }

    /// Whether an open cell is as far from the cells that decide it as does not count, as nearly as can be
    /// told.
    pub(crate) fn on_limit(&self, at: usize) -> bool {
        let decides = self.decides(at);
        self.state(at) == Shown::Open
            && self.loses_more(at) == Shown::No
            && !decides.is_empty()
            && decides.iter().all(|j| self.resolved[at][*j])
    }

    /// Cells that may be the best.
    fn left(&self) -> impl Iterator<Item = usize> {
        (0..self.takes_part.len()).filter(|at| self.takes_part[*at] && !self.not_best[*at])
    }

    /// Whether a cell loses more requests than another: short times are easy for a server that
    /// refuses.
    fn loses_more(&self, at: usize) -> Shown {
        let (least, (value, margin)) = (self.least_lost, self.lost[at]);
        match () {
            () if value - margin > least + LOST => Shown::Yes,
            () if value + margin <= least + LOST => Shown::No,
            () if !self.rules.random => Shown::Yes,
            () => Shown::Open,
        }
    }

    /// Whether a cell was shown to be near the best.
    pub(crate) fn state(&self, at: usize) -> Shown {
        if !self.takes_part[at] {
            return Shown::No;
        }
        let loses = self.loses_more(at);
        if loses == Shown::Yes {
            return Shown::No;
        }
        // A cell that loses more is no measure for the others.
        let others: Vec<usize> =
            self.left().filter(|j| *j != at && self.loses_more(*j) != Shown::Yes).collect();
        match () {
            () if others.iter().all(|j| self.within[at][*j]) => match loses {
                Shown::No => Shown::Yes,
                _ => Shown::Open,
            },
            () if self.beaten[at] => Shown::No,
            () if !others.is_empty() && others.iter().all(|j| self.beyond[at][*j]) => Shown::No,
            () => Shown::Open,
        }
    }

    /// The cells that have to be run on together with `open` ones to decide these.
    pub(crate) fn with(&self, open: &[usize]) -> Vec<usize> {
        let mut all: Vec<usize> = open.to_vec();
        open.iter().for_each(|at| all.extend(self.decides(*at)));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What an open cell has to be compared with: of one that looks worse, the reference; of one
    /// that looks close, every cell that may be the best and from which it is not known to be near.
    fn decides(&self, at: usize) -> Vec<usize> {
        match self.looks_worse_than(at) {
            Some(best) => vec![best],
            None => self.left().filter(|j| *j != at && !self.within[at][*j]).collect(),
        }
    }

    /// The cell that looked best in the last look, if another looked worse than may be beside it.
    pub(crate) fn looks_worse_than(&self, at: usize) -> Option<usize> {
        self.reference.filter(|best| *best != at && self.excess[at][*best] > 0.0)
    }

    /// How many times longer the next look should be to decide `open` cells.
    pub(crate) fn lacking(&self, open: &[usize]) -> f64 {
        let of = |at: &usize| {
            let decides = self.decides(*at).into_iter();
            decides.map(|j| self.lacking[*at][j]).fold(1.0, f64::max)
        };
        open.iter().map(of).fold(1.0, f64::max)
    }
}

/// Mean and deviation of some values.
struct Spread {
    mean: f64,
    deviation: f64,
    count: usize,
}

impl Spread {
    fn of(values: &[f64]) -> Spread {
        Spread { mean: average(values), deviation: deviation(values), count: values.len() }
    }

    fn margin(&self, error: f64) -> f64 {
        match self.count {
            0 | 1 => 0.0,
            n => student(1.0 - 2.0 * error, n - 1) * self.deviation / (n as f64).sqrt(),
        }
    }

    fn low(&self, error: f64) -> f64 {
        self.mean - self.margin(error)
    }

    fn high(&self, error: f64) -> f64 {
        self.mean + self.margin(error)
    }
}

fn deviation(values: &[f64]) -> f64 {
    let mean = average(values);
    let spread: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (spread / (values.len() as f64 - 1.0).max(1.0)).sqrt()
}

/// The differences of the cells of a group from the one at `named`, with intervals that hold
/// together. Cells that take no part have none.
pub(crate) fn differences(cells: &[&CellResult], named: usize, rules: Rules) -> Vec<Difference> {
    let Some(best) = rules.values(cells[named]) else { return Vec::new() };
    let value = |at: usize| cells[at].row.measures.value(rules.measure).unwrap_or(0.0);
    let taking: Vec<(usize, Vec<f64>)> = (0..cells.len())
        .filter(|at| *at != named)
        .filter_map(|at| rules.values(cells[at]).map(|values| (at, values)))
        .collect();
    let error = (1.0 - rules.confidence) / (2 * taking.len().max(1)) as f64;
    let one = |(of, values): &(usize, Vec<f64>)| {
        let pairs: Vec<f64> = values.iter().zip(&best).map(|(a, b)| a - b).collect();
        let (spread, centre) = (Spread::of(&pairs), value(*of) - value(named));
        if spread.count < 2 {
            return Difference { of: *of, estimate: Estimate::exact(centre), gain: None };
        }
        let s = spread.deviation;
        let apart = deviation(values).powi(2) + deviation(&best).powi(2);
        let estimate = Estimate { value: centre, half_width: Some(spread.margin(error)) };
        Difference { of: *of, estimate, gain: (s > 0.0).then(|| apart / s.powi(2)) }
    };
    taking.iter().map(one).collect()
}

/// The cell that one look at a group names: the smallest that is shown to be close, if all smaller
/// ones are shown to be worse.
pub(crate) fn named(cells: &[&CellResult], rules: Rules) -> Option<usize> {
    let mut found = GroupComparison::new(cells, rules);
    let seen: Vec<(usize, &CellResult)> = cells.iter().copied().enumerate().collect();
    found.learn(&seen, error_of_look(rules.confidence, 1));
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|at| (cells[*at].row.axes.size(), *at));
    let first = order.into_iter().find(|at| found.state(*at) != Shown::No)?;
    (found.state(first) == Shown::Yes).then_some(first)
}

/// Positions of the cells in groups that differ in the server's configuration only.
pub(crate) fn groups<'a>(axes: impl Iterator<Item = &'a Axes>) -> Vec<Vec<usize>> {
    let axes: Vec<&Axes> = axes.collect();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, one) in axes.iter().enumerate() {
        match groups.iter_mut().find(|group| axes[group[0]].same_group(one)) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

impl Axes {
    /// Whether two cells have the same load and the same machine, and differ in what one may
    /// choose: workers, threads, the class of workers, hosts, a pool.
    pub(crate) fn same_group(&self, other: &Axes) -> bool {
        self.case == other.case
            && self.memory == other.memory
            && self.cores == other.cores
            && self.clients == other.clients
            && self.rate_per_s == other.rate_per_s
    }

    /// What is smaller is preferred: processes first, then threads.
    pub(crate) fn size(&self) -> (u64, u32) {
        let hosts = self.kind("hosts").and_then(|hosts| hosts.parse().ok()).unwrap_or(1);
        (u64::from(self.workers) * hosts, self.threads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::result::row::Measures;
    use crate::experiment::result::row::tests::row;

    fn cell(workers: u32, values: &[f64]) -> CellResult {
        let section = |value: &f64| {
            let mut measures = Measures::default();
            measures.set(Measure::ResponseP95, Estimate::exact(*value));
            measures
        };
        let mut row = row(workers);
        row.replications = values.len() as u32;
        row.measures.set(Measure::ResponseP95, Estimate::exact(average(values)));
        CellResult {
            row,
            exact: false,
            sections: values.iter().map(section).collect(),
            overload: None,
            saturation: None,
            theory: None,
            headroom: None,
            batch: None,
            out: false,
            on_limit: false,
        }
    }

    fn rules(share: f64) -> Rules {
        let indifference = Indifference::Share(share);
        let (confidence, resolution) = (0.95, resolution(0.02));
        Rules { measure: Measure::ResponseP95, confidence, indifference, random: true, resolution }
    }

    fn states(cells: &[&CellResult], rules: Rules) -> Vec<Shown> {
        let mut found = GroupComparison::new(cells, rules);
        let seen: Vec<_> = cells.iter().copied().enumerate().collect();
        found.learn(&seen, 0.05);
        (0..cells.len()).map(|at| found.state(at)).collect()
    }

    const QUIET: [f64; 4] = [1.0, 1.1, 0.9, 1.05];

    /// The noisy cell has the mean of the quiet one: by the rule of what cannot be told apart it
    /// would be named, being smaller. Nothing is shown of it.
    #[test]
    fn a_cell_that_is_known_badly_is_not_shown_to_be_good() {
        let noisy = cell(4, &[0.2, 2.0, 0.4, 1.5]);
        let quiet = cell(8, &QUIET);
        assert_eq!(states(&[&noisy, &quiet], rules(0.05))[0], Shown::Open);
    }

    /// Worked by hand, 12 against 8: raw differences 0.01, -0.02, 0.02, -0.02 (mean -0.0025, s
    /// 0.020616); less 10 % of the values of 8: -0.09, -0.13, -0.07, -0.125 (mean -0.10375, s
    /// 0.028687). One of the other two pairs with the best, three statements: t(1 - 0.05/6, 3) =
    /// 4.8567; margin 4.8567 x 0.028687 / 2 = 0.06966, so 12 is within 10 %, and likewise 8 of
    /// 12. 4 is worse by 1.1 on average, margin 4.8567 x 0.0842 / 2.
    #[test]
    fn close_and_worse_are_shown_in_pairs() {
        let four = cell(4, &[2.0, 2.1, 2.2, 2.0]);
        let eight = cell(8, &QUIET);
        let twelve = cell(12, &[1.01, 1.08, 0.92, 1.03]);
        let all = [&four, &eight, &twelve];
        assert_eq!(states(&all, rules(0.1)), [Shown::No, Shown::Yes, Shown::Yes]);
        // With 5 %: mean -0.053125, s 0.0230, margin 0.0559, so it is not shown.
        assert_eq!(states(&all, rules(0.05))[2], Shown::Open);
    }

    /// What was shown in one look stays shown, and open cells name those that decide them.
    #[test]
    fn looks_add_up() {
        let four = cell(4, &[2.0, 2.1, 2.2, 2.0]);
        let (eight, twelve) = (cell(8, &QUIET), cell(12, &[1.01, 1.08, 0.92, 1.03]));
        let mut found = GroupComparison::new(&[&four, &eight, &twelve], rules(0.05));
        found.learn(&[(0, &four), (1, &eight), (2, &twelve)], 0.05);
        assert_eq!(found.with(&[2]), [1, 2]);
        let steady = [cell(8, &[1.0; 4]), cell(12, &[1.0; 4])];
        found.learn(&[(1, &steady[0]), (2, &steady[1])], 0.025);
        let states: Vec<Shown> = (0..3).map(|at| found.state(at)).collect();
        assert_eq!(states, [Shown::No, Shown::Yes, Shown::Yes]);
    }

    /// Worked by hand: 12 is worse by 0.051, 0.049, 0.051, 0.049 than what is 1 in every section: beyond 5 % by
    /// 0 on average, s 0.0011547; of one pair, three statements: t(1 - 0.05/3, 3) = 3.740; margin 3.740 x
    /// 0.0011547 / 2 = 0.00216, which is less than 0.25 % of 1. Three times as wide it is more.
    #[test]
    fn what_is_at_the_limit_itself_is_told() {
        let best = cell(8, &[1.0; 4]);
        let at = |spread: f64| cell(4, &[1.0, -1.0, 1.0, -1.0].map(|sign| 1.05 + sign * spread));
        let on_limit = |other: &CellResult| {
            let mut found = GroupComparison::new(&[other, &best], rules(0.05));
            found.learn(&[(0, other), (1, &best)], 0.05);
            assert_eq!(found.state(0), Shown::Open);
            found.on_limit(0)
        };
        assert!(on_limit(&at(0.001)) && !on_limit(&at(0.003)));
    }

    #[test]
    fn exact_values_are_compared_as_they_are() {
        let [one, four, six] = [(1, 9.0), (4, 3.1), (6, 3.0)].map(|(w, v)| cell(w, &[v]));
        let exact = |share| Rules { random: false, ..rules(share) };
        let all = [&one, &four, &six];
        assert_eq!(states(&all, exact(0.05)), [Shown::No, Shown::Yes, Shown::Yes]);
        assert_eq!(states(&all, exact(0.0)), [Shown::No, Shown::No, Shown::Yes]);
        // Of one random run nothing can be shown.
        assert_eq!(states(&all, rules(0.05)), [Shown::Open; 3]);
    }

    /// A server of one worker may be exact beside others that are not.
    #[test]
    fn an_exact_cell_is_compared_with_random_ones() {
        let one = CellResult { exact: true, ..cell(1, &[9.0]) };
        let random = cell(4, &[6.0, 6.1, 5.9, 6.05]);
        assert_eq!(states(&[&one, &random], rules(0.05)), [Shown::No, Shown::Yes]);
    }

    /// Worked by hand: 0.01, -0.02, 0.02, -0.02; s = 0.020616; t(0.9875, 3) = 4.1765 of two pairs.
    #[test]
    fn differences_hold_together() {
        let (four, eight) = (cell(4, &[2.0, 2.1, 2.2, 2.0]), cell(8, &QUIET));
        let twelve = cell(12, &[1.01, 1.08, 0.92, 1.03]);
        let found = differences(&[&twelve, &four, &eight], 2, rules(0.0));
        let Difference { of, estimate, gain } = found[0];
        assert_eq!(of, 0);
        assert!((estimate.half_width.unwrap() - 4.1765 * 0.020616 / 2.0).abs() < 1e-4);
        // The variances are 0.00729167 and 0.00446667.
        assert!((gain.unwrap() - 0.01175833 / 0.000425).abs() < 1e-3);
    }

    #[test]
    fn the_errors_of_all_looks_sum_to_the_whole() {
        let sum: f64 = (1..10_000).map(|look| error_of_look(0.95, look)).sum();
        assert!((sum - 0.05).abs() < 1e-5 && error_of_look(0.95, 1) == 0.025_000_000_000_000_022);
    }
}
