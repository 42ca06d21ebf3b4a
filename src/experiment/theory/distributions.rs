//! Distributions and arrivals in theory's terms.

use crate::distribution::{ArrivalProcess, BatchSize, Distribution, ParetoBy, Samples, WeibullBy};
use crate::theory::transform::{Moments, Transform};
use crate::theory::{Arrivals, RandomTime, Result};

/// The most measured values that are handed over one by one.
const MOST_SAMPLES: usize = 2_000;
/// The largest batch that is handed over.
const LARGEST_BATCH: usize = 2_000;

/// A distribution with its transform where that is known, else with its moments.
pub(crate) fn demand(distribution: &Distribution) -> RandomTime {
    if let Some(span) = distribution.constant() {
        return RandomTime::constant(span.as_secs_f64());
    }
    match distribution {
        Distribution::Exponential { .. } => RandomTime::exponential(distribution.mean()),
        _ => match transform(distribution) {
            Some(Ok(transform)) => RandomTime::of_transform(transform),
            _ => RandomTime::of_moments(moments(distribution)),
        },
    }
}

fn moments(distribution: &Distribution) -> Moments {
    let third = Some(distribution.moment(3)).filter(|moment| moment.is_finite());
    Moments { mean: distribution.mean(), second: distribution.moment(2), third }
}

fn transform(distribution: &Distribution) -> Option<Result<Transform>> {
    if let Some(span) = distribution.constant() {
        return Some(Transform::constant(span.as_secs_f64()));
    }
    let mean = distribution.mean();
    Some(match distribution {
        Distribution::Constant(_) => return None,
        Distribution::Exponential { .. } => Transform::exponential(mean),
        Distribution::Uniform { min, max } => {
            Transform::uniform(min.as_secs_f64(), max.as_secs_f64())
        }
        Distribution::Erlang { k, .. } => Transform::erlang(*k as usize, mean),
        Distribution::Gamma { cv, .. } => Transform::gamma(1.0 / (cv * cv), mean),
        Distribution::LogNormal(_) => Transform::lognormal(mean, distribution.scv().sqrt()),
        Distribution::Weibull(by) => Transform::weibull(weibull_shape(by, distribution), mean),
        Distribution::Pareto(
            ParetoBy::MeanAlpha { alpha, .. } | ParetoBy::MinAlpha { alpha, .. },
        ) => Transform::pareto(distribution.support_min(), *alpha),
        Distribution::Pareto(ParetoBy::Bounded { .. }) | Distribution::Quantiles(_) => {
            Ok(Transform::by_quantiles(moments(distribution), |p| distribution.quantile(p)))
        }
        Distribution::HyperExponential { cv, .. } => {
            // balanced means, as the distribution itself is solved
            let scv = cv * cv;
            let share = (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt()) / 2.0;
            let other = 1.0 / (2.0 * (scv + 1.0) * share);
            Transform::hyperexponential(&[
                (share, mean / (2.0 * share)),
                (other, mean / (2.0 * other)),
            ])
        }
        Distribution::Mix { parts, .. } => {
            let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
            let part = |(weight, distribution): &(f64, Distribution)| {
                transform(distribution).map(|part| part.map(|part| (weight / total, part)))
            };
            let used = parts.iter().filter(|(weight, _)| *weight > 0.0);
            used.map(part).collect::<Option<Result<Vec<_>>>>()?.and_then(Transform::mixture)
        }
        Distribution::Samples(Samples { values, .. }) if values.len() <= MOST_SAMPLES => {
            let share = 1.0 / values.len() as f64;
            let part = |value: &crate::time::Span| {
                Transform::constant(value.as_secs_f64()).map(|part| (share, part))
            };
            values.iter().map(part).collect::<Result<Vec<_>>>().and_then(Transform::mixture)
        }
        Distribution::Samples(_) => return None,
        Distribution::Shifted(distribution, more) => {
            transform(distribution)?.and_then(|distribution| {
                Ok(distribution.plus(Transform::constant(more.as_secs_f64())?))
            })
        }
    })
}

/// F(x) = 1 - exp(-(x/scale)^k): two quantiles tell the shape.
fn weibull_shape(by: &WeibullBy, distribution: &Distribution) -> f64 {
    if let WeibullBy::MeanShape { shape, .. } = by {
        return *shape;
    }
    let depth = |p: f64| (-(-p).ln_1p()).ln();
    let (low, high) = (0.5, 0.9);
    (depth(high) - depth(low)) / (distribution.quantile(high) / distribution.quantile(low)).ln()
}

/// Open arrivals.
pub(crate) fn arrivals(distribution: &ArrivalProcess, rate: f64) -> Arrivals {
    if let ArrivalProcess::Poisson = distribution {
        return Arrivals::Poisson { rate };
    }
    if let Some(states) = distribution.states() {
        return modulated(&states, rate);
    }
    if let ArrivalProcess::Batch(size) = distribution {
        let batch_rate = rate / size.mean();
        return match batch_sizes(size) {
            Some(sizes) => Arrivals::Batches { batch_rate, sizes },
            None => Arrivals::Other { rate },
        };
    }
    match distribution.gap_distribution() {
        Some(gap) => {
            let gap = demand(&gap);
            let factor = 1.0 / (rate * gap.mean());
            Arrivals::Renewal { gap: gap.scaled(factor) }
        }
        None => Arrivals::Other { rate },
    }
}

/// States that are visited in turn, all rates scaled to the mean rate.
fn modulated(states: &[(f64, f64)], rate: f64) -> Arrivals {
    let time: f64 = states.iter().map(|state| state.1).sum();
    let mean: f64 = states.iter().map(|(rate, time)| rate * time).sum::<f64>() / time;
    let count = states.len();
    let mut switch = vec![vec![0.0; count]; count];
    for (at, (_, time)) in states.iter().enumerate() {
        switch[at][(at + 1) % count] = 1.0 / time;
    }
    let rates = states.iter().map(|state| state.0 * rate / mean).collect();
    Arrivals::Modulated { rates, switch, rate }
}

/// Sizes with their probabilities, a geometric tail cut where less than 1e-14 is left.
fn batch_sizes(size: &BatchSize) -> Option<Vec<(usize, f64)>> {
    match size {
        BatchSize::Constant(size) => Some(vec![(*size as usize, 1.0)]),
        BatchSize::Mix { .. } => {
            let shares = size.shares().into_iter();
            Some(shares.map(|(size, share)| (size as usize, share)).collect())
        }
        BatchSize::Geometric(mean) => {
            let more = 1.0 - 1.0 / mean;
            let most = if more > 0.0 { (1e-14f64.ln() / more.ln()).ceil() } else { 1.0 };
            let sizes = 1..=most.max(1.0) as usize;
            (most <= LARGEST_BATCH as f64)
                .then(|| sizes.map(|n| (n, more.powi(n as i32 - 1) / mean)).collect())
        }
    }
    .filter(|sizes: &Vec<(usize, f64)>| sizes.iter().all(|(n, _)| *n <= LARGEST_BATCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every distribution arrives with its own moments, and its transform agrees with them: near
    /// zero E[e^(-sX)] = 1 - s E[X] + s² E[X²] / 2 - ...
    #[test]
    fn distributions_keep_their_moments() {
        for text in [
            "3s",
            "exp(20ms)",
            "uniform(1s,5s)",
            "erlang(mean=20ms,k=3)",
            "gamma(mean=20ms,cv=0.7)",
            "lognormal(median=20ms,p99=100ms)",
            "weibull(mean=20ms,cv=2)",
            "weibull(median=20ms,p99=90ms)",
            "pareto(mean=20ms,alpha=3.5)",
            "pareto(min=5ms,alpha=1.2,max=1s)",
            "hyperexp(mean=20ms,cv=4)",
            "mix(90%:5ms,10%:exp(200ms))",
            "quantiles(p50=20ms,p99=300ms,max=2s)",
            "exp(20ms) + 5ms",
        ] {
            let distribution: Distribution = text.parse().unwrap();
            let got = demand(&distribution);
            let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
            assert!(near(got.mean(), distribution.mean()), "{text}: {got:?}");
            assert!(near(got.moments().second, distribution.moment(2)), "{text}");
            let (mean, second) = (distribution.mean(), distribution.moment(2));
            let s = 1e-4 * mean / second;
            let seen = 1.0 - got.transform().unwrap().lst_real(s);
            let expected = s * mean - s * s * second / 2.0;
            assert!((seen / expected - 1.0).abs() < 1e-5, "{text}: {seen} {expected}");
        }
    }

    #[test]
    fn arrivals_keep_their_rate() {
        for text in [
            "poisson",
            "constant",
            "uniform",
            "gamma(cv=2)",
            "pareto(alpha=2.5)",
            "mmpp(96/s:10s,16/s:40s,0/s:5s)",
            "onoff(on=1s,off=9s)",
            "batch(3)",
            "batch(geometric(3))",
            "mix(90%:5ms,10%:exp(200ms))",
        ] {
            let got = arrivals(&text.parse().unwrap(), 40.0);
            assert!((got.rate().unwrap() / 40.0 - 1.0).abs() < 1e-9, "{text}: {got:?}");
            assert!(!matches!(got, Arrivals::Other { .. }), "{text}");
        }
        let too_large = arrivals(&"batch(geometric(5000))".parse().unwrap(), 40.0);
        assert_eq!(too_large, Arrivals::Other { rate: 40.0 });
    }
}
