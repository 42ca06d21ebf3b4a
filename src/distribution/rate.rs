//! How many requests in how much time.

use std::fmt;
use std::str::FromStr;

use super::print::Number;
use super::text::{decimal, shown};

/// Greatest rate: one request every nanosecond, the smallest step of time.
const GREATEST_PER_SECOND: f64 = 1e9;

/// Requests per unit of time, as it was written: `120/s`, `5/min`.
///
/// ```
/// use simsrv::distribution::Rate;
/// let rate: Rate = "90/min".parse().unwrap();
/// assert_eq!(rate.per_second(), 1.5);
/// assert_eq!(rate.to_string(), "90/min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    count: f64,
    per: Per,
}

/// The unit of time below the stroke of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Per {
    /// `/s`
    Second,
    /// `/min`
    Minute,
    /// `/h`
    Hour,
}

impl Per {
    /// Seconds in the unit.
    pub(crate) const fn seconds(self) -> f64 {
        match self {
            Per::Second => 1.0,
            Per::Minute => 60.0,
            Per::Hour => 3600.0,
        }
    }

    /// The unit as it is written: `s`, `min` or `h`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Per::Second => "s",
            Per::Minute => "min",
            Per::Hour => "h",
        }
    }

    fn of(unit: &str) -> Option<Per> {
        match unit {
            "s" | "sec" | "second" => Some(Per::Second),
            "m" | "min" | "minute" => Some(Per::Minute),
            "h" | "hour" => Some(Per::Hour),
            _ => None,
        }
    }
}

/// Why a text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// A number without a unit of time.
    #[error("'{0}' does not say per what time: write {0}/s, {0}/min or {0}/h")]
    NoUnit(String),
    /// A unit that is not known.
    #[error("'{unit}' in '{text}' is not a unit of a rate: use /s, /min or /h")]
    UnknownUnit {
        /// The whole text.
        text: String,
        /// What stands behind the stroke.
        unit: String,
    },
    /// No number in front.
    #[error("'{0}' is not a rate: write requests per time, such as 120/s, 5/min or 2/h")]
    NoNumber(String),
    /// Zero or below, or beyond what time can tell apart.
    #[error("'{0}' is out of bounds: a rate is more than zero and at most 1000000000/s")]
    OutOfBounds(String),
}

impl Rate {
    /// `count` requests in each unit of time.
    ///
    /// # Errors
    /// If the rate is not more than zero or is above 10^9 a second.
    pub(crate) fn new(count: f64, per: Per) -> Result<Rate, RateError> {
        let rate = Rate { count, per };
        if rate.per_second() > 0.0 && rate.per_second() <= GREATEST_PER_SECOND {
            return Ok(rate);
        }
        Err(RateError::OutOfBounds(rate.to_string()))
    }

    /// `factor` times the rate, in the same unit.
    ///
    /// # Errors
    /// As [`Rate::new`].
    pub(crate) fn times(self, factor: f64) -> Result<Rate, RateError> {
        Rate::new(self.count * factor, self.per)
    }

    /// Requests per second, more than zero (in a state of `mmpp`, zero or more).
    pub fn per_second(self) -> f64 {
        self.count / self.per.seconds()
    }

    /// Reads a rate that may be zero: that of a state of `mmpp`.
    pub(super) fn read_with_zero(text: &str) -> Result<Rate, RateError> {
        match read(text)? {
            (0.0, per) => Ok(Rate { count: 0.0, per }),
            (count, per) => Rate::new(count, per),
        }
    }
}

/// The number and the unit.
fn read(text: &str) -> Result<(f64, Per), RateError> {
    let text = text.trim();
    let (number, unit) = match text.split_once('/') {
        Some((number, unit)) => (number.trim(), Some(unit.trim())),
        None => (text, None),
    };
    let count = decimal(number);
    match (count, unit.map(|unit| (Per::of(unit), unit))) {
        (Some(_), None) => Err(RateError::NoUnit(shown(text))),
        (Some(count), Some((Some(per), _))) => Ok((count, per)),
        (Some(_), Some((None, unit))) => {
            Err(RateError::UnknownUnit { text: shown(text), unit: shown(unit) })
        }
        (None, _) => Err(RateError::NoNumber(shown(text))),
    }
}

impl FromStr for Rate {
    type Err = RateError;

    /// Reads `120/s`, `5/min`, `2/h`; blanks are tolerated.
    fn from_str(text: &str) -> Result<Rate, RateError> {
        let (count, per) = read(text)?;
        Rate::new(count, per).map_err(|_| RateError::OutOfBounds(shown(text.trim())))
    }
}

impl fmt::Display for Rate {
    /// As it was written; it parses back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Number(self.count), self.per.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<(f64, &str), &str>) {
        match (text.parse::<Rate>(), expect) {
            (Ok(rate), Ok((per_second, printed))) => {
                assert_eq!((rate.per_second(), rate.to_string().as_str()), (per_second, printed));
                assert_eq!(rate.to_string().parse(), Ok(rate));
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
            (got, expect) => panic!("{text}: {got:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn rates_are_read() {
        check("120/s", Ok((120.0, "120/s")));
        check(" 6 / min ", Ok((0.1, "6/min")));
        check("0.5/s", Ok((0.5, "0.5/s")));
        check("2/h", Ok((2.0 / 3600.0, "2/h")));
        check("1e9/s", Ok((1e9, "1000000000/s")));
        check("1e-9/s", Ok((1e-9, "1e-9/s")));
    }

    #[test]
    fn what_is_no_rate_is_refused_with_a_sentence() {
        check("120", Err("write 120/s, 120/min or 120/h"));
        check("120/parsec", Err("'parsec'"));
        check("120/", Err("'' in '120/'"));
        check("/s", Err("such as 120/s"));
        check("", Err("such as 120/s"));
        check("fast", Err("such as 120/s"));
        check("0/s", Err("more than zero"));
        check("-1/s", Err("more than zero"));
        check("2e9/s", Err("at most 1000000000/s"));
        check("nan/s", Err("such as 120/s"));
        check("1e400/s", Err("such as 120/s"));
    }
}
