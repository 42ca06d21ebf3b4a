//! Rates that change with the clock: a day's traffic, a spike.
//!
//! Arrivals are a Poisson process whose rate is a function of time (M_t in Kendall's notation).
//! A [`Profile`] says how that function goes; `--rate` says how high it is.

use std::fmt;

use super::arguments::Arguments;
use super::catalogue::CatalogueEntry;
use super::error::DistributionError;
use super::print::Number;
use super::syntax;
use super::text::shown;
use crate::time::Span;

/// How a rate goes over time.
///
/// Profiles that go round have a period, and their mean over it is the rate; those that happen
/// once are told in multiples of the rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Profile {
    /// A level from each point to the next; after the period it begins anew. Before the first
    /// point the level is that of the last.
    Levels(Levels, Span),
    /// Straight lines from point to point, and from the last to the first of the next period.
    Ramp(Levels, Span),
    /// A level from each point to the next, once; 100 % of the rate before the first, the last
    /// for ever.
    Steps(Levels),
    /// The rate is multiplied for a while, once.
    Spike {
        /// When it begins.
        at: Span,
        /// How long it lasts, more than zero.
        lasts: Span,
        /// What the rate is multiplied by: 0 to 1,000,000, but not 1.
        by: f64,
    },
}

/// Points of time with their weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// Whether the weights are written in percent.
    pub(crate) percent: bool,
    /// Instants and weights, in order of time; at least one weight is more than zero.
    pub(crate) points: Vec<(Span, f64)>,
}

/// One stretch of the rate's function, in multiples of the mean rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ProfilePiece {
    /// Its length in nanoseconds; infinite for the last of a profile that happens once.
    pub(crate) width: f64,
    /// The rate where it begins.
    pub(crate) from: f64,
    /// The rate where it ends; between them it goes in a straight line.
    pub(crate) to: f64,
}

/// Greatest weight of a level and factor of a spike.
const GREATEST: f64 = 1e6;

const PROFILE_FORM: &str = "profile(0h:20%,8h:100%,12h:180%,20h:60%,period=24h)";
const RAMP_FORM: &str = "ramp(0h:20%,12h:180%,period=24h)";
const STEPS_FORM: &str = "steps(60s:300%,90s:100%)";
const SPIKE: CatalogueEntry = CatalogueEntry {
    name: "spike",
    positional: &[],
    named: &["at", "for", "by"],
    form: "spike(at=60s,for=10s,by=5)",
};

/// How a profile of that name is written, if there is one.
pub(super) fn form(name: &str) -> Option<&'static str> {
    match name {
        "profile" => Some(PROFILE_FORM),
        "ramp" => Some(RAMP_FORM),
        "steps" => Some(STEPS_FORM),
        "spike" => Some(SPIKE.form),
        _ => None,
    }
}

/// Reads the arguments of a profile of that name; `None` if there is no such name.
pub(super) fn read(name: &str, arguments: &[&str]) -> Result<Option<Profile>, DistributionError> {
    let profile = match name {
        "profile" => {
            let (levels, period) = going_round("profile", arguments)?;
            Profile::Levels(levels, period)
        }
        "ramp" => {
            let (levels, period) = going_round("ramp", arguments)?;
            Profile::Ramp(levels, period)
        }
        "steps" => Profile::Steps(levels("steps", arguments)?),
        "spike" => {
            let args = Arguments::read(&SPIKE, arguments)?;
            if args.names() != ["at", "for", "by"] {
                return Err(args.wrong_set());
            }
            let (at, lasts) = (args.span("at")?, args.span("for")?);
            Profile::Spike { at, lasts, by: args.number("by")? }
        }
        _ => return Ok(None),
    };
    Ok(Some(profile))
}

fn wrong(distribution: &'static str, problem: impl Into<String>) -> DistributionError {
    let form = form(distribution).unwrap_or_default();
    DistributionError::Parameters { distribution, problem: problem.into(), form }
}

/// Levels and the period after which they begin anew.
fn going_round(
    distribution: &'static str,
    arguments: &[&str],
) -> Result<(Levels, Span), DistributionError> {
    let is_period = |argument: &&str| {
        argument.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("period"))
    };
    let (periods, points): (Vec<&str>, Vec<&str>) = arguments.iter().partition(|a| is_period(a));
    match periods[..] {
        [] => Err(wrong(
            distribution,
            "has no period (a change that happens once is steps(...) or spike(...))",
        )),
        [period] => {
            let text = period.split_once('=').map_or("", |(_, text)| text.trim());
            Ok((
                levels(distribution, &points)?,
                syntax::span(&format!("period of {distribution}"), text)?,
            ))
        }
        _ => Err(wrong(distribution, "has period twice")),
    }
}

/// `8h:100%` or `8h:1.5`, in the order written.
fn levels(distribution: &'static str, arguments: &[&str]) -> Result<Levels, DistributionError> {
    let mut kinds = Vec::new();
    let mut points = Vec::new();
    for argument in arguments {
        let Some((at, weight)) = argument.split_once(':') else {
            return Err(wrong(
                distribution,
                format!("has a part '{}' that is not a level", shown(argument)),
            ));
        };
        let weight = weight.trim();
        let (digits, percent) = match weight.strip_suffix('%') {
            Some(digits) => (digits.trim_end(), true),
            None => (weight, false),
        };
        kinds.push(percent);
        let at = syntax::span(&format!("time in {distribution}"), at.trim())?;
        points.push((
            at,
            syntax::number(&format!("level in {distribution}"), digits, "150% or 1.5")?,
        ));
    }
    let Some(&percent) = kinds.first() else { return Err(wrong(distribution, "has no levels")) };
    if kinds.iter().any(|kind| *kind != percent) {
        return Err(wrong(distribution, "has levels with % and levels without"));
    }
    Ok(Levels { percent, points })
}

fn refuse<T>(sentence: String) -> Result<T, DistributionError> {
    Err(DistributionError::Value(sentence))
}

impl Profile {
    /// The length of time after which it begins anew; `None` for what happens once.
    pub(crate) fn period(&self) -> Option<Span> {
        match self {
            Profile::Levels(_, period) | Profile::Ramp(_, period) => Some(*period),
            Profile::Steps(_) | Profile::Spike { .. } => None,
        }
    }

    /// The greatest rate, in multiples of `--rate`.
    pub(crate) fn peak(&self) -> f64 {
        self.pieces().iter().map(|piece| piece.from.max(piece.to)).fold(0.0, f64::max)
    }

    /// When the rate changes for the first time, and when for the last, where it happens once.
    pub(crate) fn changes(&self) -> Option<(Span, Span)> {
        match self {
            Profile::Levels(..) | Profile::Ramp(..) => None,
            Profile::Steps(levels) => {
                let mut times = levels.points.iter().map(|(at, _)| *at);
                let first = times.next().unwrap_or(Span::ZERO);
                Some((first, times.next_back().unwrap_or(first)))
            }
            Profile::Spike { at, lasts, .. } => Some((*at, at.saturating_add(*lasts))),
        }
    }

    /// Whether arrivals end some day.
    pub(crate) fn ends(&self) -> bool {
        self.period().is_none() && self.pieces().last().is_some_and(|piece| piece.to == 0.0)
    }

    /// The function of the rate from time 0 on, over one period or for ever.
    pub(super) fn pieces(&self) -> Vec<ProfilePiece> {
        let pieces = match self {
            Profile::Levels(levels, period) => levels.flat(levels.last(), period.as_nanos() as f64),
            Profile::Ramp(levels, period) => return scaled(levels.lines(*period)),
            Profile::Steps(levels) => {
                let whole = if levels.percent { 100.0 } else { 1.0 };
                let mut pieces = levels.flat(whole, f64::INFINITY);
                pieces.iter_mut().for_each(|piece| {
                    (piece.from, piece.to) = (piece.from / whole, piece.to / whole);
                });
                return pieces;
            }
            Profile::Spike { at, lasts, by } => {
                let end = at.saturating_add(*lasts);
                let points = vec![(*at, *by), (end, 1.0)];
                return Levels { percent: false, points }.flat(1.0, f64::INFINITY);
            }
        };
        scaled(pieces)
    }

    /// Whether the parameters are within bounds. The parser has asked already.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn check(&self) -> Result<(), DistributionError> {
        match self {
            Profile::Levels(levels, period) => levels.check("profile", Some(*period)),
            Profile::Ramp(levels, _) if levels.points.len() < 2 => {
                refuse(format!("a ramp needs two points or more: write {RAMP_FORM}"))
            }
            Profile::Ramp(levels, period) => levels.check("ramp", Some(*period)),
            Profile::Steps(levels) => levels.check("steps", None),
            Profile::Spike { lasts, .. } if lasts.is_zero() => {
                refuse(format!("a spike for 0s has no effect: write {}", SPIKE.form))
            }
            Profile::Spike { by, .. } if *by == 1.0 => {
                refuse(format!("a spike by=1 has no effect: write {}", SPIKE.form))
            }
            Profile::Spike { by, .. } if !(0.0..=GREATEST).contains(by) => refuse(format!(
                "by={} of spike is out of bounds: the rate is multiplied by 0 to {GREATEST}",
                Number(*by)
            )),
            Profile::Spike { .. } => Ok(()),
        }
    }
}

/// The same function with a mean of 1 over its period. Weights are divided by the greatest first,
/// so that nothing overflows.
fn scaled(mut pieces: Vec<ProfilePiece>) -> Vec<ProfilePiece> {
    let most = pieces.iter().map(|piece| piece.from.max(piece.to)).fold(0.0, f64::max);
    let period: f64 = pieces.iter().map(|piece| piece.width).sum();
    let area =
        |piece: &ProfilePiece| (piece.from / most + piece.to / most) / 2.0 * piece.width / period;
    let mean = most * pieces.iter().map(area).sum::<f64>();
    for piece in &mut pieces {
        (piece.from, piece.to) = (piece.from / mean, piece.to / mean);
    }
    pieces
}

impl Levels {
    fn last(&self) -> f64 {
        self.points.last().map_or(0.0, |(_, weight)| *weight)
    }

    /// Level pieces up to `end`; `before` is the level before the first point.
    fn flat(&self, before: f64, end: f64) -> Vec<ProfilePiece> {
        let times = self.points.iter().map(|(at, _)| at.as_nanos() as f64);
        let begins = std::iter::once(0.0).chain(times.clone());
        let weights = std::iter::once(before).chain(self.points.iter().map(|(_, weight)| *weight));
        let ends = times.chain(std::iter::once(end));
        let pieces = begins.zip(ends).zip(weights).map(|((begin, end), level)| ProfilePiece {
            width: end - begin,
            from: level,
            to: level,
        });
        pieces.filter(|piece| piece.width > 0.0).collect()
    }

    /// Straight lines over one period; the line over its end is cut there.
    fn lines(&self, period: Span) -> Vec<ProfilePiece> {
        let period = period.as_nanos() as f64;
        let points: Vec<(f64, f64)> =
            self.points.iter().map(|(at, weight)| (at.as_nanos() as f64, *weight)).collect();
        let (Some(&(first, low)), Some(&(last, high))) = (points.first(), points.last()) else {
            return Vec::new();
        };
        let over = first + period - last;
        let cut = high + (low - high) * ((period - last) / over);
        let all = [(0.0, cut)].into_iter().chain(points).chain([(period, cut)]);
        let all: Vec<(f64, f64)> = all.collect();
        let piece = |pair: &[(f64, f64)]| ProfilePiece {
            width: pair[1].0 - pair[0].0,
            from: pair[0].1,
            to: pair[1].1,
        };
        all.windows(2).map(piece).filter(|piece| piece.width > 0.0).collect()
    }

    fn check(&self, distribution: &str, period: Option<Span>) -> Result<(), DistributionError> {
        let sign = if self.percent { "%" } else { "" };
        if let Some((_, weight)) = self.points.iter().find(|(_, w)| !(0.0..=GREATEST).contains(w)) {
            return refuse(format!(
                "level {}{sign} in {distribution} is out of bounds: it must be 0 to {GREATEST}",
                Number(*weight)
            ));
        }
        if let Some(pair) = self.points.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return refuse(format!(
                "{} comes before {} in {distribution}: write times in order",
                Clock(pair[0].0),
                Clock(pair[1].0)
            ));
        }
        if self.points.iter().all(|(_, weight)| *weight == 0.0) {
            return refuse(format!(
                "all levels of {distribution} are 0: at least one must be more"
            ));
        }
        match (period, self.points.last()) {
            (Some(period), _) if period.is_zero() => {
                refuse(format!("the period of {distribution} is 0s"))
            }
            (Some(period), Some((at, _))) if *at >= period => refuse(format!(
                "{} in {distribution} is not before the end of its period {}: make it longer",
                Clock(*at),
                Clock(period)
            )),
            _ => Ok(()),
        }
    }
}

/// An instant as one would write it beside a clock: `8h`, `90m`, `1.5s`.
struct Clock(Span);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: u64 = 60 * crate::time::NANOS_PER_SECOND;
        match self.0.as_nanos() {
            nanos if nanos > 0 && nanos.is_multiple_of(60 * MINUTE) => {
                write!(f, "{}h", nanos / MINUTE / 60)
            }
            nanos if nanos > 0 && nanos.is_multiple_of(MINUTE) => write!(f, "{}m", nanos / MINUTE),
            _ => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Display for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.percent { "%" } else { "" };
        let words =
            self.points.iter().map(|(at, w)| format!("{}:{}{sign}", Clock(*at), Number(*w)));
        f.write_str(&words.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Profile::Levels(levels, period) => {
                write!(f, "profile({levels},period={})", Clock(*period))
            }
            Profile::Ramp(levels, period) => write!(f, "ramp({levels},period={})", Clock(*period)),
            Profile::Steps(levels) => write!(f, "steps({levels})"),
            Profile::Spike { at, lasts, by } => {
                write!(f, "spike(at={},for={},by={})", Clock(*at), Clock(*lasts), Number(*by))
            }
        }
    }
}
