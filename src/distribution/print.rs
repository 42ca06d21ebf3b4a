//! From distribution to text: what is printed parses back to the same distribution.

use std::fmt;

use super::{
    Distribution, LogNormalBy, ParetoBy, Percentile, SampleUnit, Samples, WeibullBy, Weights,
};

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distribution::Constant(value) => write!(f, "{value}"),
            Distribution::Exponential { mean } => write!(f, "exp({mean})"),
            Distribution::Uniform { min, max } => write!(f, "uniform({min},{max})"),
            Distribution::Erlang { mean, k } => write!(f, "erlang(mean={mean},k={k})"),
            Distribution::Gamma { mean, cv } => write!(f, "gamma(mean={mean},cv={})", Number(*cv)),
            Distribution::LogNormal(by) => write!(f, "lognormal({by})"),
            Distribution::Weibull(by) => write!(f, "weibull({by})"),
            Distribution::Pareto(by) => write!(f, "pareto({by})"),
            Distribution::HyperExponential { mean, cv } => {
                write!(f, "hyperexp(mean={mean},cv={})", Number(*cv))
            }
            Distribution::Mix { weights, parts } => mix(f, *weights, parts),
            Distribution::Quantiles(points) => {
                let words = points.iter().map(|point| match point.percent {
                    0.0 => format!("min={}", point.value),
                    100.0 => format!("max={}", point.value),
                    percent => format!("p{percent}={}", point.value),
                });
                write!(f, "quantiles({})", words.collect::<Vec<_>>().join(","))
            }
            Distribution::Samples(samples) => write!(f, "{samples}"),
            Distribution::Shifted(distribution, shift) => write!(f, "{distribution} + {shift}"),
        }
    }
}

/// A mixture of distributions, or of the sizes of batches.
pub(super) fn mix<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    weights: Weights,
    parts: &[(f64, T)],
) -> fmt::Result {
    let sign = if weights == Weights::Percent { "%" } else { "" };
    let words = parts.iter().map(|(weight, part)| format!("{}{sign}:{part}", Number(*weight)));
    write!(f, "mix({})", words.collect::<Vec<_>>().join(","))
}

impl fmt::Display for LogNormalBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogNormalBy::MeanCv { mean, cv } => write!(f, "mean={mean},cv={}", Number(*cv)),
            LogNormalBy::MedianTail { median, tail } => write!(f, "median={median},{tail}"),
            LogNormalBy::MeanTail { mean, tail } => write!(f, "mean={mean},{tail}"),
        }
    }
}

impl fmt::Display for WeibullBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WeibullBy::MeanShape { mean, shape } => {
                write!(f, "mean={mean},shape={}", Number(*shape))
            }
            WeibullBy::MeanCv { mean, cv } => write!(f, "mean={mean},cv={}", Number(*cv)),
            WeibullBy::MedianTail { median, tail } => write!(f, "median={median},{tail}"),
        }
    }
}

impl fmt::Display for ParetoBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParetoBy::MeanAlpha { mean, alpha } => {
                write!(f, "mean={mean},alpha={}", Number(*alpha))
            }
            ParetoBy::MinAlpha { min, alpha } => write!(f, "min={min},alpha={}", Number(*alpha)),
            ParetoBy::Bounded { min, alpha, max } => {
                write!(f, "min={min},alpha={},max={max}", Number(*alpha))
            }
        }
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.level.name(), self.value)
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "samples:{}", quoted(&self.path))?;
        if let Some(column) = &self.column {
            write!(f, "#{}", quoted(column))?;
        }
        match self.unit {
            Some(unit) => write!(f, " in {}", unit.name()),
            None => Ok(()),
        }
    }
}

/// In quotes, if the grammar would take it apart otherwise.
fn quoted(text: &str) -> String {
    let plain = !text.contains(['"', ',', '(', ')', '#', '+']) && text.trim() == text;
    let plain = plain && SampleUnit::behind(text).1.is_none();
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// The shortest decimal that reads back as the same float; very large and very small ones with
/// an exponent.
pub(super) struct Number(pub(crate) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.0 == 0.0 || (1e-6..1e15).contains(&self.0.abs());
        if plain { write!(f, "{}", self.0) } else { write!(f, "{:e}", self.0) }
    }
}
