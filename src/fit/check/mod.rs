//! Predicted beside logged: a scenario is run on the arrivals of a log, and what it says is set
//! beside what the log has.
//!
//! The prediction is an interval for a log as long as this one: the least and the greatest of many
//! replays, whose demands are drawn anew. That is wider than the interval of a mean, as it must be:
//! a log is one sample.

mod figures;
mod logged;
mod predicted;
mod table;

use std::sync::atomic::AtomicBool;

pub(crate) use figures::{FAILED, MEASURES, PERCENTILES, THROUGHPUT};
pub(crate) use logged::ComparedTime;
pub(crate) use predicted::ArrivalsFrom;
pub(crate) use table::{figure, json, text};

use super::findings::Findings;
use super::service::{Held, Share};
use crate::model::Model;
use crate::time::Time;
use figures::{MEAN, Values};
use logged::Logged;
use predicted::{of_window, predict};

/// How near counts as right where the interval does not hold the logged value, as a share.
pub(crate) const NEAR: f64 = 0.10;
/// The same for the failed share, as a difference of shares.
const NEAR_SHARE: f64 = 0.01;

/// What came of one measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureVerdict {
    /// The logged value is in the interval of the prediction.
    Holds,
    /// It is not, but as near as `NEAR`.
    Near,
    /// It is farther off.
    Missed,
    /// Nothing was said of it.
    Unsaid,
}

impl MeasureVerdict {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            MeasureVerdict::Holds => "holds",
            MeasureVerdict::Near => "near",
            MeasureVerdict::Missed => "missed",
            MeasureVerdict::Unsaid => "not said",
        }
    }
}

/// One measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasureRow {
    /// Its name.
    pub measure: &'static str,
    /// What the log has.
    pub(crate) logged: Option<f64>,
    /// The middle of the prediction: the mean of the replays.
    pub(crate) predicted: Option<f64>,
    /// The least and the greatest of the replays, where chance has a part.
    pub(crate) interval: Option<(f64, f64)>,
    /// What came of it.
    pub verdict: MeasureVerdict,
}

impl MeasureRow {
    /// By how much the prediction differs, as a share of the logged value.
    pub fn difference(&self) -> Option<f64> {
        let (logged, predicted) = (self.logged?, self.predicted?);
        if logged == predicted {
            return Some(0.0);
        }
        Some(predicted / logged - 1.0).filter(|share| share.is_finite())
    }
}

/// Everything that was compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// A row for each of `MEASURES`.
    pub rows: Vec<MeasureRow>,
    /// How many replays there were.
    pub replays: usize,
    /// Which arrivals they had.
    pub(crate) arrivals: ArrivalsFrom,
    /// Which time is compared.
    pub(crate) compared: ComparedTime,
}

impl Check {
    /// Whether a measure of which something was said is far off.
    pub fn missed(&self) -> bool {
        self.rows.iter().any(|row| row.verdict == MeasureVerdict::Missed)
    }
}

/// Whose prediction is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the scenario which the log itself gives: what the log does not show, it does not
    /// say.
    OfTheLog,
    /// That of a scenario that was given: it says everything.
    Given,
}

/// Checks a model against a log. What came in the first `warmup` nanoseconds does not count.
///
/// # Errors
/// A sentence, if the two cannot be compared.
pub fn check(
    findings: &Findings,
    (model, whose): (&Model, Whose),
    warmup: u64,
    stop: &AtomicBool,
) -> Result<Check, String> {
    let logged = Logged::new(findings, warmup)?;
    let predicted = predict(model, &logged, warmup, stop)?;
    let said = said(findings, whose);
    let row = |at: usize| {
        let (middle, interval) = spread(&predicted.replays, at);
        let mut row = MeasureRow {
            measure: MEASURES[at],
            logged: logged.values[at],
            predicted: middle,
            interval,
            verdict: MeasureVerdict::Unsaid,
        };
        let of_failures = at != FAILED || whose == Whose::Given || middle > Some(0.0);
        if said(at) && of_failures {
            row.verdict = verdict(&row, at);
        }
        row
    };
    let rows = (0..MEASURES.len()).map(row).collect();
    let (replays, arrivals) = (predicted.replays.len(), predicted.arrivals);
    Ok(Check { rows, replays, arrivals, compared: logged.compared })
}

/// Of which measures the scenario of a log says something: of all if service times are known, of
/// two moments only the throughput and the mean, of upper bounds the throughput.
fn said(findings: &Findings, whose: Whose) -> impl Fn(usize) -> bool {
    let most = match (&findings.service, whose) {
        (_, Whose::Given) => FAILED,
        (Err(_), _) => MEAN,
        (Ok(service), _) if service.share == Share::Unknown || service.held == Held::AtOnce => {
            THROUGHPUT
        }
        (Ok(_), _) => FAILED,
    };
    move |at| at <= most
}

/// The mean of the replays, and their least and greatest.
fn spread(replays: &[Values], at: usize) -> (Option<f64>, Option<(f64, f64)>) {
    let all = || replays.iter().filter_map(|values| values[at]);
    let count = all().count();
    if count == 0 {
        return (None, None);
    }
    let (least, most) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), x| (l.min(x), m.max(x)));
    let interval = (count > 1 && least < most).then_some((least, most));
    (Some(all().sum::<f64>() / count as f64), interval)
}

/// What is predicted of one measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Forecast {
    /// Its place in [`MEASURES`].
    pub(crate) at: usize,
    /// The mean of the runs.
    pub(crate) predicted: f64,
    /// The least of them.
    pub(crate) low: f64,
    /// The greatest.
    pub(crate) high: f64,
}

/// What a model predicts of a test of its own load, of the requests that come in a window of time.
///
/// # Errors
/// A sentence, if not one of them is answered, or if there are too many to be replayed.
pub(crate) fn forecast(
    model: &Model,
    window: (Time, Time),
    stop: &AtomicBool,
) -> Result<Vec<Forecast>, String> {
    let runs = of_window(model, window, stop)?;
    let one = |at| {
        let (predicted, interval) = spread(&runs, at);
        let predicted = predicted?;
        let (low, high) = interval.unwrap_or((predicted, predicted));
        Some(Forecast { at, predicted, low, high })
    };
    let all: Vec<Forecast> = (0..MEASURES.len()).filter_map(one).collect();
    match all.len() {
        0..=2 => Err("no request is answered in the time of the test: make it longer".to_owned()),
        _ => Ok(all),
    }
}

fn verdict(row: &MeasureRow, at: usize) -> MeasureVerdict {
    let (Some(logged), Some(predicted)) = (row.logged, row.predicted) else {
        return MeasureVerdict::Unsaid;
    };
    if row.interval.is_some_and(|(least, most)| (least..=most).contains(&logged)) {
        return MeasureVerdict::Holds;
    }
    let near = match at {
        FAILED => (predicted - logged).abs() <= NEAR_SHARE,
        _ => (predicted - logged).abs() <= NEAR * logged,
    };
    if near { MeasureVerdict::Near } else { MeasureVerdict::Missed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(logged: f64, predicted: f64, interval: Option<(f64, f64)>) -> MeasureRow {
        let (logged, predicted) = (Some(logged), Some(predicted));
        MeasureRow { measure: "mean", logged, predicted, interval, verdict: MeasureVerdict::Unsaid }
    }

    /// Each of the replays makes its clients anew: the first stop ends them all.
    #[test]
    fn a_forecast_that_is_stopped_says_so() {
        let given = [("service", "1s"), ("clients", "3"), ("duration", "1h"), ("workers", "2")];
        let job = crate::job::Job::of_options(given, Box::new(crate::scenario::NoFiles)).unwrap();
        let model = job.plan().unwrap().cells[0].model.clone();
        let window = (Time::ZERO, Time::from_nanos(20_000_000_000));
        assert!(forecast(&model, window, &AtomicBool::new(false)).is_ok());
        assert_eq!(forecast(&model, window, &AtomicBool::new(true)), Err("stopped".to_owned()));
    }

    #[test]
    fn the_interval_decides_before_the_tolerance() {
        let of = |logged, interval| verdict(&row(logged, 1.0, interval), MEAN);
        assert_eq!(of(1.5, Some((0.5, 1.5))), MeasureVerdict::Holds);
        assert_eq!(of(1.09, Some((0.99, 1.01))), MeasureVerdict::Near);
        assert_eq!(of(0.8, Some((0.99, 1.01))), MeasureVerdict::Missed);
        assert_eq!(of(1.0, None), MeasureVerdict::Near);
        assert_eq!(verdict(&row(0.009, 0.0, None), FAILED), MeasureVerdict::Near);
        assert_eq!(verdict(&row(0.02, 0.0, None), FAILED), MeasureVerdict::Missed);
    }
}
