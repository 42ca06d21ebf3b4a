//! Drawing gaps between arrivals in whole nanoseconds, without drift.
//!
//! A gap is drawn in fractions of a nanosecond and counted in steps of 2^-20 ns. What rounding
//! takes from one gap is given to the next, so the k-th arrival lies at the nearest whole
//! nanosecond to the sum of k gaps, and the rate is right even at millions of requests a second.
//! (Whole numbers, because the next gap waits for what the last one left over: an integer sum is
//! one step of a processor where floats took a dozen, half of the time of a whole simulation.)
//! Equal gaps are counted exactly: the k-th arrival lies at k·10⁹/rate, rounded, for ever.

use rand::RngExt;
use rand_distr::{Distribution as RandDistribution, Exp1, Geometric};

use super::first_gap::first_gap;
use super::sample::{DRAWN, DrawMethod};
use super::solve::{NANOS, Solved};
use super::thinning::Thinned;
use super::{ArrivalProcess, BatchSize};
use crate::random::Stream;
use crate::time::{NANOS_PER_SECOND, Span};

/// If states change more often than this between two arrivals, only their mean is felt, and the
/// arrivals are drawn as Poisson.
const MOST_CHANGES_PER_ARRIVAL: f64 = 1e4;

/// Gaps between arrivals, one after another. It has a state: one sampler for each replication.
#[derive(Clone, Debug)]
pub(crate) struct ArrivalSampler {
    process: SamplerKind,
    /// True time of the last arrival, and half a nanosecond so that cutting rounds, less its whole
    /// nanoseconds: in steps of 2^-20 ns.
    carry: u64,
}

/// Steps of a gap in a nanosecond.
const STEPS: u64 = 1 << 20;
/// Gaps from here on (2.4 hours in ns) are rounded to whole nanoseconds each.
const WIDE: f64 = (1u64 << 43) as f64;

#[derive(Clone, Debug)]
enum SamplerKind {
    /// Equal gaps, in whole numbers.
    Even(Metronome),
    /// Independent gaps: drawn nanoseconds times a factor. Until the first is drawn, their
    /// distribution, unless that has no memory (or so heavy a tail that the first would be for
    /// ever).
    Renewal { kind: DrawMethod, factor: f64, first: Option<Box<Solved>> },
    /// A rate that changes with a state.
    Modulated(ModulatedSampler),
    /// A rate that changes with the clock.
    Thinned(Thinned),
    /// Several at once.
    Batch { gap: DrawMethod, size: SizeSampler, left: u64 },
}

impl ArrivalProcess {
    /// Everything that drawing gaps at a mean rate of `rate_per_s` requests a second needs. The
    /// first gap is the time from 0 to the first arrival; that of independent gaps is drawn as for
    /// an instant that has nothing to do with the arrivals, so that the mean rate is right from
    /// time 0 on. Equal gaps begin with a whole one, and so do those of infinite variance. At a
    /// rate of zero nothing arrives: gaps are [`u64::MAX`].
    ///
    /// # Panics
    /// If the distribution was built by hand and does not pass [`ArrivalProcess::check`].
    pub(crate) fn sampler(&self, rate_per_s: f64) -> ArrivalSampler {
        let process = if rate_per_s > 0.0 {
            self.process(rate_per_s)
        } else {
            SamplerKind::Even(Metronome::NEVER)
        };
        ArrivalSampler { process, carry: STEPS / 2 }
    }

    fn process(&self, rate: f64) -> SamplerKind {
        if let Some(states) = self.states() {
            return modulated(&states, rate);
        }
        if let ArrivalProcess::Profile(profile) = self {
            if Thinned::changes_per_arrival(profile, rate) > MOST_CHANGES_PER_ARRIVAL {
                return SamplerKind::poisson(rate);
            }
            return SamplerKind::Thinned(Thinned::new(profile, rate));
        }
        if let ArrivalProcess::Batch(size) = self {
            let gap = DrawMethod::exponential(NANOS * size.mean() / rate);
            return SamplerKind::Batch { gap, size: SizeSampler::new(size), left: 0 };
        }
        match self
            .gap_distribution()
            .map(|distribution| (distribution.constant(), distribution.solve()))
        {
            Some((None, Solved::Exponential { .. })) => SamplerKind::poisson(rate),
            Some((None, distribution)) => {
                let (factor, kind) =
                    (1.0 / (rate * distribution.moment(1)), DrawMethod::new(&distribution));
                let first = distribution.variance().is_finite().then(|| Box::new(distribution));
                SamplerKind::Renewal { kind, factor, first }
            }
            _ => SamplerKind::Even(Metronome::new(rate)),
        }
    }
}

impl SamplerKind {
    fn poisson(rate: f64) -> SamplerKind {
        SamplerKind::Renewal {
            kind: DrawMethod::exponential(NANOS / rate),
            factor: 1.0,
            first: None,
        }
    }
}

impl ArrivalSampler {
    /// Nanoseconds from the last arrival to the next.
    #[inline]
    pub(crate) fn next_gap(&mut self, stream: &mut Stream) -> u64 {
        let gap = match &mut self.process {
            SamplerKind::Even(metronome) => return metronome.next(),
            SamplerKind::Batch { left, .. } if *left > 0 => {
                *left -= 1;
                return 0;
            }
            SamplerKind::Renewal { factor, first: Some(distribution), .. } => {
                let gap = *factor * first_gap(distribution, stream);
                self.forget_first();
                gap
            }
            SamplerKind::Renewal { kind, factor, .. } => *factor * kind.sample(stream),
            SamplerKind::Modulated(process) => process.gap(stream),
            SamplerKind::Thinned(process) => process.gap(stream),
            SamplerKind::Batch { gap, size, left } => {
                let gap = gap.sample(stream);
                *left = size.draw(stream) - 1;
                gap
            }
        };
        whole(&mut self.carry, gap)
    }

    fn forget_first(&mut self) {
        if let SamplerKind::Renewal { first, .. } = &mut self.process {
            *first = None;
        }
    }

    /// Fills a block with gaps in nanoseconds.
    #[cfg(test)]
    pub(crate) fn fill(&mut self, stream: &mut Stream, gaps: &mut [u64]) {
        gaps.iter_mut().for_each(|gap| *gap = self.next_gap(stream));
    }

    /// Fills a block with instants of arrival in nanoseconds, of which the one before is `last`:
    /// the sums of so many calls of [`ArrivalSampler::next_gap`], faster, because the distribution
    /// is looked at once and a block's gaps add up before they are cut. Instants stop at the end of
    /// time.
    pub(crate) fn fill_arrivals(
        &mut self,
        stream: &mut Stream,
        mut last: u64,
        arrivals: &mut [u64],
    ) {
        let mut drawn = 0;
        if let SamplerKind::Renewal { first: Some(_), .. } = &self.process
            && let Some(arrival) = arrivals.first_mut()
        {
            last = last.saturating_add(self.next_gap(stream));
            *arrival = last;
            drawn = 1;
        }
        let rest = &mut arrivals[drawn..];
        let SamplerKind::Renewal { kind, factor, .. } = &self.process else {
            for arrival in rest {
                last = last.saturating_add(self.next_gap(stream));
                *arrival = last;
            }
            return;
        };
        let mut drawn = [0.0; DRAWN];
        for block in rest.chunks_mut(DRAWN) {
            let gaps = &mut drawn[..block.len()];
            kind.fill(stream, gaps);
            if !add_up(gaps, *factor, last, &mut self.carry, block) {
                add_each(gaps, *factor, last, &mut self.carry, block);
            }
            last = block.last().copied().unwrap_or(last);
        }
    }
}

/// Adds gaps (each times a factor) to the arrival `last`; `carry` as in [`whole`]. False if one of
/// them is too wide for that, or the end of time too near: then nothing has come of it.
#[inline]
fn add_up(gaps: &[f64], factor: f64, last: u64, carry: &mut u64, out: &mut [u64]) -> bool {
    // So many steps (17 s) in a block do not pass 64 bits.
    const NARROW: u64 = u64::MAX / 4 / DRAWN as u64;
    // A power of two commutes with the rounding of a product: the steps are those of `whole`.
    let factor = factor * STEPS as f64;
    let (mut sum, mut any) = (*carry, 0);
    for (out, gap) in out.iter_mut().zip(gaps) {
        // Signed: that is one conversion, where the whole of 64 bits takes two.
        let steps = (gap * factor + 0.5) as i64 as u64;
        any |= steps;
        sum = sum.wrapping_add(steps);
        *out = last.wrapping_add(sum / STEPS);
    }
    let fits = any <= NARROW && last <= u64::MAX - sum / STEPS;
    if fits {
        *carry = sum % STEPS;
    }
    fits
}

/// Does the same, gap by gap, whatever they are.
#[cold]
fn add_each(gaps: &[f64], factor: f64, mut last: u64, carry: &mut u64, out: &mut [u64]) {
    for (out, gap) in out.iter_mut().zip(gaps) {
        last = last.saturating_add(whole(carry, factor * gap));
        *out = last;
    }
}

/// The whole nanoseconds of a gap and of what earlier ones left over; the rest is carried on.
#[inline]
fn whole(carry: &mut u64, gap: f64) -> u64 {
    if gap < WIDE {
        let sum = *carry + steps(gap);
        *carry = sum % STEPS;
        sum / STEPS
    } else {
        Span::from_nanos_f64(gap).as_nanos()
    }
}

/// A gap below [`WIDE`] in steps; none if it is below zero.
#[inline]
fn steps(gap: f64) -> u64 {
    (gap * STEPS as f64 + 0.5) as u64
}

/// Equal gaps without drift: gap = numerator/denominator, in whole numbers.
#[derive(Clone, Debug)]
struct Metronome {
    whole: u64,
    rest: u128,
    denominator: u128,
    /// Half the denominator (so that halves round up) and the rests so far, modulo it.
    sum: u128,
}

impl Metronome {
    const NEVER: Metronome = Metronome { whole: u64::MAX, rest: 0, denominator: 1, sum: 0 };

    /// A float is a whole number times a power of two, so 10⁹/rate is a fraction of whole ones.
    fn new(rate: f64) -> Self {
        let rate = rate.min(NANOS * NANOS);
        let (mantissa, exponent) = parts_of(rate);
        let nanos = u128::from(NANOS_PER_SECOND);
        let (numerator, denominator) = match exponent {
            ..-97 => return Metronome::NEVER, // below 2^-44 a second
            -97..0 => (nanos << -exponent, u128::from(mantissa)),
            _ => (nanos, u128::from(mantissa) << exponent),
        };
        match u64::try_from(numerator / denominator) {
            Err(_) => Metronome::NEVER,
            Ok(whole) => Metronome {
                whole,
                rest: numerator % denominator,
                denominator,
                sum: denominator / 2,
            },
        }
    }

    #[inline]
    fn next(&mut self) -> u64 {
        self.sum += self.rest;
        if self.sum < self.denominator {
            return self.whole;
        }
        self.sum -= self.denominator;
        self.whole + 1
    }
}

/// An odd mantissa and an exponent with `value` = mantissa·2^exponent; `value` is positive.
fn parts_of(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let (raw, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) =
        if raw == 0 { (fraction, -1074) } else { (fraction | (1 << 52), raw - 1075) };
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent + zeros as i32)
}

/// Sizes of batches.
#[derive(Clone, Debug)]
enum SizeSampler {
    Constant(u64),
    Geometric(Geometric),
    /// Sizes, each with the share of batches that are no larger than it in the order written.
    Mix(Vec<(f64, u64)>),
}

impl SizeSampler {
    fn new(size: &BatchSize) -> Self {
        match size {
            BatchSize::Constant(size) => SizeSampler::Constant(u64::from(*size)),
            BatchSize::Geometric(mean) => SizeSampler::Geometric(
                Geometric::new(1.0 / mean).expect("a distribution is checked before it is sampled"),
            ),
            BatchSize::Mix { .. } => {
                let mut so_far = 0.0;
                let one = |(size, share)| {
                    so_far += share;
                    (so_far, u64::from(size))
                };
                SizeSampler::Mix(size.shares().into_iter().map(one).collect())
            }
        }
    }

    /// One or more.
    fn draw(&self, stream: &mut Stream) -> u64 {
        match self {
            SizeSampler::Constant(size) => (*size).max(1),
            SizeSampler::Geometric(failures) => failures.sample(stream).saturating_add(1),
            SizeSampler::Mix(sizes) => {
                let at = stream.random::<f64>();
                let drawn = sizes.iter().find(|(so_far, _)| at < *so_far).or(sizes.last());
                drawn.map_or(1, |(_, size)| *size)
            }
        }
    }
}

/// Poisson arrivals at a rate that changes with a state. As both arrivals and changes have no
/// memory, what comes next, and when, is drawn afresh after each of them.
#[derive(Clone, Debug)]
struct ModulatedSampler {
    phases: Vec<ModulationState>,
    /// `None` before the first gap: then the state is drawn from the long-run shares of time.
    state: Option<usize>,
}

#[derive(Clone, Debug)]
struct ModulationState {
    /// Mean nanoseconds to the next arrival or change.
    mean: f64,
    /// Probability that an arrival comes first.
    arrives: f64,
    /// Share of time spent in this state and in those before it.
    share: f64,
}

/// Scales the rates of the states so that the mean rate is `rate`.
fn modulated(states: &[(f64, f64)], rate: f64) -> SamplerKind {
    let cycle: f64 = states.iter().map(|(_, time)| time).sum();
    if states.len() as f64 / (cycle * rate) > MOST_CHANGES_PER_ARRIVAL {
        return SamplerKind::poisson(rate);
    }
    // Only the ratios of the rates matter. A power of two changes no digit of them, and keeps
    // their sums and products far from the ends of the range of floats.
    let most = states.iter().map(|(rate, _)| *rate).fold(0.0, f64::max);
    let power = match most {
        _ if most < 1e-100 => 2f64.powi(600),
        _ if most > 1e100 => 2f64.powi(-600),
        _ => 1.0,
    };
    let states: Vec<_> = states.iter().map(|(rate, time)| (rate * power, *time)).collect();
    let arrivals: f64 = states.iter().map(|(rate, time)| rate * time).sum();
    let scale = rate * cycle / arrivals;
    let mut share = 0.0;
    let phase = |(rate, time): &(f64, f64)| {
        share += time / cycle;
        let events = rate * scale + 1.0 / time;
        ModulationState { mean: NANOS / events, arrives: rate * scale / events, share }
    };
    SamplerKind::Modulated(ModulatedSampler {
        phases: states.iter().map(phase).collect(),
        state: None,
    })
}

impl ModulatedSampler {
    fn gap(&mut self, stream: &mut Stream) -> f64 {
        let mut state = match self.state {
            Some(state) => state,
            None => {
                let u: f64 = stream.random();
                self.phases.iter().position(|phase| u < phase.share).unwrap_or(0)
            }
        };
        let mut gap = 0.0;
        loop {
            let phase = &self.phases[state];
            let x: f64 = Exp1.sample(stream);
            gap += phase.mean * x;
            if stream.random::<f64>() < phase.arrives {
                self.state = Some(state);
                return gap;
            }
            state = (state + 1) % self.phases.len();
        }
    }
}
