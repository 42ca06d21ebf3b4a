//! The first gap of independent gaps: from any instant to the next arrival.
//!
//! Time 0 is no arrival. Who looks at a stream of arrivals from an instant that has nothing to do
//! with them meets a gap with a probability proportional to its length, somewhere within it. With
//! a first gap drawn so, the mean number of arrivals up to any time is the rate times the time; if
//! it were drawn like the others, (scv − 1)/2 requests too many would come at the beginning (Cox
//! 1962, "Renewal Theory", ch. 2 and 4).

use rand::RngExt;
use rand_distr::{Distribution as RandDistribution, Gamma, StandardNormal};

use super::sample::{CHECKED, DrawMethod};
use super::solve::{NANOS, Solved};
use crate::random::Stream;

/// Nanoseconds to the first arrival.
pub(super) fn first_gap(distribution: &Solved, stream: &mut Stream) -> f64 {
    let share: f64 = stream.random();
    share * length_biased(distribution, stream)
}

/// A value in nanoseconds, drawn with a probability proportional to itself: of density x f(x)/mean.
fn length_biased(distribution: &Solved, stream: &mut Stream) -> f64 {
    match distribution {
        Solved::Constant(nanos) => *nanos as f64,
        Solved::Exponential { mean } => NANOS * mean * gamma(2.0, stream),
        Solved::Uniform { min, max } => {
            let u: f64 = stream.random();
            NANOS * (min * min + u * (max * max - min * min)).sqrt()
        }
        Solved::Gamma { shape, scale } => NANOS * scale * gamma(shape + 1.0, stream),
        Solved::LogNormal { mu, sigma } => {
            let z: f64 = StandardNormal.sample(stream);
            NANOS * (mu + sigma * (sigma + z)).exp()
        }
        // (X/scale)^shape is exponential, and x is its (1/shape)-th power
        Solved::Weibull { shape, scale } => {
            NANOS * scale * gamma(1.0 + 1.0 / shape, stream).powf(1.0 / shape)
        }
        Solved::Pareto { min, alpha } => {
            let u: f64 = 1.0 - stream.random::<f64>();
            NANOS * min * u.powf(-1.0 / (alpha - 1.0))
        }
        Solved::BoundedPareto { min, alpha, max } => {
            // the index is lower by one; at 0 the formula is a limit
            let index = if (alpha - 1.0).abs() < 1e-9 { 1e-9 } else { alpha - 1.0 };
            let share = -(index * (min / max).ln()).exp_m1();
            let beyond = 1.0 - stream.random::<f64>() * share;
            NANOS * (min * beyond.powf(-1.0 / index)).min(*max)
        }
        Solved::LogLinear(distribution) => {
            let (piece, within) = (stream.random(), stream.random());
            NANOS * distribution.length_biased(piece, within)
        }
        // Any value, kept with its ratio to the greatest.
        Solved::Samples(values) => loop {
            let value = values[stream.random_range(0..values.len())].as_nanos() as f64;
            let greatest = values.last().map_or(0.0, |last| last.as_nanos() as f64);
            if stream.random::<f64>() * greatest <= value && value > 0.0 {
                return value;
            }
        },
        Solved::Mix(parts) => {
            let mut left = stream.random::<f64>() * distribution.moment(1);
            let chosen = parts.iter().find(|(share, distribution)| {
                left -= share * distribution.moment(1);
                left < 0.0
            });
            chosen
                .or(parts.last())
                .map_or(0.0, |(_, distribution)| length_biased(distribution, stream))
        }
        Solved::Shifted(distribution, shift) => {
            let mean = distribution.moment(1);
            let of_distribution = stream.random::<f64>() * (mean + shift) < mean;
            let value = if of_distribution {
                length_biased(distribution, stream)
            } else {
                DrawMethod::new(distribution).sample(stream)
            };
            value + NANOS * shift
        }
    }
}

fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    Gamma::new(shape, 1.0).expect(CHECKED).sample(stream)
}
