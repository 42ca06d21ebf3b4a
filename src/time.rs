//! Instants and lengths of time: whole nanoseconds, in unsigned 64 bits.
//!
//! Integer sums are associative, so two engines can be compared bit for bit, ties are real,
//! nothing drifts, and no platform's last floating bit leaks into a result. 2^64 ns are 584
//! years: a sum that would pass the end stops there (`Time::saturating_add`).
//!
//! ```
//! use simsrv::time::Span;
//! let s: Span = "1.5s".parse().unwrap();
//! assert_eq!(s.as_nanos(), 1_500_000_000);
//! assert_eq!(s.to_string(), "1.5s");
//! assert!("3".parse::<Span>().is_err(), "a bare number has no unit");
//! ```

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// Nanoseconds in a second.
pub(crate) const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// An instant: nanoseconds since the start of the simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Time {
    /// The start of the simulation.
    pub const ZERO: Time = Time(0);
    /// The last instant that can be told; also "never".
    pub const MAX: Time = Time(u64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Time(nanos)
    }

    /// Nanoseconds since the start.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start, as a float for statistics and pictures.
    pub fn as_secs_f64(self) -> f64 {
        Span(self.0).as_secs_f64()
    }

    /// `self + span`, or [`Time::MAX`] where that lies beyond the end of time.
    #[inline]
    pub(crate) const fn saturating_add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }

    /// The span from `earlier` to `self`; zero if `earlier` is later.
    #[inline]
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// The longest span; also "for ever".
    pub const MAX: Span = Span(u64::MAX);

    /// A span of `nanos` nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Span(nanos)
    }

    /// The span in nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The span in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// The span nearest to `nanos` nanoseconds; below zero and NaN give zero, beyond the end
    /// gives [`Span::MAX`].
    #[inline]
    pub(crate) fn from_nanos_f64(nanos: f64) -> Self {
        let near = small_nanos(nanos);
        Span(if near < SMALL { near } else { nanos.round() as u64 })
    }

    /// Writes the nanoseconds of [`Span::from_nanos_f64`] for each of `nanos`, at most `most`
    /// (which is not below 2^51).
    pub(crate) fn round_all(nanos: &[f64], most: u64, out: &mut [u64]) {
        let mut any = 0;
        for (out, nanos) in out.iter_mut().zip(nanos) {
            *out = small_nanos(*nanos);
            any |= *out;
        }
        if any >= SMALL {
            for (out, nanos) in out.iter_mut().zip(nanos) {
                *out = Span::from_nanos_f64(*nanos).as_nanos().min(most);
            }
        }
    }

    /// The span nearest to `seconds`, clamped like `Span::from_nanos_f64`.
    pub fn from_secs_f64(seconds: f64) -> Self {
        Span::from_nanos_f64(seconds * NANOS_PER_SECOND as f64)
    }

    /// `self + other`, or [`Span::MAX`].
    #[inline]
    pub(crate) const fn saturating_add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }

    /// Whether the span is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Nanoseconds below which [`small_nanos`] holds (26 days).
const SMALL: u64 = 1 << 51;

/// The whole number nearest to `nanos`, if that is below [`SMALL`]: else, for what is below zero
/// and for NaN, something that is not below it.
#[inline]
fn small_nanos(nanos: f64) -> u64 {
    // Adding 2^52 leaves a float's whole part, rounded, in its last bits: far cheaper than a
    // conversion that looks after every value.
    const SHIFT: f64 = (1u64 << 52) as f64;
    (nanos + SHIFT).to_bits() ^ SHIFT.to_bits()
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Span>>(iter: I) -> Span {
        iter.fold(Span::ZERO, Span::saturating_add)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    /// # Panics
    /// Never: the sum stops at [`Time::MAX`].
    #[inline]
    fn add(self, span: Span) -> Time {
        self.saturating_add(span)
    }
}

impl Sub<Time> for Time {
    type Output = Span;
    /// The span between two instants in order; zero if they are out of order.
    #[inline]
    fn sub(self, earlier: Time) -> Span {
        self.since(earlier)
    }
}

/// Why a text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseSpanError {
    /// Nothing there, or no number at the front.
    #[error("'{0}' is not a length of time: write a number and a unit, such as 250ms, 1.5s or 2m")]
    NoNumber(String),
    /// A number without a unit.
    #[error("'{0}' has no unit: write {0}s, {0}ms or {0}us")]
    NoUnit(String),
    /// A unit that is not known.
    #[error("'{unit}' in '{text}' is not a unit of time: use ns, us, ms, s, m or h")]
    UnknownUnit {
        /// The whole text.
        text: String,
        /// What stands where the unit should.
        unit: String,
    },
    /// Below zero.
    #[error("'{0}' is negative: a length of time is zero or more")]
    Negative(String),
    /// Beyond 584 years.
    #[error("'{0}' is too long: the longest time is 584 years (2^64 ns)")]
    TooLong(String),
    /// Not a whole number of nanoseconds.
    #[error(
        "'{text}' has a fraction of a nanosecond: the smallest step is 1ns, so write {nearest}"
    )]
    TooFine {
        /// The whole text.
        text: String,
        /// What is nearest, and not zero.
        nearest: Span,
    },
}

/// Nanoseconds in each unit that can be written.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("min", 60 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
];

impl FromStr for Span {
    type Err = ParseSpanError;

    /// Reads `250ms`, `1.5s`, `2m`; a bare `0` is allowed. Decimals are read exactly. One with a fraction
    /// of a nanosecond is refused, unless a program has computed it, as the many digits of
    /// `0.3333333333333333s` say, and a thousandth is no less than what is lost: that is rounded.
    fn from_str(text: &str) -> Result<Span, ParseSpanError> {
        let text = text.trim();
        let owned = || text.to_owned();
        let split = number_length(text);
        let (number, unit) = (&text[..split], text[split..].trim());
        if number.is_empty() {
            return Err(ParseSpanError::NoNumber(owned()));
        }
        if number.starts_with('-') {
            return Err(ParseSpanError::Negative(owned()));
        }
        let scale = match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, scale)) => *scale,
            None if unit.is_empty() && number.bytes().all(|b| matches!(b, b'0' | b'.')) => 1,
            None if unit.is_empty() => return Err(ParseSpanError::NoUnit(owned())),
            None => {
                let unit = unit.to_owned();
                return Err(ParseSpanError::UnknownUnit { text: owned(), unit });
            }
        };
        match rounded_decimal(number, scale) {
            Some(Ok(read)) if read.exact || read.near && read.digits >= COMPUTED => {
                Ok(Span(read.nearest))
            }
            Some(Ok(read)) => {
                let nearest = Span(read.nearest.max(1));
                Err(ParseSpanError::TooFine { text: owned(), nearest })
            }
            Some(Err(TooLarge)) => Err(ParseSpanError::TooLong(owned())),
            None => Err(ParseSpanError::NoNumber(owned())),
        }
    }
}

/// Digits from which on a number was computed: people write fewer, and a float has 15 to 17, seldom 12.
const COMPUTED: usize = 12;

/// How many bytes at the front of `text` can belong to a decimal number.
pub(crate) fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'e' | b'E')
            && end > 0
            && bytes[end - 1].is_ascii_digit()
            && matches!(bytes.get(end + 1), Some(b'0'..=b'9' | b'+' | b'-'));
        let sign = matches!(bytes[end], b'+' | b'-')
            && (end == 0 || matches!(bytes[end - 1], b'e' | b'E'));
        if !(bytes[end].is_ascii_digit() || bytes[end] == b'.' || exponent || sign) {
            break;
        }
        end += 1;
    }
    end
}

/// A decimal number times a scale does not fit 64 bits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// A decimal number times a scale, as a whole number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rounded {
    /// The whole number nearest to it, halves up.
    pub(crate) nearest: u64,
    /// Whether it is that.
    pub(crate) exact: bool,
    /// Whether it differs from that by no more than a thousandth of itself.
    pub(crate) near: bool,
    /// With how many digits it was written, without zeros at both ends.
    digits: usize,
}

/// The whole number nearest to `decimal x scale`, halves up, of what [`rounded_decimal`] reads.
pub(crate) fn scaled_decimal(text: &str, scale: u64) -> Option<Result<u64, TooLarge>> {
    rounded_decimal(text, scale).map(|read| read.map(|read| read.nearest))
}

/// Reads an unsigned decimal (`3`, `0.25`, `1e-3`) exactly and gives `decimal x scale`. `None` if the
/// text is no unsigned decimal.
pub(crate) fn rounded_decimal(text: &str, scale: u64) -> Option<Result<Rounded, TooLarge>> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // value = 0.d1 d2 d3... x 10^point; keep as many digits as u128 holds beside the scale.
    let mut point = (whole.len() as i64).saturating_add(exponent);
    let mut kept: u128 = 0;
    let (mut count, mut lost) = (0i64, false);
    for digit in digits() {
        if kept == 0 && digit == b'0' {
            point -= 1;
        } else if count < 30 && kept < u128::MAX / 11 / u128::from(scale) {
            kept = kept * 10 + u128::from(digit - b'0');
            count += 1;
        } else {
            lost |= digit != b'0';
        }
    }
    let zeros = digits().rev().take_while(|digit| *digit == b'0').count();
    let written = digits().skip_while(|digit| *digit == b'0').count().saturating_sub(zeros);
    if kept == 0 {
        return Some(Ok(Rounded { nearest: 0, exact: true, near: true, digits: 0 }));
    }
    let mut value = kept * u128::from(scale);
    let mut shift = point - count;
    while shift > 0 {
        value = match value.checked_mul(10) {
            Some(value) => value,
            None => return Some(Err(TooLarge)),
        };
        shift -= 1;
    }
    if shift < -38 {
        return Some(Ok(Rounded { nearest: 0, exact: false, near: false, digits: written }));
    }
    let divisor = 10u128.pow(-shift as u32);
    let over = value % divisor;
    let rounded = value / divisor + u128::from(over >= divisor.div_ceil(2));
    let (exact, near) = (over == 0 && !lost, over.min(divisor - over) <= value / 1000);
    let read = |nearest| Rounded { nearest, exact, near, digits: written };
    Some(u64::try_from(rounded).map(read).map_err(|_| TooLarge))
}

impl fmt::Display for Span {
    /// The shortest exact decimal in ns, us, ms or s: `1.5s`, `250ms`, `0s`. It parses back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, scale) = match self.0 {
            0 => ("s", NANOS_PER_SECOND),
            nanos if nanos >= NANOS_PER_SECOND => ("s", NANOS_PER_SECOND),
            nanos if nanos >= 1_000_000 => ("ms", 1_000_000),
            nanos if nanos >= 1_000 => ("us", 1_000),
            _ => ("ns", 1),
        };
        write!(f, "{}", self.0 / scale)?;
        let mut rest = self.0 % scale;
        if rest > 0 {
            let mut width = scale.ilog10() as usize;
            while rest.is_multiple_of(10) {
                rest /= 10;
                width -= 1;
            }
            write!(f, ".{rest:0width$}")?;
        }
        f.write_str(unit)
    }
}

/// Seconds with nine decimals, as tables of records have them: `1.500000000`.
pub(crate) fn seconds_with_nine_decimals(nanos: u64) -> String {
    format!("{}.{:09}", nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<u64, &str>) {
        match (text.parse::<Span>(), expect) {
            (Ok(span), Ok(nanos)) => assert_eq!(span.as_nanos(), nanos, "{text}"),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{text}: {error}");
            }
            (got, expect) => panic!("{text}: {got:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn spans_are_read() {
        check("3s", Ok(3_000_000_000));
        check(" 250 ms ", Ok(250_000_000));
        check("0.1us", Ok(100));
        check("2m", Ok(120_000_000_000));
        check("2min", Ok(120_000_000_000));
        check("1.5h", Ok(5_400_000_000_000));
        check("0", Ok(0));
        check("1e-3s", Ok(1_000_000));
        check("0.000000001s", Ok(1));
        check("1.1us", Ok(1_100));
        check("0.5000000000000000000000000000000000us", Ok(500));
        // What was computed: 1/3, 2/3, 0.1 + 0.2, 23/30 of a microsecond.
        check("0.3333333333333333333333333s", Ok(333_333_333));
        check("0.6666666666666666666666666s", Ok(666_666_667));
        check("0.30000000000000004s", Ok(300_000_000));
        check("7.666666666666667e-7s", Ok(767));
        check("1.00000000000000000000000000000000000000001ns", Ok(1));
        check("18446744073709551615ns", Ok(u64::MAX));
    }

    #[test]
    fn what_is_no_span_is_refused_with_a_sentence() {
        check("3", Err("has no unit: write 3s"));
        check("", Err("number and a unit"));
        check("nan", Err("number and a unit"));
        check("-1s", Err("negative"));
        check("1e400s", Err("too long"));
        check("18446744073709551616ns", Err("too long"));
        check("3 parsecs", Err("'parsecs'"));
        check("0.5ns", Err("the smallest step is 1ns, so write 1ns"));
        check("0.4ns", Err("write 1ns"));
        check("1.0000000001us", Err("write 1us"));
        check("2.5000001ms", Err("write 2.5ms"));
        check("0.3333333333s", Err("write 333.333333ms"));
        check("1e-30s", Err("'1e-30s' has a fraction of a nanosecond"));
        // A tenth of it would be lost, and all of it.
        check("3.3333333333333334e-9s", Err("write 3ns"));
        check("0.0000000000001234567890123s", Err("write 1ns"));
        check("1.2.3s", Err("number and a unit"));
        check(".s", Err("number and a unit"));
    }

    /// What a block holds, and one by one, near all the ends of what can be rounded.
    #[test]
    fn blocks_are_rounded_like_single_values() {
        let half = (1u64 << 51) as f64;
        let near = [0.0, -0.0, 0.49, 0.5, 1.5, 2.5, -0.3, -0.5, -7.0, f64::NAN, f64::INFINITY];
        let far =
            [half - 0.25, half - 0.5, half, half + 0.5, half + 1.5, 2.0 * half, 1e18, 1e19, 1e30];
        let expect = |x: f64| if x < half { x.round_ties_even() as u64 } else { x.round() as u64 };
        for most in [u64::MAX, u64::MAX >> 1] {
            for x in near.into_iter().chain(far) {
                let mut out = [0; 3];
                Span::round_all(&[1.0, x, 3e9], most, &mut out);
                assert_eq!(out, [1, expect(x).min(most), 3_000_000_000], "{x}");
                assert_eq!(Span::from_nanos_f64(x).as_nanos(), expect(x), "{x}");
            }
        }
    }

    #[test]
    fn printed_spans_parse_back() {
        for nanos in [0, 1, 999, 1_000, 1_500, 20_000_000, 1_500_000_000, 123_456_789_012] {
            let span = Span(nanos);
            assert_eq!(span.to_string().parse(), Ok(span));
        }
        assert_eq!(Span(1_500_000).to_string(), "1.5ms");
        assert_eq!(Span(90_000_000_000).to_string(), "90s");
    }

    #[test]
    fn decimals_scale_exactly() {
        assert_eq!(scaled_decimal("4.5", 2), Some(Ok(9)));
        assert_eq!(scaled_decimal("0.5", 1), Some(Ok(1)), "halves go up");
        assert_eq!(scaled_decimal("1e-60", 1), Some(Ok(0)));
        assert_eq!(scaled_decimal("abc", 1), None);
    }
}
