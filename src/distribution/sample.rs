//! Drawing from distributions.
//!
//! Ziggurats, Marsaglia–Tsang and inversion come from `rand_distr`; here they are scaled to
//! nanoseconds and rounded to the nearest whole one. A [`Sampler`] has no state: what it draws
//! depends on the stream alone.

use std::sync::Arc;

use rand::RngExt;
use rand_distr::{Distribution as RandDistribution, Exp1, Gamma, LogNormal, Pareto, Weibull};

use super::exponential::Exponential;
use super::quantiles::LogLinear;
use super::solve::{NANOS, Solved};
use crate::random::Stream;
use crate::time::Span;

/// Values that are drawn before the first of them is looked at.
pub(super) const DRAWN: usize = 256;

/// A distribution made ready for drawing.
#[derive(Clone, Debug)]
pub struct Sampler {
    draws: SamplerDraws,
}

#[derive(Clone, Debug)]
enum SamplerDraws {
    /// Exact, and takes nothing from the stream.
    Constant(Span),
    /// Rounded to whole nanoseconds.
    Random(DrawMethod),
}

impl Sampler {
    pub(super) fn new(distribution: &Solved) -> Self {
        let draws = match distribution {
            Solved::Constant(nanos) => SamplerDraws::Constant(Span::from_nanos(*nanos)),
            distribution => SamplerDraws::Random(DrawMethod::new(distribution)),
        };
        Sampler { draws }
    }

    /// The next value: the nearest whole nanosecond, at most [`Span::MAX`].
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> Span {
        match &self.draws {
            SamplerDraws::Constant(value) => *value,
            SamplerDraws::Random(kind) => Span::from_nanos_f64(kind.sample(stream)),
        }
    }

    /// Fills a block with nanoseconds: the same values as so many calls of [`Sampler::draw`],
    /// faster, because the distribution is looked at once.
    pub(crate) fn fill(&self, stream: &mut Stream, nanos: &mut [u64]) {
        self.fill_up_to(u64::MAX, stream, nanos);
    }

    /// Fills a block with what is at most `most`, or counts as that.
    fn fill_up_to(&self, most: u64, stream: &mut Stream, nanos: &mut [u64]) {
        match &self.draws {
            SamplerDraws::Constant(value) => nanos.fill(value.as_nanos().min(most)),
            SamplerDraws::Random(kind) => {
                let mut drawn = [0.0; DRAWN];
                for nanos in nanos.chunks_mut(DRAWN) {
                    let drawn = &mut drawn[..nanos.len()];
                    kind.fill(stream, drawn);
                    Span::round_all(drawn, most, nanos);
                }
            }
        }
    }

    /// As [`Sampler::fill`], but what is 2^63 ns or longer counts as a nanosecond less: the most
    /// that a demand can be.
    pub(crate) fn fill_demands(&self, stream: &mut Stream, nanos: &mut [u64]) {
        self.fill_up_to(u64::MAX >> 1, stream, nanos);
    }
}

/// One way of drawing: nanoseconds, not yet rounded.
#[derive(Clone, Debug)]
pub(super) enum DrawMethod {
    Constant(Constant),
    Exponential(Exponential),
    Uniform(Uniform),
    Gamma(Gamma<f64>),
    LogNormal(LogNormal<f64>),
    Weibull(Weibull<f64>),
    Pareto(Pareto<f64>),
    BoundedPareto(BoundedPareto),
    LogLinear(LogLinear),
    Samples(Resampled),
    HyperExponential(HyperExponential),
    Mix(MixtureParts),
    Shifted(Box<Shifted>),
}

/// Does the same with whatever kind there is; the match stands outside of `$body`.
macro_rules! for_kind {
    ($kind:expr, $distribution:ident => $body:expr) => {
        match $kind {
            DrawMethod::Constant($distribution) => $body,
            DrawMethod::Exponential($distribution) => $body,
            DrawMethod::Uniform($distribution) => $body,
            DrawMethod::Gamma($distribution) => $body,
            DrawMethod::LogNormal($distribution) => $body,
            DrawMethod::Weibull($distribution) => $body,
            DrawMethod::Pareto($distribution) => $body,
            DrawMethod::BoundedPareto($distribution) => $body,
            DrawMethod::LogLinear($distribution) => $body,
            DrawMethod::Samples($distribution) => $body,
            DrawMethod::HyperExponential($distribution) => $body,
            DrawMethod::Mix($distribution) => $body,
            DrawMethod::Shifted($distribution) => $body,
        }
    };
}

/// What holds for distributions that passed their check.
pub(super) const CHECKED: &str = "a distribution is checked before it is sampled";

impl DrawMethod {
    /// # Panics
    /// If the distribution was not checked.
    pub(crate) fn new(distribution: &Solved) -> Self {
        match distribution {
            Solved::Constant(nanos) => DrawMethod::Constant(Constant(*nanos as f64)),
            Solved::Exponential { mean } => DrawMethod::exponential(mean * NANOS),
            Solved::Uniform { min, max } => {
                DrawMethod::Uniform(Uniform { min: min * NANOS, width: (max - min) * NANOS })
            }
            Solved::Gamma { shape, scale } => {
                DrawMethod::Gamma(Gamma::new(*shape, scale * NANOS).expect(CHECKED))
            }
            Solved::LogNormal { mu, sigma } => {
                DrawMethod::LogNormal(LogNormal::new(mu + NANOS.ln(), *sigma).expect(CHECKED))
            }
            Solved::Weibull { shape, scale } => {
                DrawMethod::Weibull(Weibull::new(scale * NANOS, *shape).expect(CHECKED))
            }
            Solved::Pareto { min, alpha } => {
                DrawMethod::Pareto(Pareto::new(min * NANOS, *alpha).expect(CHECKED))
            }
            Solved::BoundedPareto { min, alpha, max } => {
                DrawMethod::BoundedPareto(BoundedPareto::new(min * NANOS, *alpha, max * NANOS))
            }
            Solved::LogLinear(distribution) => DrawMethod::LogLinear(distribution.scaled(NANOS)),
            Solved::Samples(values) => DrawMethod::Samples(Resampled(Arc::clone(values))),
            Solved::Mix(parts) => DrawMethod::mix(parts),
            Solved::Shifted(distribution, shift) => DrawMethod::Shifted(Box::new(Shifted {
                distribution: DrawMethod::new(distribution),
                shift: shift * NANOS,
            })),
        }
    }

    /// Exponential with a mean in nanoseconds.
    pub(crate) fn exponential(mean: f64) -> Self {
        DrawMethod::Exponential(Exponential { mean })
    }

    /// A mixture; of two exponentials it is drawn without branches.
    fn mix(parts: &[(f64, Solved)]) -> Self {
        if let [(share, Solved::Exponential { mean: a }), (_, Solved::Exponential { mean: b })] =
            parts
        {
            let means = [a * NANOS, b * NANOS];
            return DrawMethod::HyperExponential(HyperExponential { share: *share, means });
        }
        let mut sum = 0.0;
        let cumulative = |(share, distribution): &(f64, Solved)| {
            sum += share;
            (sum, DrawMethod::new(distribution))
        };
        DrawMethod::Mix(MixtureParts(parts.iter().map(cumulative).collect()))
    }

    /// One value.
    #[inline]
    pub(crate) fn sample(&self, stream: &mut Stream) -> f64 {
        for_kind!(self, distribution => distribution.sample(stream))
    }

    /// Fills a block. Nothing else is done with the values on the way: a draw may call a function
    /// of the library of mathematics, so whatever else stands in the loop lives in memory instead
    /// of registers.
    pub(crate) fn fill(&self, stream: &mut Stream, out: &mut [f64]) {
        if let DrawMethod::Exponential(distribution) = self {
            return distribution.fill(stream, out);
        }
        // A stream of one's own stays in registers.
        let mut local = stream.clone();
        for_kind!(self, distribution => {
            for slot in out {
                *slot = distribution.sample(&mut local);
            }
        });
        *stream = local;
    }
}

#[derive(Clone, Debug)]
pub(super) struct Constant(f64);

impl RandDistribution<f64> for Constant {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, _: &mut R) -> f64 {
        self.0
    }
}

#[derive(Clone, Debug)]
pub(super) struct Uniform {
    min: f64,
    width: f64,
}

impl RandDistribution<f64> for Uniform {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.min + self.width * rng.random::<f64>()
    }
}

/// Inversion: x = min (1 − u (1 − (min/max)^α))^(−1/α).
#[derive(Clone, Debug)]
pub(super) struct BoundedPareto {
    min: f64,
    max: f64,
    share: f64,
    power: f64,
}

impl BoundedPareto {
    fn new(min: f64, alpha: f64, max: f64) -> Self {
        let share = -(alpha * (min / max).ln()).exp_m1();
        BoundedPareto { min, max, share, power: -1.0 / alpha }
    }
}

impl RandDistribution<f64> for BoundedPareto {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let beyond = 1.0 - rng.random::<f64>() * self.share;
        (self.min * beyond.powf(self.power)).min(self.max)
    }
}

impl RandDistribution<f64> for LogLinear {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.quantile(rng.random())
    }
}

/// Any of the values, each equally likely.
#[derive(Clone, Debug)]
pub(super) struct Resampled(Arc<[Span]>);

impl RandDistribution<f64> for Resampled {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        self.0[rng.random_range(0..self.0.len())].as_nanos() as f64
    }
}

#[derive(Clone, Debug)]
pub(super) struct HyperExponential {
    share: f64,
    means: [f64; 2],
}

impl RandDistribution<f64> for HyperExponential {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let second = usize::from(rng.random::<f64>() >= self.share);
        let x: f64 = Exp1.sample(rng);
        self.means[second] * x
    }
}

/// Parts with the sums of their shares.
#[derive(Clone, Debug)]
pub(super) struct MixtureParts(Vec<(f64, DrawMethod)>);

impl RandDistribution<f64> for MixtureParts {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        let u: f64 = rng.random();
        let found = self.0.iter().find(|(sum, _)| u < *sum).or(self.0.last());
        found.map_or(0.0, |(_, kind)| for_kind!(kind, distribution => distribution.sample(rng)))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Shifted {
    distribution: DrawMethod,
    shift: f64,
}

impl RandDistribution<f64> for Shifted {
    #[inline]
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        for_kind!(&self.distribution, distribution => distribution.sample(rng)) + self.shift
    }
}
