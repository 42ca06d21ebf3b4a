//! Objectives of a service level: limits on measures, and whether a cell was shown to meet them.

use crate::experiment::result::row::{Estimate, Measure, Measures, Row, SECTIONS};
use crate::stats::inference::student;

/// What an objective limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A measure of the results.
    Measure(Measure),
    /// All requests that are not answered: refused, timed out, failed and given up.
    Lost,
}

/// A limit on a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What is limited.
    pub(crate) subject: Subject,
    /// Of the requests of this route only; `None`: of all.
    pub(crate) route: Option<String>,
    /// The limit, in the measure's unit.
    pub(crate) limit: f64,
    /// Whether it is the greatest value allowed, or the least.
    pub(crate) at_most: bool,
    /// As it was written; empty for the share of lost requests that a percentile allows.
    pub text: String,
}

/// Whether something was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// That it is so.
    Yes,
    /// That it is not so.
    No,
    /// Neither.
    Open,
}

impl Objective {
    /// The share of lost requests that goes with the other objectives: a percentile of the
    /// response time says nothing of requests without an answer, so no more may be lost than lie
    /// beyond the percentile; beside a mean 1 %. One for each route that is limited, and one for all
    /// requests if these are; none where the objectives limit losses themselves.
    pub(crate) fn implied(all: &[Objective]) -> Vec<Objective> {
        let mut routes: Vec<&Option<String>> = all.iter().map(|one| &one.route).collect();
        routes.sort();
        routes.dedup();
        let allowed = |objective: &Objective| match objective.subject {
            Subject::Measure(measure) => 1.0 - measure.quantile().unwrap_or(0.99),
            Subject::Lost => 1.0,
        };
        let implied = |route: &Option<String>| {
            let of_route = || all.iter().filter(|one| one.route == *route);
            if of_route().any(Objective::is_share) {
                return None;
            }
            let limit = of_route().map(allowed).fold(1.0, f64::min);
            let (route, text) = (route.clone(), String::new());
            Some(Objective { subject: Subject::Lost, route, limit, at_most: true, text })
        };
        routes.into_iter().filter_map(implied).collect()
    }

    /// What a row says of it.
    pub(crate) fn estimate(&self, row: &Row) -> Option<Estimate> {
        let (measures, _) = self.meant(row)?;
        match self.subject {
            Subject::Measure(measure) => measures.get(measure),
            Subject::Lost => Some(lost_of(measures)),
        }
    }

    /// The measures of a row that are meant, and how many requests they speak of.
    fn meant<'a>(&self, row: &'a Row) -> Option<(&'a Measures, u64)> {
        let Some(name) = &self.route else { return Some((&row.measures, row.requests)) };
        let route = row.routes.iter().find(|route| route.name == *name)?;
        Some((&route.measures, route.requests))
    }

    /// Whether a row shows that it is met, at `error` as the probability of either mistake; the
    /// row's own intervals have `confidence`.
    pub(crate) fn shown(&self, row: &Row, confidence: f64, error: f64) -> Shown {
        // Where no request was answered there is no response time that meets a limit.
        let Some(estimate) = self.estimate(row) else {
            let seen = self.meant(row).is_some_and(|(_, requests)| requests > 0);
            return if seen { Shown::No } else { Shown::Open };
        };
        let random = estimate.half_width.is_some();
        let half = stretched(estimate, row, (confidence, error));
        let requests = self.meant(row).map_or(0, |(_, requests)| requests);
        let rare = self.is_share() && random && requests > 0;
        // Of n requests without the event the share may still be -ln(error) / n (Hanley &
        // Lippman-Hand 1983, "If nothing goes wrong, is everything all right?", JAMA 249).
        let above = if rare { half.max(-error.ln() / requests as f64) } else { half };
        let slack = 1e-9 * self.limit.abs();
        let (low, high) = (estimate.value - half, estimate.value + above);
        let (inside, outside) = match self.at_most {
            true => (high <= self.limit + slack, low > self.limit + slack),
            false => (low >= self.limit - slack, high < self.limit - slack),
        };
        match (inside, outside) {
            (true, _) => Shown::Yes,
            (_, true) => Shown::No,
            _ => Shown::Open,
        }
    }

    /// Whether the value of a row is known to that part of the limit.
    fn resolved(&self, row: &Row, (confidence, error): (f64, f64), resolution: f64) -> bool {
        let random = |estimate: &Estimate| estimate.half_width.is_some_and(|half| half > 0.0);
        let half = |estimate| stretched(estimate, row, (confidence, error));
        let estimate = self.estimate(row).filter(random);
        estimate.is_some_and(|estimate| half(estimate) <= resolution * self.limit.abs())
    }

    /// By the square of the half-width over the distance from the limit, or over the resolution.
    fn lacking(&self, row: &Row, bounds: (f64, f64), resolution: f64) -> f64 {
        let Some(estimate) = self.estimate(row) else { return 1.0 };
        let half = stretched(estimate, row, bounds);
        let distance = (estimate.value - self.limit).abs();
        (half / distance.max(resolution * self.limit.abs())).powi(2)
    }

    fn is_share(&self) -> bool {
        let statuses = [Measure::Status499Share, Measure::Status502Share];
        match self.subject {
            Subject::Measure(measure) => {
                Measure::LOST.contains(&measure) || statuses.contains(&measure)
            }
            Subject::Lost => true,
        }
    }
}

/// The half-width at another error than that of the row's own interval.
fn stretched(estimate: Estimate, row: &Row, (confidence, error): (f64, f64)) -> f64 {
    let Some(half) = estimate.half_width else { return 0.0 };
    if estimate.value == 0.0 {
        // The bound of an event that was not seen: -ln(error) over the requests that are independent.
        return half * error.ln() / ((1.0 - confidence) / 2.0).ln();
    }
    match (row.replications as usize).min(SECTIONS) {
        freedom @ 2.. => {
            let freedom = freedom - 1;
            half * student(1.0 - 2.0 * error, freedom) / student(confidence, freedom)
        }
        _ => half,
    }
}

/// The share of the requests that were not answered.
pub(crate) fn lost(row: &Row) -> Estimate {
    lost_of(&row.measures)
}

fn lost_of(measures: &Measures) -> Estimate {
    let parts: Vec<Estimate> =
        Measure::LOST.iter().filter_map(|measure| measures.get(*measure)).collect();
    let value = parts.iter().map(|part| part.value).sum();
    let random = parts.iter().any(|part| part.half_width.is_some());
    let halves = |seen: bool| {
        let of = parts.iter().filter(move |part| (part.value > 0.0) == seen);
        of.filter_map(|part| part.half_width)
    };
    // The shares are not independent: the sum of the half-widths is on the safe side. Those of
    // which nothing was seen are one event together.
    let half_width = random.then(|| halves(true).sum::<f64>() + halves(false).fold(0.0, f64::max));
    Estimate { value, half_width }
}

/// What looks at the cells of a group have shown of their objectives.
pub(crate) struct Objectives {
    list: Vec<Objective>,
    confidence: f64,
    shown: Vec<Shown>,
    /// How many times the requests of the last look would have decided each cell, as far as can be
    /// told.
    lacking: Vec<f64>,
    /// How far a value has to be known, as a part of its limit.
    resolution: f64,
    /// Whether all that is open of a cell is known to that.
    resolved: Vec<bool>,
}

impl Objectives {
    /// For a number of cells, before any look, with intervals of that confidence and a
    /// [resolution](crate::experiment::result::compare::resolution).
    pub(crate) fn new(
        list: Vec<Objective>,
        (confidence, resolution): (f64, f64),
        cells: usize,
    ) -> Self {
        let (shown, lacking) = (vec![Shown::Open; cells], vec![1.0; cells]);
        let resolved = vec![false; cells];
        Objectives { list, confidence, shown, lacking, resolution, resolved }
    }

    /// Learns from a look at a cell: the rows that have to meet the objectives. What was shown
    /// before stays.
    pub(crate) fn learn(&mut self, at: usize, rows: &[&Row], error: f64) {
        if self.shown[at] != Shown::Open {
            return;
        }
        let tests = (self.shown.len() * self.list.len() * rows.len()).max(1) as f64;
        let error = error / tests;
        let pairs = || rows.iter().flat_map(|row| self.list.iter().map(move |one| (one, *row)));
        let all: Vec<Shown> =
            pairs().map(|(one, row)| one.shown(row, self.confidence, error)).collect();
        let (bounds, resolution) = ((self.confidence, error), self.resolution);
        let lacking = pairs().map(|(one, row)| one.lacking(row, bounds, resolution));
        let lacking = lacking.zip(&all).filter(|(_, shown)| **shown == Shown::Open);
        let lacking = lacking.map(|(lacking, _)| lacking).fold(1.0, f64::max);
        self.lacking[at] = lacking;
        let open = pairs().zip(&all).filter(|(_, shown)| **shown == Shown::Open);
        let mut open = open.map(|((one, row), _)| one.resolved(row, bounds, resolution));
        self.resolved[at] = open.all(|resolved| resolved);
        self.shown[at] = match &all {
            all if all.contains(&Shown::No) => Shown::No,
            all if all.contains(&Shown::Open) => Shown::Open,
            _ => Shown::Yes,
        };
    }

    /// How many times longer the next look should be to decide `open` cells.
    pub(crate) fn lacking(&self, open: &[usize]) -> f64 {
        open.iter().map(|at| self.lacking[*at]).fold(1.0, f64::max)
    }

    /// What was shown of a cell.
    pub(crate) fn state(&self, at: usize) -> Shown {
        self.shown[at]
    }

    /// Whether an open cell is at a limit itself, as nearly as can be told.
    pub(crate) fn on_limit(&self, at: usize) -> bool {
        self.shown[at] == Shown::Open && self.resolved[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::result::row::tests::row;

    fn at_most(limit: f64) -> Objective {
        let subject = Subject::Measure(Measure::ResponseP99);
        let text = "p99<300ms".to_owned();
        Objective { subject, route: None, limit, at_most: true, text }
    }

    fn measured(value: f64, half: f64) -> Row {
        let mut row = row(4);
        row.replications = 20;
        row.requests = 10_000;
        row.measures.set(Measure::ResponseP99, Estimate { value, half_width: Some(half) });
        row
    }

    /// Worked by hand: at an error of 2.5 % on each side a 95 % interval is as it is printed; at
    /// 0.05 % it is t(19, 0.9995) / t(19, 0.975) = 3.883 / 2.093 = 1.855 times as wide.
    #[test]
    fn an_objective_is_met_by_the_whole_interval() {
        let shown = |value, half, error| at_most(0.3).shown(&measured(value, half), 0.95, error);
        assert_eq!(shown(0.28, 0.019, 0.025), Shown::Yes);
        assert_eq!(shown(0.28, 0.021, 0.025), Shown::Open);
        assert_eq!(shown(0.32, 0.019, 0.025), Shown::No);
        assert_eq!(shown(0.28, 0.0107, 0.0005), Shown::Yes);
        assert_eq!(shown(0.28, 0.0109, 0.0005), Shown::Open);
    }

    /// A percentile of those who were answered does not excuse those who were not.
    #[test]
    fn a_percentile_allows_as_many_losses_as_lie_beyond_it() {
        let implied = Objective::implied(&[at_most(0.3)]).remove(0);
        assert!((implied.limit - 0.01).abs() < 1e-12 && implied.subject == Subject::Lost);
        let failed = Objective { subject: Subject::Lost, ..at_most(0.001) };
        assert_eq!(Objective::implied(&[at_most(0.3), failed]), []);
        let mut row = measured(0.1, 0.001);
        let share = Estimate { value: 0.4, half_width: Some(0.01) };
        row.measures.set(Measure::RefusedShare, share);
        assert_eq!(implied.shown(&row, 0.95, 0.025), Shown::No);
        // None lost of 10,000 requests: at most -ln(0.025) / 10,000 = 0.00037 at 97.5 %.
        row.measures.set(Measure::RefusedShare, Estimate { value: 0.0, half_width: Some(0.0) });
        let limited = |limit| Objective { limit, ..implied.clone() }.shown(&row, 0.95, 0.025);
        assert_eq!((limited(0.00038), limited(0.00036)), (Shown::Yes, Shown::Open));
    }

    #[test]
    fn what_was_shown_once_stays() {
        let mut cells = Objectives::new(vec![at_most(0.3)], (0.95, 0.0025), 1);
        cells.learn(0, &[&measured(0.29, 0.1)], 0.05);
        assert_eq!(cells.state(0), Shown::Open);
        cells.learn(0, &[&measured(0.2, 0.01), &measured(0.29, 0.1)], 0.05);
        assert_eq!(cells.state(0), Shown::Open);
        cells.learn(0, &[&measured(0.2, 0.01)], 0.05);
        cells.learn(0, &[&measured(0.9, 0.01)], 0.05);
        assert_eq!(cells.state(0), Shown::Yes);
    }
}
