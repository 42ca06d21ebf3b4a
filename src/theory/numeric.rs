//! Numerical tools: sums that do not cancel, searches that end.

use statrs::function::gamma::ln_gamma;

pub(crate) use num_complex::Complex64 as Complex;

/// (1 - e^(-x t)) / x, which is t at x = 0 and is safe near it.
pub(super) fn saturating_exponential(x: f64, t: f64) -> f64 {
    if x == 0.0 { t } else { -(-x * t).exp_m1() / x }
}

/// The least t >= 0 with `survival(t) <= target`, for a falling survival function. `scale` is a
/// first guess of the size of t. The search brackets by doubling, then halves or takes the
/// secant of the logarithm (the Illinois variant of regula falsi), to a relative `precision`.
pub(super) fn first_time_below(
    survival: impl Fn(f64) -> f64,
    target: f64,
    scale: f64,
    precision: f64,
) -> f64 {
    let excess = |t: f64| survival(t).max(1e-300).ln() - target.ln();
    let mut low = (0.0, excess(0.0));
    if low.1 <= 0.0 {
        return 0.0;
    }
    let mut high = (scale.max(1e-300), excess(scale.max(1e-300)));
    while high.1 > 0.0 && high.0 < 1e300 {
        low = high;
        high.0 *= 2.0;
        high.1 = excess(high.0);
    }
    root_between(excess, low, high, precision)
}

/// The value rounded to seven significant decimal digits.
pub(super) fn to_seven_digits(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

/// A root of a function whose values at the two ends have different signs (`low` above zero), to
/// a relative `precision`.
pub(super) fn root_between(
    f: impl Fn(f64) -> f64,
    mut low: (f64, f64),
    mut high: (f64, f64),
    precision: f64,
) -> f64 {
    let mut halve = false;
    for _ in 0..200 {
        if high.0 - low.0 <= precision * high.0.abs() {
            break;
        }
        let width = high.0 - low.0;
        let secant = low.0 + width * low.1 / (low.1 - high.1);
        let middle = if halve || !(secant > low.0 && secant < high.0) {
            low.0 + width / 2.0
        } else {
            secant
        };
        let point = (middle, f(middle));
        if point.1 > 0.0 {
            high.1 = if high.1 < 0.0 { high.1 / 2.0 } else { high.1 };
            low = point;
        } else if point.1 < 0.0 {
            low.1 /= 2.0;
            high = point;
        } else {
            return middle;
        }
        halve = high.0 - low.0 > width / 2.0;
    }
    high.0
}

/// The Poisson probabilities of `mean`, from the first that matters on: (first index, weights),
/// summing to 1. Built from the mode outwards, so nothing under- or overflows (Fox & Glynn 1988,
/// "Computing Poisson probabilities").
pub(super) fn poisson_weights(mean: f64) -> (usize, Vec<f64>) {
    const NEGLIGIBLE: f64 = 1e-20;
    let mode = mean.floor();
    let peak = (mode * mean.max(1e-300).ln() - mean - ln_gamma(mode + 1.0)).exp();
    let mut below = Vec::new();
    let (mut n, mut weight) = (mode, peak);
    while n > 0.0 && weight > NEGLIGIBLE {
        weight *= n / mean;
        n -= 1.0;
        below.push(weight);
    }
    let first = mode as usize - below.len();
    let mut weights: Vec<f64> = below.into_iter().rev().collect();
    let (mut n, mut weight) = (mode, peak);
    while weight > NEGLIGIBLE {
        weights.push(weight);
        n += 1.0;
        weight *= mean / n;
    }
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= total);
    (first, weights)
}

/// The steady state of a birth-death chain on 0 ..= `last`: p(n+1)/p(n) = `ratio(n)`, the rate up
/// from n over the rate down from n + 1. Products are rescaled where they would overflow.
pub(super) fn birth_death(last: usize, ratio: impl Fn(usize) -> f64) -> Vec<f64> {
    const HUGE: f64 = 1e250;
    let mut p = Vec::with_capacity(last + 1);
    let mut value = 1.0;
    p.push(value);
    for n in 0..last {
        value *= ratio(n);
        if value > HUGE {
            p.iter_mut().for_each(|earlier| *earlier /= HUGE);
            value /= HUGE;
        }
        p.push(value);
    }
    let total: f64 = p.iter().sum();
    p.iter_mut().for_each(|value| *value /= total);
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_weights_are_poisson() {
        for mean in [0.0, 1e-9, 0.3, 1.0, 7.5, 300.0, 1e6] {
            let (first, weights) = poisson_weights(mean);
            let average: f64 = (first..).zip(&weights).map(|(n, w)| n as f64 * w).sum();
            assert!((average - mean).abs() <= 1e-12 * mean, "{mean}: {average}");
        }
        let (first, weights) = poisson_weights(2.0);
        assert_eq!(first, 0);
        assert!((weights[3] - 8.0 / 6.0 * (-2.0f64).exp()).abs() < 1e-16);
    }

    #[test]
    fn first_times_are_found() {
        for (target, scale) in [(0.5, 1.0), (1e-3, 1e-6), (1e-12, 1e6), (0.999, 5.0)] {
            let t = first_time_below(|t| (-2.0 * t).exp(), target, scale, 1e-13);
            let expected = -f64::ln(target) / 2.0;
            assert!((t / expected - 1.0).abs() < 1e-12, "{target}: {t}, {expected}");
        }
        assert_eq!(first_time_below(|t| 0.4 * (-t).exp(), 0.5, 1.0, 1e-13), 0.0);
    }

    #[test]
    fn seven_digits_are_kept() {
        assert_eq!(to_seven_digits(0.151_135_134_674), 0.151_135_1);
        assert_eq!(to_seven_digits(2_222.252_46), 2_222.252);
        assert!(to_seven_digits(f64::INFINITY).is_infinite());
        assert_eq!(to_seven_digits(0.0), 0.0);
    }

    #[test]
    fn a_birth_death_chain_does_not_overflow() {
        let p = birth_death(2_000, |n| if n < 1_000 { 1e3 } else { 1e-3 });
        assert!((p[1_000] - 0.998).abs() < 1e-3);
        assert!(p.iter().all(|p| p.is_finite()));
    }
}
