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
//! - it is *worse* once, against every cell that is left, it is worse by more than that.
//!
//! From the second look on there is a *reference*: the cell that looked best before, chosen from other draws.
//! A cell that is worse than the reference by more than the indifference is worse. A cell that is closer to the
//! reference than it has to be is close to each cell that the reference is hardly above: what is left of the
//! indifference is more than that. So cells that are nearly alike are not all run on.
//!
//! What neither was shown of is open. Several looks share the error: see `error_of_look`. Of a cell at the
//! very limit of the indifference neither would be shown for ever: it is *on the limit* once the distance is
//! known to the resolution.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

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

/// The part of the precision to which a distance from a limit has to be known. Finer would cost more than it is
/// worth: half of it takes four times as many requests, and says no more than that 5.1 % is not 5 %.
const OF_PRECISION: f64 = 0.05;
/// The coarsest resolution: a coarse run may say less of what is near a limit, but not much less.
const COARSEST: f64 = 0.0025;
/// The part of the indifference that it is at most.
const OF_INDIFFERENCE: f64 = 0.1;

/// How far a distance from a limit has to be known, as a part of the limit. What is nearer to it than that is on
/// the limit, and no more requests are spent on it.
pub(crate) fn resolution(precision: f64) -> f64 {
    (OF_PRECISION * precision).min(COARSEST)
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
///
/// Cells with the same values in every look are one class, and classes are compared: a sweep has few of
/// them, since workers beyond those that are ever busy change nothing.
pub(crate) struct GroupComparison {
    rules: Rules,
    /// The class of each cell that takes part.
    of_cell: Vec<Option<usize>>,
    classes: Vec<CellClass>,
    /// What was shown of a class beside another, by both; only of those that matter.
    pairs: HashMap<(usize, usize), ShownOfPair>,
    /// The least share of lost requests.
    least_lost: f64,
    /// The cell that looked best in the looks so far.
    reference: Option<usize>,
}

/// Cells that cannot be told apart, and what was shown of them.
#[derive(Clone, Debug)]
struct CellClass {
    /// By position, lowest first.
    cells: Vec<usize>,
    /// Share of lost requests, and how far it may be off.
    lost: (f64, f64),
    not_best: bool,
    /// Worse than a cell that was the reference before that was looked at.
    beaten: bool,
}

/// What was shown of a class beside another one.
#[derive(Clone, Copy, Debug)]
struct ShownOfPair {
    /// Worse by no more than does not count.
    within: bool,
    /// Worse by more.
    beyond: bool,
    /// By how much it was worse beyond the indifference, in the last look.
    excess: f64,
    /// How far that may be off by chance.
    margin: f64,
    /// How far it has to be known.
    resolution: f64,
    /// By how much it is worse at the most.
    above: f64,
    /// The same beyond the indifference; of the class of a reference only.
    room: f64,
}

impl ShownOfPair {
    const NOTHING: ShownOfPair = ShownOfPair {
        within: false,
        beyond: false,
        excess: 0.0,
        margin: f64::INFINITY,
        resolution: 0.0,
        above: f64::INFINITY,
        room: f64::INFINITY,
    };

    /// How many times the requests of the last look would have decided it, as far as can be told: the
    /// square of the margin over the distance, or over the resolution.
    fn lacking(&self) -> f64 {
        (self.margin / self.excess.abs().max(self.resolution)).powi(2)
    }

    /// Whether the distance is known to the resolution.
    fn resolved(&self) -> bool {
        self.margin <= self.resolution
    }
}

/// The part of a distance from the reference that may be used up by the distance of the reference from another.
const CARRIED: f64 = 0.25;

/// Classes that are compared when the end was asked for: beyond, it would take long.
const MOST_AT_THE_END: usize = 1_000;

impl GroupComparison {
    /// Of the cells of a group, before any look.
    pub(crate) fn new(cells: &[&CellResult], rules: Rules) -> Self {
        let takes_part = |cell: &&CellResult| rules.values(cell).map(|_| 0);
        let of_cell: Vec<Option<usize>> = cells.iter().map(takes_part).collect();
        let cells = (0..of_cell.len()).filter(|at| of_cell[*at].is_some()).collect();
        let all = CellClass { cells, lost: (0.0, 0.0), not_best: false, beaten: false };
        let (pairs, least_lost, reference) = (HashMap::new(), 0.0, None);
        GroupComparison { rules, of_cell, classes: vec![all], pairs, least_lost, reference }
    }

    /// Learns from a look at some cells: positions, lowest first, and results that share their random
    /// numbers. If the end was asked for, nothing is learned that would take long.
    pub(crate) fn learn(&mut self, seen: &[(usize, &CellResult)], error: f64, end: bool) {
        let of_class = self.divide(seen);
        let parts = self.classes.iter().map(|class| class.lost.0);
        self.least_lost = parts.fold(f64::MAX, f64::min);
        let mut values: Vec<(usize, &[f64])> = (0..)
            .zip(&of_class)
            .filter_map(|(class, values)| Some((class, values.as_deref()?)))
            .collect();
        if end && values.len() > MOST_AT_THE_END {
            return;
        }
        // Best first, of equal ones the smallest: most others are shown to be worse than the first.
        let mean =
            |(class, values): &(usize, &[f64])| (average(values), self.classes[*class].cells[0]);
        values.sort_by(|a, b| {
            let (a, b) = (mean(a), mean(b));
            a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
        });
        let before = self.reference.and_then(|at| self.of_cell[at]);
        // Of each pair with the best one statement on the plain difference may be wrong and one on what is beyond the
        // indifference; of each pair with a reference one on either side.
        let statements = if before.is_some() { 4 } else { 2 };
        let others = self.of_cell.iter().flatten().count().saturating_sub(1);
        let mut chance = Chance::new(error / (statements * others.max(1)) as f64);
        for (i, one) in &values {
            let beats =
                |(j, other): &(usize, &[f64])| i != j && self.beats(other, one, &mut chance);
            let beaten = self.classes[*i].not_best || values.iter().any(beats);
            self.classes[*i].not_best = beaten;
        }
        let first = values.first().map(|(class, _)| *class);
        let matter = |j: usize| !self.classes[j].not_best || [before, first].contains(&Some(j));
        let matter: Vec<_> = values.iter().copied().filter(|(j, _)| matter(*j)).collect();
        for (i, one) in &values {
            for (j, other) in &matter {
                if self.has_others(*i, *j) {
                    self.learn_pair((*i, one), (*j, other), before, &mut chance);
                }
            }
        }
        if let Some(reference) = before {
            values.iter().for_each(|(class, _)| self.carry(*class, reference));
        }
        self.reference = first.map(|class| self.classes[class].cells[0]).or(self.reference);
    }

    /// Divides the classes whose cells differ in this look; gives the values of each class that was seen.
    fn divide(&mut self, seen: &[(usize, &CellResult)]) -> Vec<Option<Vec<f64>>> {
        let lost_of = |(at, cell): &(usize, &CellResult)| {
            let Estimate { value, half_width } = lost(&cell.row);
            (*at, (value, half_width.unwrap_or(0.0)))
        };
        let (mut values, mut lost) = (self.values(seen), seen.iter().map(lost_of).collect());
        self.fill_between(&mut values, &mut lost);
        let before = std::mem::take(&mut self.classes);
        let mut parts = vec![Vec::new(); before.len()];
        let (mut found, mut of_class) = (HashMap::new(), Vec::new());
        for (at, of_cell) in self.of_cell.iter_mut().enumerate() {
            let Some(class) = of_cell else { continue };
            let (values, old) = (values.remove(&at), &before[*class]);
            let lost = lost.get(&at).copied().unwrap_or(old.lost);
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            let key = (*class, values.as_deref().map(bits), bits(&[lost.0, lost.1]));
            let part = *found.entry(key).or_insert_with(|| {
                parts[*class].push(of_class.len());
                of_class.push(values);
                self.classes.push(CellClass { cells: Vec::new(), lost, ..*old });
                of_class.len() - 1
            });
            self.classes[part].cells.push(at);
            *of_cell = Some(part);
        }
        let of_parts = |((i, j), shown): ((usize, usize), ShownOfPair)| {
            let pairs = parts[i].iter().flat_map(|i| parts[j].iter().map(|j| (*i, *j)));
            pairs.map(move |pair| (pair, shown)).collect::<Vec<_>>()
        };
        self.pairs = std::mem::take(&mut self.pairs).into_iter().flat_map(of_parts).collect();
        of_class
    }

    /// The values of the cells that take part, by position.
    fn values(&self, seen: &[(usize, &CellResult)]) -> HashMap<usize, Vec<f64>> {
        let taking = seen.iter().filter(|(at, _)| self.of_cell[*at].is_some());
        let of_cell = |(at, cell): &(usize, &CellResult)| Some((*at, self.rules.values(cell)?));
        let mut values: HashMap<usize, Vec<f64>> = taking.filter_map(of_cell).collect();
        // What is exact has the same value in every section of the others.
        let longest = values.values().map(Vec::len).max().unwrap_or(0);
        for (at, _) in seen.iter().filter(|(_, cell)| cell.exact) {
            if let Some(values) = values.get_mut(at) {
                values.resize(longest, values[0]);
            }
        }
        values
    }

    /// Gives cells of a class that were not seen what the smallest and the largest that were seen have in
    /// common: where these have the same values no request waited for a worker that only one of them has, so
    /// neither did it in between.
    fn fill_between(
        &self,
        values: &mut HashMap<usize, Vec<f64>>,
        lost: &mut HashMap<usize, (f64, f64)>,
    ) {
        for class in &self.classes {
            let mut seen = class.cells.iter().filter(|at| values.contains_key(at));
            let Some(first) = seen.next() else { continue };
            let last = seen.next_back().unwrap_or(first);
            if values[first] != values[last] || lost[first] != lost[last] {
                continue;
            }
            let (common, part) = (values[first].clone(), lost[first]);
            for at in class.cells.iter().filter(|at| (first..last).contains(at)) {
                values.entry(*at).or_insert_with(|| common.clone());
                lost.entry(*at).or_insert(part);
            }
        }
    }

    /// Whether cells of one class are compared with cells of another, or with each other.
    fn has_others(&self, i: usize, j: usize) -> bool {
        i != j || self.classes[i].cells.len() > 1
    }

    /// Whether some values are below others by more than chance explains.
    fn beats(&self, less: &[f64], more: &[f64], chance: &mut Chance) -> bool {
        let raw = Spread::of(more.iter().zip(less).map(|(a, b)| a - b));
        let told = !self.rules.random || raw.count > 1;
        told && raw.mean - chance.margin(&raw) > 1e-9 * average(less).abs()
    }

    /// What a look shows of two classes; `before` is that of the reference.
    fn learn_pair(
        &mut self,
        (i, one): (usize, &[f64]),
        (j, other): (usize, &[f64]),
        before: Option<usize>,
        chance: &mut Chance,
    ) {
        let rules = self.rules;
        let raw = Spread::of(one.iter().zip(other).map(|(a, b)| a - b));
        let beyond = Spread::of(one.iter().zip(other).map(|(a, b)| a - b - rules.allowed(*b)));
        if rules.random && beyond.count < 2 {
            return;
        }
        let (margin, of_raw) = (chance.margin(&beyond), chance.margin(&raw));
        let worse = beyond.mean - margin > 0.0;
        let shown = self.pairs.entry((i, j)).or_insert(ShownOfPair::NOTHING);
        shown.within |= beyond.mean + margin <= 0.0;
        shown.beyond |= worse;
        (shown.excess, shown.margin) = (beyond.mean, margin);
        shown.resolution = rules.resolved(average(other));
        shown.above = shown.above.min(raw.mean + of_raw);
        if before == Some(j) {
            shown.room = shown.room.min(beyond.mean + margin);
            self.classes[i].beaten |= worse;
        }
    }

    /// What is near the reference is near every class from which the reference is known to be near enough.
    fn carry(&mut self, class: usize, reference: usize) {
        let room = self.pair(class, reference).room;
        let near: Vec<usize> = self
            .left(class)
            .filter(|other| room + self.carried(reference, *other) <= 0.0)
            .collect();
        for other in near {
            self.pairs.entry((class, other)).or_insert(ShownOfPair::NOTHING).within = true;
        }
    }

    /// By how much a cell may be worse beyond the indifference beside a class than beside the reference: what may
    /// be worse grows with the value.
    fn carried(&self, reference: usize, other: usize) -> f64 {
        let above = if reference == other { 0.0 } else { self.pair(reference, other).above };
        match self.rules.indifference {
            Indifference::Share(share) => (1.0 + share) * above.max(0.0),
            Indifference::Absolute(_) => above.max(0.0),
        }
    }

    fn pair(&self, i: usize, j: usize) -> ShownOfPair {
        self.pairs.get(&(i, j)).copied().unwrap_or(ShownOfPair::NOTHING)
    }

    /// Classes that may be the best and that cells of a class are compared with.
    fn left(&self, class: usize) -> impl Iterator<Item = usize> {
        let left = (0..self.classes.len()).filter(|other| !self.classes[*other].not_best);
        left.filter(move |other| self.has_others(class, *other))
    }

    /// Whether a class loses more requests than another: short times are easy for a server that
    /// refuses.
    fn loses_more(&self, class: usize) -> Shown {
        let (least, (value, margin)) = (self.least_lost, self.classes[class].lost);
        match () {
            () if value - margin > least + LOST => Shown::Yes,
            () if value + margin <= least + LOST => Shown::No,
            () if !self.rules.random => Shown::Yes,
            () => Shown::Open,
        }
    }

    /// Whether a cell was shown to be near the best.
    pub(crate) fn state(&self, at: usize) -> Shown {
        let Some(class) = self.of_cell[at] else { return Shown::No };
        let loses = self.loses_more(class);
        if loses == Shown::Yes {
            return Shown::No;
        }
        // A cell that loses more is no measure for the others.
        let others = self.left(class).filter(|other| self.loses_more(*other) != Shown::Yes);
        let others: Vec<ShownOfPair> = others.map(|other| self.pair(class, other)).collect();
        match () {
            () if others.iter().all(|shown| shown.within) => match loses {
                Shown::No => Shown::Yes,
                _ => Shown::Open,
            },
            () if self.classes[class].beaten => Shown::No,
            () if !others.is_empty() && others.iter().all(|shown| shown.beyond) => Shown::No,
            () => Shown::Open,
        }
    }

    /// The classes of some cells.
    fn classes_of(&self, cells: &[usize]) -> BTreeSet<usize> {
        cells.iter().filter_map(|at| self.of_cell[*at]).collect()
    }

    /// The cells that have to be run on together with `open` ones to decide these. Of a class its ends are enough.
    pub(crate) fn with(&self, open: &[usize]) -> Vec<usize> {
        let mut all: BTreeSet<usize> = open.iter().copied().collect();
        for class in self.classes_of(open) {
            let (reference, others) = self.deciding(class);
            all.extend(reference);
            all.extend(others.into_iter().flat_map(|other| &self.classes[other].cells));
        }
        let ends = |at: &usize| {
            let cells = self.of_cell[*at].map(|class| &self.classes[class].cells);
            let mut cells = cells.into_iter().flatten().filter(|at| all.contains(at));
            let first = cells.next();
            first.is_none_or(|first| at == first || at == cells.next_back().unwrap_or(first))
        };
        all.iter().copied().filter(ends).collect()
    }

    /// Classes that may be the best and from which a class is not known to be near.
    fn not_near(&self, class: usize) -> impl Iterator<Item = usize> {
        self.left(class).filter(move |other| !self.pair(class, *other).within)
    }

    /// The cell that looked best in the last look, if another looked worse than may be beside it.
    pub(crate) fn looks_worse_than(&self, at: usize) -> Option<usize> {
        self.looks_worse(self.of_cell[at]?)
    }

    fn looks_worse(&self, class: usize) -> Option<usize> {
        let worse = |best: &usize| self.of_cell[*best].map(|best| self.pair(class, best).excess);
        self.reference.filter(|best| worse(best).is_some_and(|excess| excess > 0.0))
    }

    /// How many times longer the next look should be to decide `open` cells.
    pub(crate) fn lacking(&self, open: &[usize]) -> f64 {
        let of =
            |class: usize| self.decisive(class).map(|shown| shown.lacking()).fold(1.0, f64::max);
        self.classes_of(open).into_iter().map(of).fold(1.0, f64::max)
    }

    /// Whether an open cell is as far from the cells that decide it as does not count, as nearly as can be
    /// told.
    pub(crate) fn on_limit(&self, at: usize) -> bool {
        let Some(class) = self.of_cell[at] else { return false };
        let mut decisive = self.decisive(class).peekable();
        self.state(at) == Shown::Open
            && self.loses_more(class) == Shown::No
            && decisive.peek().is_some()
            && decisive.all(|shown| shown.resolved())
    }

    /// What decides whether a class is near the best: of one that looks worse, the reference; of one that
    /// looks close, every class that may be the best and from which it is not known to be near, or the reference
    /// in place of those that are alike it. Gives the reference, if it decides, and the classes.
    fn deciding(&self, class: usize) -> (Option<usize>, Vec<usize>) {
        let Some(at) = self.reference else { return (None, self.not_near(class).collect()) };
        if self.looks_worse(class).is_some() {
            return (Some(at), Vec::new());
        }
        let reference = self.of_cell[at].unwrap_or(class);
        let distance = -self.pair(class, reference).excess;
        let alike = |other: &usize| self.carried(reference, *other) <= CARRIED * distance;
        let (alike, others): (Vec<usize>, Vec<usize>) = self.not_near(class).partition(alike);
        ((!alike.is_empty()).then_some(at), others)
    }

    /// What was shown of a class beside those that decide.
    fn decisive(&self, class: usize) -> impl Iterator<Item = ShownOfPair> {
        let (reference, others) = self.deciding(class);
        let others = others.into_iter().map(move |other| self.pair(class, other));
        let reference = reference.and_then(|at| self.of_cell[at]).map(|other| {
            let shown = self.pair(class, other);
            let left = if shown.excess < 0.0 { 1.0 - CARRIED } else { 1.0 };
            ShownOfPair { excess: left * shown.excess, ..shown }
        });
        reference.into_iter().chain(others)
    }
}

/// Mean and deviation of some values.
struct Spread {
    mean: f64,
    deviation: f64,
    count: usize,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Spread {
        let count = values.clone().count();
        let mean = values.clone().sum::<f64>() / count.max(1) as f64;
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / (count as f64 - 1.0).max(1.0)).sqrt();
        Spread { mean, deviation, count }
    }
}

/// How far means may be off by chance, at an error on either side.
struct Chance {
    error: f64,
    /// Student's factor by the number of values.
    factors: HashMap<usize, f64>,
}

impl Chance {
    fn new(error: f64) -> Self {
        Chance { error, factors: HashMap::new() }
    }

    fn margin(&mut self, spread: &Spread) -> f64 {
        match spread.count {
            0 | 1 => 0.0,
            n => {
                let factor = || student(1.0 - 2.0 * self.error, n - 1);
                let factor = *self.factors.entry(n).or_insert_with(factor);
                factor * spread.deviation / (n as f64).sqrt()
            }
        }
    }
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
    let mut chance = Chance::new((1.0 - rules.confidence) / (2 * taking.len().max(1)) as f64);
    let deviation = |values: &[f64]| Spread::of(values.iter().copied()).deviation;
    let one = |(of, values): &(usize, Vec<f64>)| {
        let spread = Spread::of(values.iter().zip(&best).map(|(a, b)| a - b));
        let centre = value(*of) - value(named);
        if spread.count < 2 {
            return Difference { of: *of, estimate: Estimate::exact(centre), gain: None };
        }
        let s = spread.deviation;
        let apart = deviation(values).powi(2) + deviation(&best).powi(2);
        let estimate = Estimate { value: centre, half_width: Some(chance.margin(&spread)) };
        Difference { of: *of, estimate, gain: (s > 0.0).then(|| apart / s.powi(2)) }
    };
    taking.iter().map(one).collect()
}

/// The cell that one look at a group names: the smallest that is shown to be close, if all smaller
/// ones are shown to be worse.
pub(crate) fn named(cells: &[&CellResult], rules: Rules) -> Option<usize> {
    let mut found = GroupComparison::new(cells, rules);
    let seen: Vec<(usize, &CellResult)> = cells.iter().copied().enumerate().collect();
    found.learn(&seen, error_of_look(rules.confidence, 1), false);
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|at| (cells[*at].row.axes.size(), *at));
    let first = order.into_iter().find(|at| found.state(*at) != Shown::No)?;
    (found.state(first) == Shown::Yes).then_some(first)
}

/// Positions of the cells in groups that differ in the server's configuration only.
pub(crate) fn groups<'a>(axes: impl Iterator<Item = &'a Axes>) -> Vec<Vec<usize>> {
    let (mut known, mut groups) = (HashMap::new(), Vec::<Vec<usize>>::new());
    // Cells of a group mostly stand side by side.
    let mut last: Option<(&Axes, usize)> = None;
    for (at, one) in axes.enumerate() {
        let group = match last {
            Some((before, group)) if before.same_group(one) => group,
            _ => *known.entry(one.group()).or_insert(groups.len()),
        };
        last = Some((one, group));
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(at);
    }
    groups
}

impl Axes {
    /// Whether two cells have the same load and the same machine, and differ in what one may
    /// choose: workers, threads, the class of workers, hosts, a pool.
    pub(crate) fn same_group(&self, other: &Axes) -> bool {
        self.group() == other.group()
    }

    /// Load and machine.
    pub(crate) fn group(&self) -> impl Eq + Hash {
        let numbers = (self.cores.to_bits(), self.rate_per_s.map(f64::to_bits));
        (self.case.as_deref(), self.memory, self.clients, numbers)
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
            records: None,
            batch: None,
            out: false,
            on_limit: false,
        }
    }

    fn rules(share: f64) -> Rules {
        let indifference = Indifference::Share(share);
        let (confidence, resolution) = (0.95, resolution(0.1));
        Rules { measure: Measure::ResponseP95, confidence, indifference, random: true, resolution }
    }

    fn states(cells: &[&CellResult], rules: Rules) -> Vec<Shown> {
        let mut found = GroupComparison::new(cells, rules);
        let seen: Vec<_> = cells.iter().copied().enumerate().collect();
        found.learn(&seen, 0.05, false);
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
    /// 0.028687). One of the other two pairs with the best, two statements: t(1 - 0.05/4, 3) =
    /// 4.1765; margin 4.1765 x 0.028687 / 2 = 0.05991, so 12 is within 10 %, and likewise 8 of
    /// 12. 4 is worse by 1.1 on average, margin 4.1765 x 0.0842 / 2.
    #[test]
    fn close_and_worse_are_shown_in_pairs() {
        let four = cell(4, &[2.0, 2.1, 2.2, 2.0]);
        let eight = cell(8, &QUIET);
        let twelve = cell(12, &[1.01, 1.08, 0.92, 1.03]);
        let all = [&four, &eight, &twelve];
        assert_eq!(states(&all, rules(0.1)), [Shown::No, Shown::Yes, Shown::Yes]);
        // With 4 %: mean -0.043, s 0.0238, margin 0.0497, so it is not shown.
        assert_eq!(states(&all, rules(0.04))[2], Shown::Open);
    }

    /// What was shown in one look stays shown, and open cells name those that decide them.
    #[test]
    fn looks_add_up() {
        let four = cell(4, &[2.0, 2.1, 2.2, 2.0]);
        let (eight, twelve) = (cell(8, &QUIET), cell(12, &[1.01, 1.08, 0.92, 1.03]));
        let mut found = GroupComparison::new(&[&four, &eight, &twelve], rules(0.04));
        found.learn(&[(0, &four), (1, &eight), (2, &twelve)], 0.05, false);
        assert_eq!(found.with(&[2]), [1, 2]);
        let steady = [cell(8, &[1.0; 4]), cell(12, &[1.0; 4])];
        found.learn(&[(1, &steady[0]), (2, &steady[1])], 0.025, false);
        let states: Vec<Shown> = (0..3).map(|at| found.state(at)).collect();
        assert_eq!(states, [Shown::No, Shown::Yes, Shown::Yes]);
    }

    /// Worked by hand: 12 is worse by 0.051, 0.049, 0.051, 0.049 than what is 1 in every section: beyond 5 % by
    /// 0 on average, s 0.0011547; of one pair, two statements: t(1 - 0.05/2, 3) = 3.182; margin 3.182 x
    /// 0.0011547 / 2 = 0.00184, which is less than 0.25 % of 1. Three times as wide it is more.
    #[test]
    fn what_is_at_the_limit_itself_is_told() {
        let best = cell(8, &[1.0; 4]);
        let at = |spread: f64| cell(4, &[1.0, -1.0, 1.0, -1.0].map(|sign| 1.05 + sign * spread));
        let on_limit = |other: &CellResult| {
            let mut found = GroupComparison::new(&[other, &best], rules(0.05));
            found.learn(&[(0, other), (1, &best)], 0.05, false);
            assert_eq!(found.state(0), Shown::Open);
            found.on_limit(0)
        };
        assert!(on_limit(&at(0.001)) && !on_limit(&at(0.003)));
    }

    /// Cells from 8 on are nearly alike: to decide 4 the reference is run on, and not all of them. Worked by hand: of
    /// three others, two statements each, t(1 - 0.05/6, 3) = 4.857; 9 differs from 8 by 0.001 up and down, s 0.0011547,
    /// so 8 is above it by no more than 0.0028, which takes 1.05 x 0.0028 = 0.0029 of the 5 %. 4 is within by
    /// 0.02 (s 0.0216, margin 0.052), then by 0.03 (four statements: t(1 - 0.025/12, 3) = 7.97, margin
    /// 0.0033), in the other case by 0.002.
    #[test]
    fn what_is_near_the_reference_is_near_what_is_like_it() {
        let four = |sign: f64| cell(4, &[1.02, 1.03, 1.01, 1.0 + 0.06 * sign]);
        let like = |by: [f64; 4]| cell(9, &by.map(|by| 1.000_001 + 0.001 * by));
        let (best, nine) = (cell(8, &[1.0; 4]), like([1.0, -1.0, 1.0, -1.0]));
        let ten = like([-1.0, 1.0, 1.0, -1.0]);
        let all = [&four(1.0), &best, &nine, &ten];
        let mut found = GroupComparison::new(&all, rules(0.05));
        found.learn(&all.iter().copied().enumerate().collect::<Vec<_>>(), 0.05, false);
        assert_eq!(found.state(0), Shown::Open);
        assert_eq!(found.with(&[0]), [0, 1]);
        let steady = cell(4, &[1.02, 1.021, 1.019, 1.02]);
        found.learn(&[(0, &steady), (1, &best)], 0.025, false);
        assert_eq!(found.state(0), Shown::Yes);
        // What is left of the 5 % is less than what the others may be below the reference.
        let mut found = GroupComparison::new(&all, rules(0.05));
        found.learn(&all.iter().copied().enumerate().collect::<Vec<_>>(), 0.05, false);
        found.learn(&[(0, &cell(4, &[1.0479, 1.0481, 1.048, 1.048])), (1, &best)], 0.025, false);
        assert_eq!(found.state(0), Shown::Open);
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

    /// The same with a matrix of all pairs of cells.
    struct Twin {
        rules: Rules,
        not_best: Vec<bool>,
        beaten: Vec<bool>,
        within: Vec<Vec<bool>>,
        beyond: Vec<Vec<bool>>,
        above: Vec<Vec<f64>>,
        reference: Option<usize>,
    }

    impl Twin {
        fn new(count: usize, rules: Rules) -> Twin {
            let (none, all) = (vec![false; count], vec![vec![false; count]; count]);
            let (not_best, beaten) = (none.clone(), none);
            let (within, above) = (all.clone(), vec![vec![f64::INFINITY; count]; count]);
            Twin { rules, not_best, beaten, within, beyond: all, above, reference: None }
        }

        fn learn(&mut self, seen: &[(usize, &CellResult)], error: f64) {
            let statements = if self.reference.is_some() { 4 } else { 2 };
            let mut chance = Chance::new(error / (statements * (self.not_best.len() - 1)) as f64);
            let of = |(at, cell): &(usize, &CellResult)| (*at, self.rules.values(cell).unwrap());
            let values: Vec<(usize, Vec<f64>)> = seen.iter().map(of).collect();
            let mut room = Vec::new();
            for (i, one) in &values {
                for (j, other) in values.iter().filter(|(j, _)| i != j) {
                    let pairs = || one.iter().zip(other);
                    let raw = Spread::of(pairs().map(|(a, b)| a - b));
                    let beyond = Spread::of(pairs().map(|(a, b)| a - b - self.rules.allowed(*b)));
                    let (of_raw, margin) = (chance.margin(&raw), chance.margin(&beyond));
                    self.not_best[*i] |= raw.mean - of_raw > 1e-9 * average(other).abs();
                    self.above[*i][*j] = self.above[*i][*j].min(raw.mean + of_raw);
                    self.within[*i][*j] |= beyond.mean + margin <= 0.0;
                    self.beyond[*i][*j] |= beyond.mean > margin;
                    self.beaten[*i] |= self.reference == Some(*j) && beyond.mean > margin;
                    if self.reference == Some(*j) {
                        room.push((*i, *j, beyond.mean + margin));
                    }
                }
            }
            // What holds beside the reference holds beside what it is hardly above.
            for (i, j, room) in room {
                for k in (0..self.not_best.len()).filter(|k| *k != i) {
                    let above = if k == j { 0.0 } else { self.above[j][k].max(0.0) };
                    self.within[i][k] |= room + 1.05 * above <= 0.0;
                }
            }
            let least = values.iter().min_by(|a, b| average(&a.1).total_cmp(&average(&b.1)));
            self.reference = least.map(|(at, _)| *at);
        }

        fn state(&self, at: usize) -> Shown {
            let left = |j: &usize| *j != at && !self.not_best[*j];
            let others = || (0..self.not_best.len()).filter(left);
            match () {
                () if others().all(|j| self.within[at][j]) => Shown::Yes,
                () if self.beaten[at] || others().all(|j| self.beyond[at][j]) => Shown::No,
                () => Shown::Open,
            }
        }
    }

    /// Two looks, the second at some of the cells, many of them alike, beside a twin that compares every
    /// cell with every other.
    #[test]
    fn classes_of_cells_show_what_all_pairs_show() {
        use proptest::prelude::*;
        use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
        let look = proptest::collection::vec(0..12usize, 9);
        let values = |kind: usize| {
            let (mean, spread) = (1.0 + 0.3 * (kind / 3) as f64, [0.0, 0.02, 0.3][kind % 3]);
            std::array::from_fn::<f64, 5, _>(|at| {
                mean + spread * [0.1, 0.7, -0.4, -0.5, 0.3][(at + kind) % 5]
            })
        };
        let cells = |kinds: &[usize]| -> Vec<CellResult> {
            kinds.iter().map(|kind| cell(4, &values(*kind))).collect()
        };
        let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let (shown, open) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let cases = (look.clone(), look, proptest::collection::vec(any::<bool>(), 9));
        let one = |(kinds, later, again): (Vec<usize>, Vec<usize>, Vec<bool>)| {
            let (first, second, rules) = (cells(&kinds), cells(&later), rules(0.05));
            // What two cells have in common that were alike, cells between them have too.
            let of_ends = |at: usize| {
                let mut seen = (0..9).filter(|other| again[*other] && kinds[*other] == kinds[at]);
                let (low, high) = (seen.next()?, seen.next_back()?);
                ((low..high).contains(&at) && later[low] == later[high]).then_some(low)
            };
            let same_as = |at: usize| if again[at] { Some(at) } else { of_ends(at) };
            let mut found = GroupComparison::new(&first.iter().collect::<Vec<_>>(), rules);
            let mut twin = Twin::new(first.len(), rules);
            let all: Vec<_> = first.iter().enumerate().collect();
            let some: Vec<_> = second.iter().enumerate().filter(|(at, _)| again[*at]).collect();
            let filled = (0..9).filter_map(|at| Some((at, &second[same_as(at)?]))).collect();
            for (seen, known, error) in [(all.clone(), all, 0.5), (some, filled, 0.25)] {
                found.learn(&seen, error, false);
                twin.learn(&known, error);
                for at in 0..first.len() {
                    prop_assert_eq!(found.state(at), twin.state(at), "{}", at);
                    let count = if twin.state(at) == Shown::Open { &open } else { &shown };
                    count.set(count.get() + 1);
                }
            }
            Ok(())
        };
        TestRunner::new_with_rng(config, random).run(&cases, one).unwrap();
        assert!(shown.get().min(open.get()) > 5_000, "{shown:?} {open:?}");
    }

    /// Beyond 32 workers nothing changes: a sweep is compared in time that grows with its cells, not with
    /// their square.
    #[test]
    fn cells_that_are_alike_are_compared_once() {
        let of = |workers: u32| {
            cell(workers, &QUIET.map(|v| v + 40.0 - f64::from(workers.clamp(27, 32))))
        };
        let cells: Vec<CellResult> = (1..=5_000).map(of).collect();
        let all: Vec<&CellResult> = cells.iter().collect();
        let mut found = GroupComparison::new(&all, rules(0.05));
        found.learn(&all.iter().copied().enumerate().collect::<Vec<_>>(), 0.05, true);
        assert_eq!(found.classes.len(), 6);
        assert!(found.pairs.len() <= 36, "{}", found.pairs.len());
        let states = [27, 32, 5_000].map(|workers| found.state(workers - 1));
        assert_eq!(states, [Shown::No, Shown::Yes, Shown::Yes]);
    }

    /// Of cells that are alike the first and the last are run on, and speak for the others. They are not like the
    /// reference, which is a little better on average and differs from them by up to 0.2.
    #[test]
    fn the_ends_of_a_class_speak_for_it() {
        let (open, best) = (cell(4, &[0.2, 2.0, 0.4, 1.5]), cell(6, &[1.1, 0.9, 1.05, 0.9]));
        let alike: Vec<CellResult> = (8..12).map(|workers| cell(workers, &QUIET)).collect();
        let all: Vec<&CellResult> = [&open, &best].into_iter().chain(&alike).collect();
        let mut found = GroupComparison::new(&all, rules(0.05));
        found.learn(&all.iter().copied().enumerate().collect::<Vec<_>>(), 0.05, false);
        assert_eq!(found.with(&[0]), [0, 1, 2, 5]);
        let steady = cell(4, &[1.5; 4]);
        found.learn(&[(0, &steady), (2, &alike[0]), (5, &alike[3])], 0.025, false);
        assert_eq!(found.of_cell, [0, 1, 2, 2, 2, 2].map(Some));
        // Where the ends differ nothing is known of what lies between.
        found.learn(&[(0, &steady), (2, &alike[0]), (5, &steady)], 0.0125, false);
        assert_eq!(found.classes.len(), 5);
    }

    /// A run that is to end does not wait for a comparison of many cells that all differ.
    #[test]
    fn at_the_end_of_a_run_little_is_compared() {
        let of = |workers: u32| cell(workers, &QUIET.map(|v| v + 2_000.0 - f64::from(workers)));
        let cells: Vec<CellResult> = (1..=1_001).map(of).collect();
        let all: Vec<&CellResult> = cells.iter().collect();
        let seen: Vec<_> = all.iter().copied().enumerate().collect();
        for (end, state) in [(false, Shown::No), (true, Shown::Open)] {
            let mut found = GroupComparison::new(&all, rules(0.05));
            found.learn(&seen, 0.05, end);
            assert_eq!(found.state(0), state);
        }
    }

    #[test]
    fn the_errors_of_all_looks_sum_to_the_whole() {
        let sum: f64 = (1..10_000).map(|look| error_of_look(0.95, look)).sum();
        assert!((sum - 0.05).abs() < 1e-5 && error_of_look(0.95, 1) == 0.025_000_000_000_000_022);
    }
}
