//! Scales and ticks that no value can break: every axis has a range that is finite and not empty.

use super::font::{self, Face};
use super::number;
use crate::experiment::row::Unit;
use crate::size::Powers;

/// Beyond this no value is drawn.
const LARGEST: f64 = 1e30;

/// Below this (and above zero) no value is drawn on a logarithmic axis.
const SMALLEST: f64 = 1e-30;

/// A range of at least this factor is drawn on a logarithmic axis.
pub(super) const LOG_FROM: f64 = 30.0;

/// Size of the figures along axes.
pub(super) const TICK_FACE: Face = Face::regular(12.0);

/// Whether a value can be drawn at all.
pub(super) fn drawable(value: f64) -> bool {
    value.is_finite() && value.abs() <= LARGEST && (value == 0.0 || value.abs() >= SMALLEST)
}

/// The least and the greatest of the drawable `values`.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| drawable(*value)).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// Where values stand on an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    /// Equal steps for equal differences, from `low` to `high`.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        let (low, high) = if drawable(low) && drawable(high) { (low, high) } else { (0.0, 1.0) };
        let high = if high - low > low.abs() * 1e-9 { high } else { low + low.abs().max(1.0) };
        Scale { low, high, log: false }
    }

    /// Equal steps for equal factors; linear where a bound is not above zero.
    pub(crate) fn log(low: f64, high: f64) -> Self {
        if !(drawable(low) && low > 0.0 && drawable(high)) {
            return Scale::linear(low, high);
        }
        let high = if high > low * (1.0 + 1e-9) { high } else { low * 10.0 };
        Scale { low, high, log: true }
    }

    /// The same scale with room for marks at both ends.
    fn padded(self, share: f64) -> Self {
        let Scale { low, high, log } = self;
        match log {
            true => {
                let more = (high / low).powf(share);
                Scale { low: low / more, high: high * more, log }
            }
            false => {
                Scale { low: low - (high - low) * share, high: high + (high - low) * share, log }
            }
        }
    }

    /// 0 at the low end, 1 at the high end, beyond them outside; NaN where `value` has no place.
    pub(crate) fn share(&self, value: f64) -> f64 {
        match self.log {
            true => (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln()),
            false => (value - self.low) / (self.high - self.low),
        }
    }

    /// The value at `share` of the way.
    pub(crate) fn value(&self, share: f64) -> f64 {
        match self.log {
            true => (self.low.ln() + share * (self.high.ln() - self.low.ln())).exp(),
            false => self.low + share * (self.high - self.low),
        }
    }

    /// Whether `value` has a place between the ends.
    pub(crate) fn holds(&self, value: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.share(value))
    }
}

/// A scale with its ticks and its words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// What it counts, with the unit.
    pub(crate) title: String,
    /// Where values stand.
    pub(crate) scale: Scale,
    /// Values and their labels, rising.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Counts such as workers: a tick at each of `values`; factors where they span more than 8.
    pub(crate) fn counts(title: &str, values: &[f64]) -> Self {
        let mut values: Vec<f64> =
            values.iter().copied().filter(|value| drawable(*value)).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (low, high) = range(values.iter().copied()).unwrap_or((0.0, 1.0));
        let by_factors = low > 0.0 && high / low >= 8.0 && grows_by_factors(&values);
        let scale = match (low, high) {
            _ if low == high => Scale::linear(low - 1.0, high + 1.0),
            _ if by_factors => Scale::log(low, high),
            _ => Scale::linear(low, high),
        };
        let told = if by_factors { values } else { fewer(values) };
        let ticks = told.iter().map(|value| (*value, number::short(*value, 3))).collect();
        let title = if by_factors { format!("{title} (log scale)") } else { title.to_owned() };
        Axis { title, scale: scale.padded(0.05), ticks }
    }

    /// Places 0, 1, 2... with names.
    pub(crate) fn names(title: &str, names: &[String]) -> Self {
        let scale = Scale::linear(-0.5, names.len().max(1) as f64 - 0.5);
        let ticks = names.iter().enumerate().map(|(at, name)| (at as f64, name.clone())).collect();
        Axis { title: title.to_owned(), scale, ticks }
    }

    /// A number from `low` to `high` with round ticks.
    pub(crate) fn numbers(title: &str, low: f64, high: f64) -> Self {
        let scale = Scale::linear(low, high);
        let ticks = round_steps(scale, 1.0).into_iter().map(|v| (v, number::short(v, 6)));
        Axis { title: title.to_owned(), scale, ticks: ticks.collect() }
    }

    /// The vertical axis of a measure over the `values` seen: from zero, or over factors where
    /// they span more than [`LOG_FROM`].
    pub(crate) fn measure(title: &str, unit: Unit, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        match unit {
            Unit::Seconds if low > 0.0 && high / low > LOG_FROM => {
                Axis::log_seconds(title, low, high)
            }
            Unit::Seconds => Axis::seconds(title, low.min(0.0), high * 1.06),
            Unit::Bytes => Axis::bytes(title, low.min(0.0), high * 1.1),
            Unit::Share if high > 0.5 => Axis::shares(title, low.min(0.0), high.max(1.0)),
            Unit::Share => Axis::shares(title, low.min(0.0), (high * 1.1).max(1e-6)),
            Unit::PerSecond => {
                Axis::numbers(&format!("{title}, requests/s"), low.min(0.0), high * 1.1)
            }
            Unit::Requests => {
                Axis::numbers(&format!("{title}, requests"), low.min(0.0), high * 1.1)
            }
        }
    }

    /// Seconds in the unit that fits the greatest.
    pub(crate) fn seconds(title: &str, low: f64, high: f64) -> Self {
        let scale = Scale::linear(low, high);
        let unit = number::time_unit(scale.high);
        let ticks = match unit.name {
            "h" => steps(scale, unit.seconds, &HOURS),
            _ => round_steps(scale, unit.seconds),
        };
        let ticks = ticks.into_iter().map(|value| (value, number::short(value / unit.seconds, 6)));
        Axis { title: format!("{title}, {}", unit.name), scale, ticks: ticks.collect() }
    }

    /// Bytes in the binary unit that fits the greatest.
    pub(crate) fn bytes(title: &str, low: f64, high: f64) -> Self {
        let scale = Scale::linear(low, high);
        let (name, unit) = Powers::Binary.unit_of(scale.high);
        let ticks = round_steps(scale, unit).into_iter();
        let ticks = ticks.map(|value| (value, number::short(value / unit, 6))).collect();
        Axis { title: format!("{title}, {name}"), scale, ticks }
    }

    /// Seconds by factors; each tick names its own unit.
    pub(crate) fn log_seconds(title: &str, low: f64, high: f64) -> Self {
        let scale = Scale::log(low, high).padded(0.06);
        let ticks = log_times(scale).into_iter().map(|value| (value, number::clock(value)));
        Axis { title: format!("{title} (log scale)"), scale, ticks: ticks.collect() }
    }

    /// Shares in percent.
    pub(crate) fn shares(title: &str, low: f64, high: f64) -> Self {
        let scale = Scale::linear(low, high);
        let ticks = round_steps(scale, 0.01).into_iter().map(|v| (v, number::share(v, 4)));
        Axis { title: title.to_owned(), scale, ticks: ticks.collect() }
    }

    /// Shares in percent by factors, from `low` to 1.
    pub(crate) fn log_shares(title: &str, low: f64) -> Self {
        let scale = Scale::log(low, 1.0);
        let ticks = log_steps(scale).into_iter().map(|value| (value, number::share(value, 3)));
        Axis { title: title.to_owned(), scale, ticks: ticks.collect() }
    }

    /// The same axis with its unit only: `, requests/s` becomes `requests/s`.
    pub(crate) fn untitled(mut self) -> Self {
        self.title = self.title.trim_start_matches([',', ' ']).to_owned();
        self
    }

    /// Width of the widest tick label.
    pub(crate) fn label_width(&self) -> f64 {
        font::widest(self.ticks.iter().map(|(_, label)| label.as_str()), TICK_FACE)
    }

    /// The ticks that find room along `length` pixels, names broken into lines.
    pub(crate) fn wrapped_ticks(&self, length: f64) -> Vec<(f64, Vec<String>)> {
        let room = (length / self.ticks.len().max(1) as f64 - 8.0).max(44.0);
        let mut axis = self.clone();
        for (_, label) in &mut axis.ticks {
            *label = name_lines(label, room).join("\n");
        }
        let kept = axis.roomy_ticks(length).into_iter();
        kept.map(|(value, label)| (*value, label.split('\n').map(str::to_owned).collect()))
            .collect()
    }

    /// How many lines the labels take along `length` pixels.
    pub(crate) fn tick_lines(&self, length: f64) -> usize {
        self.wrapped_ticks(length).iter().map(|(_, lines)| lines.len()).max().unwrap_or(1)
    }

    /// The ticks whose labels find room along `length` pixels, the first and the last before
    /// others.
    pub(crate) fn roomy_ticks(&self, length: f64) -> Vec<&(f64, String)> {
        let place = |tick: &(f64, String)| self.scale.share(tick.0) * length;
        let half = |tick: &(f64, String)| font::widest(tick.1.split('\n'), TICK_FACE) / 2.0;
        let fits =
            |a: &(f64, String), b: &(f64, String)| place(b) - place(a) >= half(a) + half(b) + 7.0;
        let mut kept: Vec<&(f64, String)> = Vec::new();
        let Some(last) = self.ticks.last() else { return kept };
        for tick in &self.ticks[..self.ticks.len() - 1] {
            if kept.last().is_none_or(|before| fits(before, tick)) && fits(tick, last) {
                kept.push(tick);
            }
        }
        kept.push(last);
        kept
    }
}

/// A tick's label in at most three lines.
fn name_lines(label: &str, room: f64) -> Vec<String> {
    let mut lines = font::wrapped(label, TICK_FACE, room);
    if lines.len() > 3 {
        let rest = lines.split_off(2).join(" ");
        lines.push(font::shortened(&rest, TICK_FACE, room));
    }
    lines
}

/// Of many rising numbers the ends, and those that are multiples of a round step.
fn fewer(values: Vec<f64>) -> Vec<f64> {
    const MOST: f64 = 12.0;
    let (low, high) = range(values.iter().copied()).unwrap_or((0.0, 1.0));
    let steps = (0..6).flat_map(|power| [1.0, 2.0, 5.0].map(|times| times * 10f64.powi(power)));
    let step = steps.into_iter().find(|step| (high - low) / step <= MOST).unwrap_or(1.0);
    let told = |value: &f64| value % step == 0.0 || *value == low || *value == high;
    let round: Vec<f64> = values.iter().copied().filter(told).collect();
    if values.len() as f64 > MOST && round.len() >= FEWEST_TICKS { round } else { values }
}

/// Whether rising values stand apart by factors rather than by equal steps.
fn grows_by_factors(values: &[f64]) -> bool {
    let (least, most) =
        range(values.windows(2).map(|pair| pair[1] - pair[0])).unwrap_or((1.0, 1.0));
    most >= 4.0 * least
}

/// Steps of hours that a day or a week is divided by.
const HOURS: [f64; 8] = [0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0];

/// About six round steps of 1, 2 or 5 times a power of ten, counted in `unit`.
fn round_steps(scale: Scale, unit: f64) -> Vec<f64> {
    let rough = (scale.high / unit - scale.low / unit) / 6.0;
    let power = 10f64.powf(rough.log10().floor());
    steps(scale, unit, &[1.0, 2.0, 5.0, 10.0].map(|times| times * power))
}

/// About six steps of one of `sizes`, counted in `unit`.
fn steps(scale: Scale, unit: f64, sizes: &[f64]) -> Vec<f64> {
    let (low, high) = (scale.low / unit, scale.high / unit);
    let rough = (high - low) / 6.0;
    let fitting = sizes.iter().copied().find(|step| *step >= rough * 0.8);
    let step = fitting.or(sizes.last().copied()).unwrap_or(rough);
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first).clamp(0.0, 20.0) as usize;
    (0..=count).map(|number| (first + number as f64) * step * unit).collect()
}

/// The fewest ticks by which factors can be read.
const FEWEST_TICKS: usize = 3;

/// Powers of ten in the range, with 2 and 5 times them, or more, where the range is short: three at
/// least, so that the factors can be read.
fn log_steps(scale: Scale) -> Vec<f64> {
    const TIMES: [&[f64]; 4] =
        [&[1.0], &[1.0, 3.0], &[1.0, 2.0, 5.0], &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0]];
    let (low, high) = (scale.low.max(SMALLEST).log10(), scale.high.max(SMALLEST).log10());
    let first = match high - low {
        span if span <= 0.8 => 3,
        span if span <= 2.2 => 2,
        _ => 0,
    };
    let every = ((high - low) / 8.0).ceil().max(1.0) as usize;
    let at = |times: &[f64]| -> Vec<f64> {
        let powers = (low.floor() as i32..=high.ceil() as i32).step_by(every);
        powers
            .flat_map(|power| times.iter().map(move |times| times * 10f64.powi(power)))
            .filter(|value| scale.holds(*value))
            .collect()
    };
    let found = TIMES[first..].iter().map(|times| at(times)).find(|all| all.len() >= FEWEST_TICKS);
    found.unwrap_or_else(|| round_steps(scale, 1.0))
}

/// Times of a clock.
const CLOCK: [f64; 22] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0,
    7_200.0, 18_000.0, 36_000.0, 86_400.0, 172_800.0, 432_000.0, 864_000.0,
];
/// Those of them that are enough for a long range.
const FEW: [f64; 6] = [60.0, 600.0, 3_600.0, 36_000.0, 86_400.0, 864_000.0];

/// Like [`log_steps`], but above a minute the times of a clock.
fn log_times(scale: Scale) -> Vec<f64> {
    let steps = log_steps(scale);
    if !(120.0..=1e7).contains(&scale.high) {
        return steps;
    }
    let held = |times: &[f64]| -> Vec<f64> {
        times.iter().copied().filter(|value| scale.holds(*value)).collect()
    };
    let short = steps.iter().copied().filter(|value| *value < 59.0);
    let few: Vec<f64> = short.chain(held(&FEW)).collect();
    if few.len() > FEWEST_TICKS {
        return few;
    }
    let all = held(&CLOCK);
    if all.len() >= FEWEST_TICKS { all } else { steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> String {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::seconds("t", 0.0, 9.0)), "0 2 4 6 8");
        assert_eq!(labels(&Axis::seconds("t", 0.0, 0.1)), "0 20 40 60 80 100");
        assert_eq!(labels(&Axis::log_seconds("t", 0.01, 20.0)), "10 ms 100 ms 1 s 10 s");
        assert_eq!(labels(&Axis::shares("u", 0.0, 1.0)), "0 % 20 % 40 % 60 % 80 % 100 %");
        assert_eq!(labels(&Axis::counts("workers", &[4.0, 1.0, 32.0, 4.0])), "1 4 32");
        // An axis of a day is in hours; long times have ticks as on a clock.
        assert_eq!(labels(&Axis::seconds("t", 0.0, 86_400.0)), "0 6 12 18 24");
        assert_eq!(labels(&Axis::log_seconds("t", 0.5, 10_000.0)), "1 s 10 s 1 min 10 min 1 h");
        assert_eq!(labels(&Axis::log_seconds("t", 400.0, 4_000.0)), "10 min 20 min 30 min 1 h");
        // Three decades have few round times: then those between them, too.
        let short = Axis::log_seconds("t", 2.0, 1_020.0);
        assert_eq!(labels(&short), "2 s 5 s 10 s 30 s 1 min 2 min 5 min 10 min 20 min");
    }

    #[test]
    fn factors_have_three_ticks_at_least() {
        for high in [1.2, 1.5, 2.0, 3.0, 7.0, 20.0, 90.0, 300.0, 2e3, 1e5, 1e9] {
            for low in [0.013, 0.02, 0.5, 1.0, 7.0, 95.0] {
                let axis = Axis::log_seconds("t", low, low * high);
                assert!(axis.ticks.len() >= 3, "{low} {high}: {}", labels(&axis));
            }
        }
    }

    #[test]
    fn equal_steps_stand_apart_equally() {
        let scale = |values: &[f64]| Axis::counts("workers", values).scale.log;
        let all: Vec<f64> = (1..=40).map(f64::from).collect();
        assert!(!scale(&all));
        assert!(scale(&[1.0, 2.0, 4.0, 8.0, 16.0]));
    }

    #[test]
    fn no_range_breaks_a_scale() {
        let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-300, 1e-20, 1.0, 1e29, 1e300];
        for low in odd {
            for high in odd {
                for axis in [
                    Axis::seconds("", low, high),
                    Axis::numbers("", low, high),
                    Axis::log_seconds("", low, high),
                    Axis::log_shares("", low),
                    Axis::counts("", &[low, high]),
                    Axis::measure("", Unit::Seconds, [low, high]),
                    Axis::measure("", Unit::Share, [low, high]),
                    Axis::measure("", Unit::Bytes, [low, high]),
                ] {
                    assert!(axis.scale.low < axis.scale.high, "{low} {high} {axis:?}");
                    assert!(axis.ticks.len() < 60, "{low} {high} {axis:?}");
                    axis.roomy_ticks(500.0);
                }
            }
        }
    }

    #[test]
    fn crowded_labels_are_thinned_and_ends_kept() {
        let values: Vec<f64> = (1..=64).map(f64::from).collect();
        let axis = Axis::counts("workers", &values);
        let kept = axis.roomy_ticks(300.0);
        assert!(kept.len() < 30);
        assert_eq!((kept[0].0, kept[kept.len() - 1].0), (1.0, 64.0));
    }
}
