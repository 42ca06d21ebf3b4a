//! Expectations of a scenario: what a measure of a cell should be, and how near.

use crate::experiment::row::{Axes, Estimate, Flag, Measure, Row};
use crate::size::Size;
use crate::time::{ParseSpanError, Span};

/// Which cells an expectation speaks of; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Selector {
    /// Workers.
    pub(crate) workers: Option<u32>,
    /// Threads in each.
    pub(crate) threads: Option<u32>,
    /// Cores.
    pub(crate) cores: Option<f64>,
    /// Clients.
    pub(crate) clients: Option<u32>,
    /// Arrivals per second.
    pub(crate) rate: Option<f64>,
    /// Bytes of memory.
    pub(crate) memory: Option<f64>,
    /// Name of the case.
    pub(crate) case: Option<String>,
    /// Name of the route; `None`: all requests together.
    pub(crate) route: Option<String>,
    /// Values on further axes (out of [`KINDS`](crate::experiment::row::KINDS)).
    pub(crate) kinds: Vec<(&'static str, String)>,
}

impl Selector {
    /// Whether a row is meant.
    pub(crate) fn matches(&self, axes: &Axes) -> bool {
        let near = |wanted: Option<f64>, got: Option<f64>| match (wanted, got) {
            (None, _) => true,
            (Some(wanted), Some(got)) => (wanted - got).abs() <= 1e-9 * wanted.abs(),
            (Some(_), None) => false,
        };
        self.workers.is_none_or(|wanted| wanted == axes.workers)
            && self.threads.is_none_or(|wanted| wanted == axes.threads)
            && self.clients.is_none_or(|wanted| axes.clients == Some(wanted))
            && self.route == axes.route
            && near(self.cores, Some(axes.cores))
            && near(self.rate, axes.rate_per_s)
            && near(self.memory, axes.memory.map(|bytes| bytes as f64))
            && self.case.as_ref().is_none_or(|wanted| axes.case.as_ref() == Some(wanted))
            && self.kinds.iter().all(|(axis, wanted)| axes.kind(axis) == Some(wanted))
    }
}

/// How near is near enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// In the measure's unit.
    Absolute(f64),
    /// As a share of the expected value.
    Relative(f64),
}

impl Tolerance {
    /// Reads `2%`, `5ms` or a number in the measure's unit.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &str) -> Result<Tolerance, String> {
        if let Some(percent) = text.trim().strip_suffix('%') {
            let value = percent.trim().parse::<f64>().ok().filter(|v| *v >= 0.0 && v.is_finite());
            return value
                .map(|value| Tolerance::Relative(value / 100.0))
                .ok_or_else(|| format!("'{text}' is not a tolerance: write 2%, 5ms or 0.01"));
        }
        quantity(text).map(Tolerance::Absolute)
    }

    /// How far from `value` is near enough, in the measure's unit.
    fn width(self, value: f64) -> f64 {
        match self {
            Tolerance::Absolute(width) => width,
            Tolerance::Relative(share) => share * value.abs(),
        }
    }
}

/// Reads a value of a measure: a number in its unit, `9s`, `75%` or `512M` (`m` are minutes).
///
/// # Errors
/// A sentence.
pub fn quantity(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let wrong = || format!("'{text}' is not a value: write a number, 9s, 250ms, 75% or 512M");
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    if let Some(value) = number(text) {
        return Ok(value);
    }
    if let Some(percent) = text.strip_suffix('%') {
        return number(percent).map(|value| value / 100.0).ok_or_else(wrong);
    }
    match text.parse::<Span>() {
        Ok(span) => return Ok(span.as_secs_f64()),
        Err(fine @ ParseSpanError::TooFine { .. }) => return Err(fine.to_string()),
        Err(_) => {}
    }
    text.parse::<Size>().map(|size| size.bytes() as f64).map_err(|_| wrong())
}

/// What is expected of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expected {
    /// A measure near a value.
    Near {
        /// Which measure.
        measure: Measure,
        /// What it should be.
        value: f64,
        /// How near.
        tolerance: Tolerance,
    },
    /// A measure that is at most a value.
    Most {
        /// Which measure.
        measure: Measure,
        /// The threshold.
        value: f64,
    },
    /// A measure that is at least a value.
    Least {
        /// Which measure.
        measure: Measure,
        /// The threshold.
        value: f64,
    },
    /// The word in the column `stable`.
    Stable(String),
}

impl Expected {
    /// Which measure it speaks of; `None` of the word for stability.
    pub(crate) fn measure(&self) -> Option<Measure> {
        match self {
            Expected::Near { measure, .. }
            | Expected::Most { measure, .. }
            | Expected::Least { measure, .. } => Some(*measure),
            Expected::Stable(_) => None,
        }
    }

    /// The value or the threshold; 0 of the word for stability.
    pub(crate) fn value(&self) -> f64 {
        match self {
            Expected::Near { value, .. }
            | Expected::Most { value, .. }
            | Expected::Least { value, .. } => *value,
            Expected::Stable(_) => 0.0,
        }
    }
}

/// Whether a cell is as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExpectVerdict {
    /// It is.
    Met,
    /// It is not.
    Missed,
    /// Its interval is too wide to tell.
    Unclear,
}

/// An expectation of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Of which cells.
    pub(crate) of: Selector,
    /// What.
    pub(crate) expected: Expected,
    /// Line of the file.
    pub line: usize,
}

impl Expectation {
    /// What is to be said of each cell that is meant.
    pub(crate) fn verdicts<'a>(
        &self,
        rows: impl Iterator<Item = &'a Row>,
    ) -> Vec<(&'a Row, ExpectVerdict)> {
        let meant = rows.filter(|row| self.of.matches(&row.axes));
        meant.map(|row| (row, self.verdict(row))).collect()
    }

    fn verdict(&self, row: &Row) -> ExpectVerdict {
        let got = match (&self.expected, self.expected.measure()) {
            (Expected::Stable(word), _) if row.stability.name() == word => {
                return ExpectVerdict::Met;
            }
            (_, Some(measure)) => row.measures.get(measure),
            (_, None) => None,
        };
        let Some(got) = got else { return ExpectVerdict::Missed };
        match self.room(got.value) {
            room if self.cannot_tell(row, got, room) => ExpectVerdict::Unclear,
            room if room >= 0.0 => ExpectVerdict::Met,
            _ => ExpectVerdict::Missed,
        }
    }

    /// How far a value is inside of what is expected; below 0: outside.
    fn room(&self, got: f64) -> f64 {
        match &self.expected {
            // A tolerance of 0 still leaves room for the last bits of a division.
            Expected::Near { value, tolerance, .. } => {
                tolerance.width(*value) + 1e-12 * value.abs() - (got - value).abs()
            }
            Expected::Most { value, .. } => value - got + 1e-12 * value.abs(),
            Expected::Least { value, .. } => got - value + 1e-12 * value.abs(),
            Expected::Stable(_) => 0.0,
        }
    }

    /// Whether chance could turn the verdict: always asked of a threshold; of a value with a
    /// tolerance only where a limit ended the run too early.
    fn cannot_tell(&self, row: &Row, got: Estimate, room: f64) -> bool {
        let early = [Flag::PrecisionNotReached, Flag::Partial];
        let asked = match self.expected {
            Expected::Near { .. } => early.iter().any(|flag| row.flags.contains(flag)),
            _ => true,
        };
        asked && got.half_width.is_some_and(|half_width| room.abs() < half_width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_tolerances_are_read() {
        assert_eq!(quantity("9s"), Ok(9.0));
        assert_eq!(quantity("250ms"), Ok(0.25));
        assert_eq!(quantity("75%"), Ok(0.75));
        assert_eq!(quantity("17MB"), Ok(17_000_000.0));
        assert_eq!(quantity("0.5"), Ok(0.5));
        assert!(quantity("nine").is_err());
        assert_eq!(Tolerance::parse("2%"), Ok(Tolerance::Relative(0.02)));
        assert_eq!(Tolerance::parse("5ms"), Ok(Tolerance::Absolute(0.005)));
        assert!(Tolerance::parse("-2%").is_err());
    }
}
