//! Figures as people read them: short, with their unit.

use crate::experiment::row::Unit;
use crate::size::Powers;

/// `value` with at most `figures` significant figures and no idle zeros; whole numbers stay whole.
pub(super) fn short(value: f64, figures: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    if !(1e-4..1e7).contains(&size) {
        return format!("{value:.0e}");
    }
    let decimals = (figures - 1 - size.log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A unit of time on an axis: its name and its seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeUnit {
    pub(crate) name: &'static str,
    pub(crate) seconds: f64,
}

/// The units of time with the length from which each is used.
const TIME_UNITS: [(f64, TimeUnit); 7] = [
    (432_000.0, TimeUnit { name: "d", seconds: 86_400.0 }),
    (7_200.0, TimeUnit { name: "h", seconds: 3_600.0 }),
    (300.0, TimeUnit { name: "min", seconds: 60.0 }),
    (0.999_5, TimeUnit { name: "s", seconds: 1.0 }),
    (0.999_5e-3, TimeUnit { name: "ms", seconds: 1e-3 }),
    (0.999_5e-6, TimeUnit { name: "µs", seconds: 1e-6 }),
    (0.0, TimeUnit { name: "ns", seconds: 1e-9 }),
];

/// The unit in which a time of `seconds` reads best.
pub(super) fn time_unit(seconds: f64) -> TimeUnit {
    let found = TIME_UNITS.iter().find(|(from, _)| seconds.abs() >= *from);
    found.map_or(TIME_UNITS[3].1, |(_, unit)| *unit)
}

/// A time with its unit: `12 ms`, `1.25 s`.
pub(super) fn seconds(value: f64, figures: i32) -> String {
    if value == 0.0 {
        return "0 s".to_owned();
    }
    let unit = time_unit(value);
    format!("{} {}", short(value / unit.seconds, figures), unit.name)
}

/// A round time as one says it: `20 ms`, `1 min`, `2 h`.
pub(super) fn clock(value: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")];
    let whole = |(unit, _): &&(f64, &str)| value >= *unit && value % unit == 0.0;
    match units.iter().find(whole) {
        Some((unit, name)) if value <= 1e7 => format!("{} {name}", short(value / unit, 3)),
        _ => seconds(value, 3),
    }
}

/// A share of one in percent.
pub(super) fn share(value: f64, figures: i32) -> String {
    let percent = value * 100.0;
    if percent > 1e-9 && percent < 1e-4 {
        // In digits, as people write percents.
        let decimals = (figures - 1 - percent.log10().floor() as i32).clamp(0, 12) as usize;
        return format!("{} %", format!("{percent:.decimals$}").trim_end_matches('0'));
    }
    format!("{} %", short(value * 100.0, figures))
}

/// An amount of memory with its unit: `512 MiB`.
pub(super) fn bytes(value: f64, figures: i32) -> String {
    let (name, unit) = Powers::Binary.unit_of(value);
    format!("{} {name}", short(value / unit, figures))
}

/// A value of a measure with its unit.
pub(super) fn with_unit(value: f64, unit: Unit, figures: i32) -> String {
    match unit {
        Unit::Seconds => seconds(value, figures),
        Unit::Share => share(value, figures),
        Unit::Requests => short(value, figures),
        Unit::PerSecond => format!("{}/s", short(value, figures)),
        Unit::Bytes => bytes(value, figures),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        for (value, expect) in [
            (0.0, "0"),
            (9.0, "9"),
            (1234.5, "1234"),
            (0.123_45, "0.123"),
            (12.0, "12"),
            (1.999_9, "2"),
            (1e300, "1e300"),
            (-2.5, "-2.5"),
            (1e-12, "1e-12"),
        ] {
            assert_eq!(short(value, 3), expect);
        }
    }

    #[test]
    fn times_take_their_unit() {
        for (value, expect) in [
            (9.0, "9 s"),
            (0.012, "12 ms"),
            (1.25, "1.25 s"),
            (0.9999, "1 s"),
            (25e-6, "25 µs"),
            (3e-9, "3 ns"),
            (90.0, "90 s"),
            (600.0, "10 min"),
            (36_000.0, "10 h"),
            (0.0, "0 s"),
            (1e300, "1e295 d"),
        ] {
            assert_eq!(seconds(value, 3), expect);
        }
        assert_eq!(share(0.05, 3), "5 %");
        assert_eq!(share(1e-6, 3), "0.0001 %");
        assert_eq!(share(1e-7, 3), "0.00001 %");
        assert_eq!([60.0, 7_200.0, 90.0, 0.02].map(clock), ["1 min", "2 h", "90 s", "20 ms"]);
        assert_eq!(with_unit(99.6, Unit::PerSecond, 3), "99.6/s");
    }
}
