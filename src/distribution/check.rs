//! Bounds on parameters, so that nothing later can overflow, loop or have no mean.

use super::error::DistributionError;
use super::print::Number;
use super::solve::{Solved, normal_quantile};
use super::{Distribution, LogNormalBy, ParetoBy, Percentile, Point, Samples, WeibullBy, Weights};
use crate::time::Span;

/// Least coefficient of variation that is not 0: below it a distribution is a constant in all but
/// name, and the incomplete gamma function loses its digits.
const LEAST_CV: f64 = 1e-3;
/// Greatest coefficient of variation: no sample that could be drawn would show its mean.
const GREATEST_CV: f64 = 1e3;
/// Bounds on the shape of a Weibull distribution.
const SHAPES: (f64, f64) = (0.05, 1e4);
/// Bounds on the tail index of a Pareto distribution (the lower one if it is bounded).
const ALPHAS: (f64, f64) = (0.01, 1e4);
/// Most stages of an Erlang distribution (cv 0.001).
const MOST_STAGES: u32 = 1_000_000;
/// How far from 100 the percentages of a mixture may add up.
const PERCENT_TOLERANCE: f64 = 1e-6;
/// Greatest weight of a part of a mixture.
const GREATEST_WEIGHT: f64 = 1e15;

type CheckResult = Result<(), DistributionError>;

fn refuse<T>(sentence: String) -> Result<T, DistributionError> {
    Err(DistributionError::Value(sentence))
}

impl Distribution {
    /// Whether the parameters are within bounds and the mean is finite. The parser has asked
    /// already; only a distribution that was built by hand needs it.
    ///
    /// # Errors
    /// A sentence that says which parameter is out of which bounds.
    pub(crate) fn check(&self) -> CheckResult {
        match self {
            Distribution::Constant(_) => Ok(()),
            Distribution::Exponential { mean } => positive("mean of exp", *mean),
            Distribution::Uniform { min, max } => uniform(*min, *max),
            Distribution::Erlang { mean, k } => {
                positive("mean of erlang", *mean).and_then(|()| stages(*k))
            }
            Distribution::Gamma { mean, cv } => {
                positive("mean of gamma", *mean).and(cv_of("gamma", *cv))
            }
            Distribution::LogNormal(by) => log_normal(by),
            Distribution::Weibull(by) => weibull(by),
            Distribution::Pareto(by) => pareto(by),
            Distribution::HyperExponential { mean, cv } => {
                positive("mean of hyperexp", *mean).and(hyper_cv(*cv))
            }
            Distribution::Mix { weights, parts } => mix(*weights, parts),
            Distribution::Quantiles(points) => quantiles(points),
            Distribution::Samples(from) => samples(from),
            Distribution::Shifted(distribution, _) => distribution.check(),
        }
    }
}

fn positive(place: &str, span: Span) -> CheckResult {
    if !span.is_zero() {
        return Ok(());
    }
    refuse(format!("{place} is 0: it must be more than zero (for no time at all, write 0s)"))
}

fn within(place: &str, value: f64, (least, greatest): (f64, f64)) -> CheckResult {
    if (least..=greatest).contains(&value) {
        return Ok(());
    }
    refuse(format!("{place}={} is out of bounds: it must be {least} to {greatest}", Number(value)))
}

fn cv_of(distribution: &str, cv: f64) -> CheckResult {
    if cv == 0.0 || (LEAST_CV..=GREATEST_CV).contains(&cv) {
        return Ok(());
    }
    refuse(format!(
        "cv={} of {distribution} is out of bounds: it must be 0 (a constant), or {LEAST_CV} to {GREATEST_CV}",
        Number(cv)
    ))
}

fn hyper_cv(cv: f64) -> CheckResult {
    if cv >= 1.0 {
        return within("cv of hyperexp: cv", cv, (1.0, GREATEST_CV));
    }
    refuse(format!(
        "cv={} of hyperexp is too small: it must be 1 or more; below 1, gamma(mean=20ms,cv=0.5) does it",
        Number(cv)
    ))
}

fn uniform(min: Span, max: Span) -> CheckResult {
    if min <= max {
        return Ok(());
    }
    refuse(format!("uniform({min},{max}) runs backwards: write uniform({max},{min})"))
}

fn stages(k: u32) -> CheckResult {
    if (1..=MOST_STAGES).contains(&k) {
        return Ok(());
    }
    refuse(format!("k={k} of erlang is out of bounds: it must be 1 to {MOST_STAGES}"))
}

fn log_normal(by: &LogNormalBy) -> CheckResult {
    match by {
        LogNormalBy::MeanCv { mean, cv } => {
            positive("mean of lognormal", *mean).and(cv_of("lognormal", *cv))
        }
        LogNormalBy::MedianTail { median, tail } => {
            above_median("lognormal", *median, tail)?;
            solved_cv(&Distribution::LogNormal(*by))
        }
        LogNormalBy::MeanTail { mean, tail } => {
            positive("mean of lognormal", *mean)?;
            above_mean(*mean, tail)?;
            solved_cv(&Distribution::LogNormal(*by))
        }
    }
}

fn above_median(distribution: &str, median: Span, tail: &Percentile) -> CheckResult {
    positive(&format!("median of {distribution}"), median)?;
    if tail.value > median {
        return Ok(());
    }
    let level = tail.level.name();
    refuse(format!(
        "{level}={} of {distribution} is not above the median {median}: write a greater {level}, \
         or {median} alone for a constant",
        tail.value
    ))
}

/// The two-root rule: p/mean = exp(zσ − σ²/2) has its maximum exp(z²/2) at σ = z.
fn above_mean(mean: Span, tail: &Percentile) -> CheckResult {
    let greatest = (normal_quantile(tail.level.share()).powi(2) / 2.0).exp();
    let ratio = tail.value.as_secs_f64() / mean.as_secs_f64();
    if ratio > 1.0 && ratio <= greatest {
        return Ok(());
    }
    let level = tail.level.name();
    refuse(format!(
        "no log-normal has mean={mean} and {level}={}: {level} must lie above the mean, \
         at most {greatest:.4} times it; or write lognormal(median=…,{level}={})",
        tail.value, tail.value
    ))
}

/// The cv that follows from other parameters is within bounds too.
fn solved_cv(distribution: &Distribution) -> CheckResult {
    if distribution.scv().sqrt() <= GREATEST_CV {
        return Ok(());
    }
    refuse(format!(
        "{distribution} would have a cv above {GREATEST_CV}: use a percentile nearer to its median"
    ))
}

fn weibull(by: &WeibullBy) -> CheckResult {
    match by {
        WeibullBy::MeanShape { mean, shape } => {
            positive("mean of weibull", *mean)?;
            within("shape of weibull: shape", *shape, SHAPES)
        }
        WeibullBy::MeanCv { mean, cv } => {
            positive("mean of weibull", *mean).and(cv_of("weibull", *cv))
        }
        WeibullBy::MedianTail { median, tail } => {
            above_median("weibull", *median, tail)?;
            match Distribution::Weibull(*by).solve() {
                Solved::Weibull { shape, .. } if shape >= SHAPES.0 && shape <= SHAPES.1 => Ok(()),
                _ => refuse(format!(
                    "weibull({by}) would have a shape outside {} to {}: \
                     its median and {} are too far apart, or too near",
                    SHAPES.0,
                    SHAPES.1,
                    tail.level.name()
                )),
            }
        }
    }
}

fn pareto(by: &ParetoBy) -> CheckResult {
    match *by {
        ParetoBy::MeanAlpha { mean, alpha } => {
            positive("mean of pareto", mean).and(alpha_with_mean(alpha))
        }
        ParetoBy::MinAlpha { min, alpha } => {
            positive("min of pareto", min).and(alpha_with_mean(alpha))
        }
        ParetoBy::Bounded { min, alpha, max } => {
            positive("min of pareto", min)?;
            within("alpha of pareto: alpha", alpha, ALPHAS)?;
            if max.as_secs_f64() > min.as_secs_f64() {
                return Ok(());
            }
            refuse(format!("max={max} of pareto is not above min={min}: write a greater max"))
        }
    }
}

fn alpha_with_mean(alpha: f64) -> CheckResult {
    if alpha > 1.0 {
        return within("alpha of pareto: alpha", alpha, (1.0, ALPHAS.1));
    }
    refuse(format!(
        "pareto with alpha={} has no mean: write alpha above 1, \
         or bound it, as in pareto(min=12ms,alpha=0.9,max=10s)",
        Number(alpha)
    ))
}

fn mix(kind: Weights, parts: &[(f64, Distribution)]) -> CheckResult {
    weights(kind, &parts.iter().map(|(weight, _)| *weight).collect::<Vec<_>>())?;
    parts.iter().try_for_each(|(_, distribution)| distribution.check())
}

/// The weights of a mixture.
pub(super) fn weights(weights: Weights, parts: &[f64]) -> CheckResult {
    for weight in parts {
        if !(0.0..=GREATEST_WEIGHT).contains(weight) {
            return refuse(format!(
                "weight {} in mix is out of bounds: it must be 0 to {GREATEST_WEIGHT:e}",
                Number(*weight)
            ));
        }
    }
    let sum: f64 = parts.iter().sum();
    if weights == Weights::Percent && (sum - 100.0).abs() > PERCENT_TOLERANCE {
        return refuse(format!(
            "the percentages in mix add up to {}, not 100: mend them, \
             or leave out the % signs for relative weights",
            Number(sum)
        ));
    }
    if sum > 0.0 {
        return Ok(());
    }
    refuse("all weights in mix are 0: at least one must be more".to_owned())
}

fn samples(from: &Samples) -> CheckResult {
    let reason = match &from.values {
        values if values.is_empty() => "there is no value to draw from",
        values if !values.is_sorted() => "the values are not in increasing order",
        _ => return Ok(()),
    };
    Err(DistributionError::Samples { path: from.path.clone(), reason: reason.to_owned() })
}

fn quantiles(points: &[Point]) -> CheckResult {
    const FORM: &str = super::catalogue::QUANTILES_FORM;
    if points.len() < 2 || points.last().is_none_or(|point| point.percent != 100.0) {
        return refuse(format!(
            "quantiles needs one point or more and then the longest value, max: write {FORM}"
        ));
    }
    if points.iter().any(|point| point.value.is_zero() || !(0.0..=100.0).contains(&point.percent)) {
        return refuse(format!("points of quantiles must be more than 0s: write {FORM}"));
    }
    for pair in points.windows(2) {
        let shares = pair[0].percent / 100.0 < pair[1].percent / 100.0;
        if !(shares && pair[0].value.as_secs_f64() < pair[1].value.as_secs_f64()) {
            let both = Distribution::Quantiles(pair.to_vec()).to_string();
            return refuse(format!(
                "{both} does not increase: write points in order, as in {FORM}"
            ));
        }
    }
    Ok(())
}
