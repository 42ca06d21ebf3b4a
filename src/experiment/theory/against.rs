//! Whether a simulation agrees with theory: every measure that has an interval and an exact value,
//! over all cells, at a level that holds for all comparisons together.
//!
//! Each is Student's t on the sections; the level is divided by the number of comparisons
//! (Bonferroni), so that a program that is right fails in at most that share of its runs, however
//! many cells a sweep has. Percentiles come from a histogram whose buckets are up to 0.2 % wide and
//! told by their mean: 0.1 % of the value is allowed for that. A percentile beyond which a section has
//! few requests is not compared: the sections' values are then skewed (most lack the rare long spells that
//! one has), and Student's t, far out where Bonferroni's level lies, is wrong more often than it says.

use crate::distribution::{ArrivalProcess, Distribution};
use crate::experiment::plan::{Cell, Length, Settings};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::row::{Measure, Measures, RouteRow, Theory, TheoryKind};
use crate::experiment::run::cell::run_cell;
use crate::experiment::run::control::Control;
use crate::experiment::theory::theory_of::{self, theory_of};
use crate::model::{Load, Model, Phase};
use crate::stats::inference::student;
use crate::theory::{Answer, Known};
use crate::time::Span;

/// What the rounding of percentiles is allowed, as a share of the value.
pub(crate) const ROUNDING: f64 = 0.001;
/// What the arithmetic of either side is allowed, as a share of the value.
const ARITHMETIC: f64 = 1e-8;
/// A median (or another percentile) of the wait jumps to zero where as many do not wait: nearer
/// than this to that share it is not compared.
const NEAR_THE_JUMP: f64 = 0.03;

/// One measure of one cell, by simulation and by theory.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TheoryComparison {
    /// Position of the cell.
    pub(crate) cell: usize,
    /// Whether it is the cell's exponential twin that was simulated.
    pub(crate) twin: bool,
    /// The name of the route whose requests are compared; `None`: all of the cell.
    pub(crate) route: Option<String>,
    /// What is compared.
    pub(crate) measure: Measure,
    /// The estimate.
    pub(crate) simulated: f64,
    /// Half the width of its own interval.
    pub(crate) half_width: f64,
    /// The exact value.
    pub(crate) theory: f64,
    /// The difference in standard errors; infinite for a difference without any spread.
    pub(crate) z: f64,
    /// Degrees of freedom of the standard error.
    freedom: usize,
}

impl TheoryComparison {
    /// Whether they differ by more than chance and rounding explain, as one of `count`
    /// comparisons at the simultaneous `level`.
    pub(crate) fn differs(&self, count: usize, level: f64) -> bool {
        let most = student(1.0 - level / count.max(1) as f64, self.freedom);
        let (error, rounding) = (self.error(), allowance(self.measure) * self.theory.abs());
        let difference = (self.simulated - self.theory).abs();
        // written so that what is no number differs
        let explained = difference <= most * error + rounding;
        !explained
    }

    fn error(&self) -> f64 {
        let difference = self.simulated - self.theory;
        if difference == 0.0 || self.z.is_infinite() { 0.0 } else { (difference / self.z).abs() }
    }
}

fn allowance(measure: Measure) -> f64 {
    match percentile(measure) {
        Some(_) => ROUNDING,
        None => ARITHMETIC,
    }
}

/// The share of values below a percentile, and whether it is one of the wait.
fn percentile(measure: Measure) -> Option<(f64, bool)> {
    Some(match measure {
        Measure::WaitP50 => (0.5, true),
        Measure::WaitP90 => (0.9, true),
        Measure::WaitP95 => (0.95, true),
        Measure::WaitP99 => (0.99, true),
        Measure::ResponseP50 => (0.5, false),
        Measure::ResponseP90 => (0.9, false),
        Measure::ResponseP95 => (0.95, false),
        Measure::ResponseP99 => (0.99, false),
        Measure::ResponseP999 => (0.999, false),
        _ => return None,
    })
}

/// Requests that a section has beyond a percentile that is compared: those of p99 where nothing is said
/// of few in the tail.
pub(crate) const BEYOND: f64 = 50.0;

/// What was seen of a cell or a route.
pub(crate) struct Seen<'a> {
    /// The estimates.
    pub(crate) measures: &'a Measures,
    /// Independent sections.
    pub(crate) sections: usize,
    /// Requests of all of them.
    pub(crate) requests: u64,
    /// Confidence of the intervals.
    pub(crate) confidence: f64,
}

impl Seen<'_> {
    /// Whether a percentile has few requests beyond it in a section.
    fn few_beyond(&self, measure: Measure) -> bool {
        let each = self.requests as f64 / self.sections.max(1) as f64;
        percentile(measure).is_some_and(|(p, _)| (1.0 - p) * each < BEYOND)
    }
}

/// The comparisons of a cell: none without an exact answer. What is zero in both says nothing.
pub(crate) fn comparisons(
    (cell, twin): (usize, bool),
    known: &Known,
    seen: &Seen<'_>,
) -> Vec<TheoryComparison> {
    let Seen { measures, sections: replications, confidence, .. } = *seen;
    if known.answer != Answer::Exact || replications < 2 {
        return Vec::new();
    }
    let freedom = replications - 1;
    let per_error = student(confidence, freedom);
    let one = |measure: Measure| {
        let (estimate, theory) = (measures.get(measure)?, theory_of::exact(known, measure)?);
        let (simulated, half_width) = (estimate.value, estimate.half_width?);
        let nothing = simulated == 0.0 && theory == 0.0;
        if nothing || near_the_jump(measure, known) || seen.few_beyond(measure) {
            return None;
        }
        let difference = simulated - theory;
        let z = if difference == 0.0 { 0.0 } else { difference / (half_width / per_error) };
        let route = None;
        Some(TheoryComparison {
            cell,
            twin,
            route,
            measure,
            simulated,
            half_width,
            theory,
            z,
            freedom,
        })
    };
    Measure::ALL.into_iter().filter_map(one).collect()
}

fn near_the_jump(measure: Measure, known: &Known) -> bool {
    let Some((p, true)) = percentile(measure) else { return false };
    known.wait_prob.is_none_or(|waits| (1.0 - waits - p).abs() < NEAR_THE_JUMP)
}

/// The comparisons of a simulated cell and of its routes with their own theory.
pub(crate) fn of_result(
    cell: usize,
    result: &CellResult,
    confidence: f64,
) -> Vec<TheoryComparison> {
    let sections = result.sections.len();
    let compared = |known: &Known, (measures, requests): (&Measures, u64)| {
        let seen = Seen { measures, sections, requests, confidence };
        comparisons((cell, false), known, &seen)
    };
    let all = (&result.row.measures, result.row.requests);
    let whole = result.theory.iter().flat_map(|known| compared(known, all));
    let of_route = |route: &RouteRow| {
        let known = result.theory.as_ref().and_then(|known| of_a_route(known, route));
        let mut all = known
            .map_or_else(Vec::new, |known| compared(&known, (&route.measures, route.requests)));
        all.iter_mut().for_each(|one| one.route = Some(route.name.clone()));
        all
    };
    whole.chain(result.row.routes.iter().flat_map(of_route)).collect()
}

/// What theory says of a route of a cell, where that is exact: its mean waiting and response time.
fn of_a_route(known: &Known, route: &RouteRow) -> Option<Known> {
    let wait = Theory::MEASURES.iter().position(|measure| *measure == Measure::WaitMean);
    let mut of = Known::nothing(known.name.clone(), String::new());
    of.answer = Answer::Exact;
    of.wait_mean = wait.and_then(|at| route.theory.values[at]);
    of.response_mean = route.theory_response_mean_s;
    (route.theory.kind == Some(TheoryKind::Exact)).then_some(of)
}

/// Where nothing is known exactly: the same cell with every distribution exponential and Poisson
/// arrivals, if that is known. It runs the same engine over the same server, so it is a check of
/// both.
pub(crate) fn exponential_twin(cell: &Cell, settings: &Settings) -> Option<(Cell, Known)> {
    if settings.length == Length::Story
        || matches!(theory_of(&cell.model, settings).answer, Answer::Exact | Answer::Unstable)
    {
        return None;
    }
    let exponential = |distribution: &Distribution| match distribution.is_zero() {
        true => distribution.clone(),
        false => Distribution::Exponential { mean: Span::from_secs_f64(distribution.mean()) },
    };
    let one = |phase: &Phase| Phase { kind: phase.kind, demand: exponential(&phase.demand) };
    let load = match cell.model.load() {
        Load::Trace(_) => return None,
        Load::Open(open) => {
            let mut open = open.clone();
            (open.arrivals, open.mix) = (ArrivalProcess::Poisson, open.mix.map(one));
            Load::Open(open)
        }
        Load::Closed(closed) => {
            let mut closed = closed.clone();
            (closed.think, closed.mix) = (exponential(&closed.think), closed.mix.map(one));
            Load::Closed(closed)
        }
    };
    let mut server = cell.model.server().clone();
    server.patience = server.patience.as_ref().map(exponential);
    let model = Model::new(load, server).ok()?;
    let known = theory_of(&model, settings);
    let twin = Cell { axes: cell.axes.clone(), model };
    (known.answer == Answer::Exact).then_some((twin, known))
}

/// Simulates the exponential twin of a cell, if it has one, and compares it.
pub(crate) fn of_twin(
    at: usize,
    cell: &Cell,
    settings: &Settings,
    control: Control<'_>,
) -> Vec<TheoryComparison> {
    let Some((twin, known)) = exponential_twin(cell, settings) else { return Vec::new() };
    run_cell(&twin, settings, control).map_or_else(Vec::new, |result| {
        let (measures, requests) = (&result.row.measures, result.row.requests);
        let (sections, confidence) = (result.sections.len(), settings.confidence);
        comparisons((at, true), &known, &Seen { measures, sections, requests, confidence })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::result::row::Estimate;
    use crate::theory::{RandomTime, TheoryModel, known};

    /// What 20 sections of 100,000 requests show.
    fn many(measures: &Measures) -> Seen<'_> {
        Seen { measures, sections: 20, requests: 2_000_000, confidence: 0.95 }
    }

    /// M/M/4 at a load of 0.8 by theory, and a simulation that is off by so many standard errors.
    fn off_by(z: f64, measure: Measure) -> (Known, Vec<TheoryComparison>) {
        let known = known(&TheoryModel::open(3.2, RandomTime::exponential(1.0), 4));
        let theory = theory_of::exact(&known, measure).unwrap();
        let error = 0.001 * theory;
        let half_width = Some(error * student(0.95, 19));
        let mut measures = Measures::default();
        measures.set(measure, Estimate { value: theory + z * error, half_width });
        let got = comparisons((0, false), &known, &many(&measures));
        (known, got)
    }

    /// Tables of Student's t with 19 degrees of freedom: 2.093 at 95 %, 3.883 at 99.9 %.
    #[test]
    fn what_chance_explains_is_no_difference() {
        for (z, count, differs) in
            [(2.0, 1, false), (2.2, 1, true), (2.2, 50, false), (-3.8, 50, false), (3.95, 50, true)]
        {
            let (_, got) = off_by(z, Measure::WaitMean);
            assert!((got[0].z - z).abs() < 1e-9, "{got:?}");
            assert_eq!(got[0].differs(count, 0.05), differs, "{z} of {count}");
        }
    }

    /// A wrong theory is seen: the same simulation against a value that is 10 standard errors off.
    #[test]
    fn a_wrong_theory_is_seen() {
        let (known, right) = off_by(0.5, Measure::ResponseMean);
        assert!(!right[0].differs(100, 0.05));
        let wrong = Known { response_mean: known.response_mean.map(|x| x * 1.01), ..known };
        let mut measures = Measures::default();
        let estimate =
            Estimate { value: right[0].simulated, half_width: Some(right[0].half_width) };
        measures.set(Measure::ResponseMean, estimate);
        let got = comparisons((0, false), &wrong, &many(&measures));
        assert!(got[0].differs(100, 0.05), "{got:?}");
    }

    #[test]
    fn percentiles_may_be_rounded_and_means_may_not() {
        let exactly = |measure: Measure, by: f64| {
            let (known, _) = off_by(0.0, measure);
            let value = theory_of::exact(&known, measure).unwrap() * (1.0 + by);
            let mut measures = Measures::default();
            measures.set(measure, Estimate { value, half_width: Some(0.0) });
            comparisons((0, false), &known, &many(&measures))[0].differs(1, 0.05)
        };
        assert!(!exactly(Measure::ResponseP95, 0.0009) && exactly(Measure::ResponseP95, 0.0011));
        assert!(exactly(Measure::WaitMean, 1e-6) && !exactly(Measure::WaitMean, 0.0));
    }

    /// P(wait) is 0.596 there: the p50 of the wait is compared, one at the jump is not.
    #[test]
    fn what_jumps_or_has_no_interval_is_left_out() {
        let (known, got) = off_by(1.0, Measure::WaitP50);
        assert_eq!(got.len(), 1);
        let jump = Known { wait_prob: Some(0.51), ..known.clone() };
        let mut measures = Measures::default();
        measures.set(Measure::WaitP50, Estimate { value: 0.1, half_width: Some(0.01) });
        assert!(comparisons((0, false), &jump, &many(&measures)).is_empty());
        measures.set(Measure::WaitP50, Estimate::exact(0.1));
        assert!(comparisons((0, false), &known, &many(&measures)).is_empty());
    }

    /// Of 100,000 requests of a section 100 lie beyond p99.9, of 49,999 there are 49.999.
    #[test]
    fn a_percentile_with_few_requests_beyond_it_is_left_out() {
        let compared = |measure: Measure, each: u64| {
            let (known, _) = off_by(0.0, measure);
            let value = theory_of::exact(&known, measure).unwrap();
            let mut measures = Measures::default();
            measures.set(measure, Estimate { value, half_width: Some(0.1 * value) });
            let seen = Seen { requests: 20 * each, ..many(&measures) };
            comparisons((0, false), &known, &seen).len()
        };
        assert_eq!(compared(Measure::ResponseP999, 100_000), 1);
        assert_eq!(compared(Measure::ResponseP999, 50_100), 1);
        assert_eq!(compared(Measure::ResponseP999, 49_999), 0);
        assert_eq!(compared(Measure::ResponseP99, 6_000), 1);
        assert_eq!(compared(Measure::WaitP99, 4_000), 0);
        assert_eq!(compared(Measure::ResponseMean, 4_000), 1);
    }
}
