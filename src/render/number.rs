//! Numbers as people read them: rounded to their interval, with the unit that fits.

use crate::experiment::row::{Estimate, Measure, Unit};
use crate::size::Powers;

/// A time in seconds with a fitting unit and three significant digits: `3 s`, `102 ms`.
pub(crate) fn time(seconds: f64) -> String {
    estimate(Estimate::exact(seconds), Unit::Seconds)
}

/// A measure's value with its interval, rounded to it: `102.3 ± 2.1 ms`, `75 %`.
pub(crate) fn measured(measure: Measure, estimate_: Estimate) -> String {
    estimate(estimate_, measure.unit())
}

/// A difference of a measure with its interval, which may be on both sides of 0.
pub(crate) fn difference(measure: Measure, estimate: Estimate) -> String {
    with_interval(estimate, measure.unit())
}

/// A value with its interval. Of an amount of which no more is known than that it is small, its
/// upper end: `< 2 ms`.
pub(crate) fn estimate(estimate: Estimate, unit: Unit) -> String {
    let amount = matches!(unit, Unit::Seconds | Unit::Share) && estimate.value >= 0.0;
    match visible(estimate) {
        Some(half_width) if amount && half_width >= estimate.value => {
            below(estimate.value + half_width, unit)
        }
        _ => with_interval(estimate, unit),
    }
}

/// The shortest time that people tell apart from none.
const SHORTEST: f64 = 1e-6;

/// A bound, rounded upwards to one digit.
fn below(bound: f64, unit: Unit) -> String {
    let bound = if unit == Unit::Seconds { bound.max(SHORTEST) } else { bound };
    let step = 10f64.powf(bound.log10().floor());
    // What a division left in the last bits makes no step more.
    let bound = (bound / step - 1e-9).ceil() * step;
    format!("< {}", with_interval(Estimate::exact(bound), unit))
}

fn with_interval(estimate: Estimate, unit: Unit) -> String {
    // A value below its interval is told in the unit of the interval.
    let width = visible(estimate).unwrap_or(0.0);
    let (scale, name) = scale_of(estimate.value.abs().max(width), unit);
    let value = estimate.value / scale;
    // A rate has no blank before its stroke.
    let blank = if name.is_empty() || name.starts_with('/') { "" } else { " " };
    let name = format!("{blank}{name}");
    match visible(estimate).map(|half_width| half_width / scale) {
        // A finer interval says nothing that the rounded value does not.
        Some(half_width) if half_width >= 0.5 * 10f64.powi(-most_places(value)) => {
            let places = places_of(half_width).min(most_places(value));
            format!("{} ± {}{name}", rounded(value, places), rounded(half_width, places))
        }
        _ => format!("{}{name}", significant(value)),
    }
}

/// The half-width, unless it is no more than the last bits of the value.
fn visible(estimate: Estimate) -> Option<f64> {
    estimate.half_width.filter(|half_width| *half_width > 1e-9 * estimate.value.abs())
}

/// A share in whole percent, halves upwards: `75 %`, `13 %`.
pub(crate) fn percent(share: f64) -> String {
    // The nudge keeps 0.125 a half, whatever a division left in the last bits.
    format!("{} %", (share * 100.0 + 0.5 + 1e-9).floor())
}

/// How far a share lies above or below another, with its sign: `+1.2 %`, `-0.4 %`, `0.0 %`.
pub(crate) fn relative(share: f64) -> String {
    let tenths = (share * 1000.0).round();
    if tenths == 0.0 { "0.0 %".to_owned() } else { format!("{:+.1} %", tenths / 10.0) }
}

/// A share with at most one decimal, and without one that its interval does not support:
/// `80.3 %`, `12.5 %`, `60 %`.
pub(crate) fn share(estimate: Estimate) -> String {
    if estimate.value == 0.0 && visible(estimate).is_some() {
        return self::estimate(estimate, Unit::Share);
    }
    let wide = visible(estimate).is_some_and(|half_width| half_width >= 0.0095);
    let tenths = (estimate.value * 1000.0 + 0.5 + 1e-9).floor();
    if tenths == 0.0 && estimate.value > 0.0 {
        return "< 0.1 %".to_owned();
    }
    if wide || tenths % 10.0 == 0.0 {
        return percent(estimate.value);
    }
    format!("{:.1} %", tenths / 10.0)
}

/// By what a value is divided for its unit's name.
fn scale_of(value: f64, unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Share => (0.01, "%"),
        Unit::PerSecond => (1.0, "/s"),
        Unit::Requests => (1.0, ""),
        Unit::Bytes => {
            let (name, unit) = Powers::Binary.unit_of(value);
            (unit, name)
        }
        Unit::Seconds => match value.abs() {
            0.0 => (1.0, "s"),
            v if v < 999.5e-9 => (1e-9, "ns"),
            v if v < 999.5e-6 => (1e-6, "us"),
            v if v < 0.9995 => (1e-3, "ms"),
            _ => (1.0, "s"),
        },
    }
}

/// Decimals of the last digit that people use of a value: the third, the fourth where the first is 1.
fn most_places(value: f64) -> i32 {
    if value == 0.0 {
        return 12;
    }
    let magnitude = value.abs().log10().floor();
    let leading = value.abs() / 10f64.powf(magnitude);
    2 - magnitude as i32 + i32::from(leading < 1.95)
}

/// Decimals that show an interval with two digits below 2, one above.
fn places_of(half_width: f64) -> i32 {
    let magnitude = half_width.log10().floor();
    let leading = half_width / 10f64.powf(magnitude);
    -(magnitude as i32) + i32::from(leading < 1.95)
}

fn rounded(value: f64, places: i32) -> String {
    if places >= 0 {
        return format!("{value:.*}", places.min(12) as usize);
    }
    let step = 10f64.powi(-places);
    format!("{:.0}", (value / step).round() * step)
}

/// Three significant digits, all digits of whole numbers, no trailing zeros.
pub(crate) fn significant(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let text = format!("{value:.*}", (2 - magnitude).clamp(0, 12) as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A whole number with thin groups of three, from 10,000 on: `1,200,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount with three significant digits: `1 busy core`, `0.9 busy cores`.
pub(crate) fn amount(value: f64, word: &str) -> String {
    let text = significant(value);
    let ending = if text == "1" { "" } else { "s" };
    format!("{text} {word}{ending}")
}

/// An amount of memory with three significant digits, in units of the powers of `like`.
pub(crate) fn bytes(value: f64, like: Powers) -> String {
    let (name, unit) = like.unit_of(value);
    format!("{} {name}", significant(value / unit))
}

/// `1 worker`, `4 workers`.
pub(crate) fn plural(number: u64, word: &str) -> String {
    format!("{} {word}{}", count(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is neither above nor below.
    #[test]
    fn differences_have_a_sign() {
        let shares = [0.0123, -0.004, 0.000_4, -0.000_4, -0.000_6];
        assert_eq!(shares.map(relative), ["+1.2 %", "-0.4 %", "0.0 %", "0.0 %", "-0.1 %"]);
    }

    #[test]
    fn values_are_rounded_to_their_interval() {
        let check = |value, half_width, expect: &str| {
            let half_width = Some(half_width);
            assert_eq!(estimate(Estimate { value, half_width }, Unit::Seconds), expect);
        };
        check(0.102_34, 0.002_1, "102 ± 2 ms");
        check(0.102_34, 0.001_4, "102.3 ± 1.4 ms");
        check(12.345, 0.5, "12.3 ± 0.5 s");
        check(12_345.0, 400.0, "12300 ± 400 s");
        check(0.002, 0.0, "2 ms");
        check(0.05, 1e-18, "50 ms");
        // At most as many digits as a person uses.
        check(0.020_000_05, 8e-8, "20 ms");
        check(0.060_52, 0.000_03, "60.5 ms");
        check(0.060_52, 0.000_07, "60.5 ± 0.1 ms");
        check(1.234_56, 0.000_9, "1.235 ± 0.001 s");
        // No more is known than that it is small.
        check(0.4, 6.2, "< 7 s");
        check(8.0, 10.0, "< 20 s");
        check(5e-8, 8e-8, "< 1 us");
        check(0.0, 0.002, "< 2 ms");
        let share = Estimate { value: 0.005_961, half_width: Some(0.000_019) };
        assert_eq!(estimate(share, Unit::Share), "0.596 ± 0.002 %");
        let share = Estimate { value: 2e-6, half_width: Some(3e-6) };
        assert_eq!(estimate(share, Unit::Share), "< 0.0005 %");
        let none = Estimate { value: 0.0, half_width: Some(0.002) };
        assert_eq!(difference(Measure::ResponseMean, none), "0 ± 2 ms");
        assert_eq!(super::share(Estimate { value: 0.0, half_width: Some(4.2e-5) }), "< 0.005 %");
        let less = Estimate { value: 0.4, half_width: Some(6.2) };
        assert_eq!(difference(Measure::ResponseMean, less), "0 ± 6 s");
    }

    #[test]
    fn shares_are_rounded_half_up_and_to_their_interval() {
        for (value, whole, tenth) in [
            (0.125, "13 %", "12.5 %"),
            (0.375, "38 %", "37.5 %"),
            (0.75, "75 %", "75 %"),
            (1.0, "100 %", "100 %"),
            (0.80312, "80 %", "80.3 %"),
            (2.0 / 3.0, "67 %", "66.7 %"),
        ] {
            assert_eq!(percent(value), whole);
            assert_eq!(share(Estimate::exact(value)), tenth);
        }
        assert_eq!(share(Estimate { value: 0.803, half_width: Some(0.004) }), "80.3 %");
        assert_eq!(share(Estimate { value: 0.803, half_width: Some(0.04) }), "80 %");
    }

    #[test]
    fn one_of_a_thing_is_singular() {
        let texts = [1.0, 0.9, 1.0004, 8.0].map(|value| amount(value, "busy core"));
        assert_eq!(texts, ["1 busy core", "0.9 busy cores", "1 busy core", "8 busy cores"]);
    }

    #[test]
    fn exact_values_keep_three_digits() {
        for (value, expect) in
            [(3.0, "3 s"), (0.25, "250 ms"), (4.5, "4.5 s"), (7.0 / 3.0, "2.33 s"), (0.0, "0 s")]
        {
            assert_eq!(time(value), expect);
        }
        assert_eq!(estimate(Estimate::exact(0.09375), Unit::Share), "9.38 %");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(plural(1, "worker"), "1 worker");
    }
}
