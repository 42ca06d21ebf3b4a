//! Distributions of times that are a random number of exponential steps.

use super::TimeDistribution;
use super::numeric::poisson_weights;
use super::stages::Stages;

/// A time that ends after a random number of steps of a Poisson process: the uniformised form
/// of any phase-type distribution.
///
/// P(T > t) = sum over j of Poisson(j; rate t) P(more than j steps). Every term is positive, so
/// nothing cancels, whatever the chain behind it (Jensen 1953; Tijms, A First Course in
/// Stochastic Models (2003), ch. 4).
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    rate: f64,
    /// P(more than j steps), j = 0, 1, ...
    more_than: Vec<f64>,
    /// By which factor the last entry goes on falling.
    decay: f64,
}

impl Steps {
    /// Below this the survival is continued geometrically ...
    const FLOOR: f64 = 1e-12;
    /// ... and below this after many steps: the Poisson weights of a quantile up to p99.9 do not
    /// reach so far then.
    const MANY: (usize, f64) = (10_000, 1e-7);
    /// The most steps that are stored.
    const MOST: usize = 2_000_000;

    /// Steps at `rate` (per second); `more_than` yields P(more than j steps) for j = 0, 1, ... and
    /// is read until it has fallen to nothing.
    pub(crate) fn new(rate: f64, more_than: impl Iterator<Item = f64>) -> Self {
        let mut stored: Vec<f64> = Vec::new();
        for value in more_than.take(Steps::MOST) {
            stored.push(value.max(0.0));
            if value < Steps::FLOOR || (stored.len() > Steps::MANY.0 && value < Steps::MANY.1) {
                break;
            }
        }
        let decay = match stored[..] {
            [.., before, last] if before > 0.0 => (last / before).min(1.0),
            _ => 0.0,
        };
        Steps { rate, more_than: stored, decay }
    }

    /// The mean time in seconds.
    pub(crate) fn mean(&self) -> f64 {
        let rest = match self.more_than.last() {
            Some(last) if self.decay < 1.0 => last * self.decay / (1.0 - self.decay),
            _ => 0.0,
        };
        (self.more_than.iter().sum::<f64>() + rest) / self.rate
    }

    /// This time and then an independent one of exponential stages, none of which is faster than
    /// the steps; `None` if one is.
    pub(super) fn then(&self, service: &Stages) -> Option<Steps> {
        let steps: Vec<f64> = service.means.iter().map(|mean| 1.0 / (mean * self.rate)).collect();
        if steps.iter().any(|step| *step > 1.0 + 1e-9) {
            return None;
        }
        let starts = |p: f64| service.start.iter().map(move |start| p * start);
        let mut inside: Vec<f64> = starts(1.0 - self.more_than(0)).collect();
        let mut j = 0;
        let more_than = std::iter::from_fn(move || {
            let value = self.more_than(j) + inside.iter().sum::<f64>();
            let mut next: Vec<f64> = starts(self.more_than(j) - self.more_than(j + 1)).collect();
            for (i, p) in inside.iter().enumerate() {
                next[i] += p * (1.0 - steps[i]).max(0.0);
                let moved = p * steps[i];
                next.iter_mut().zip(&service.next[i]).for_each(|(to, go)| *to += moved * go);
            }
            inside = next;
            j += 1;
            Some(value)
        });
        Some(Steps::new(self.rate, more_than))
    }

    fn more_than(&self, j: usize) -> f64 {
        match (self.more_than.get(j), self.more_than.last()) {
            (Some(value), _) => *value,
            (None, Some(last)) => last * self.decay.powf((j + 1 - self.more_than.len()) as f64),
            (None, None) => 0.0,
        }
    }
}

impl TimeDistribution for Steps {
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        let steps = self.rate * t;
        if steps.is_nan() || steps > 1e12 {
            return 0.0;
        }
        let (first, weights) = poisson_weights(steps);
        (first..).zip(weights).map(|(j, weight)| weight * self.more_than(j)).sum()
    }

    fn scale(&self) -> f64 {
        let mean = self.mean();
        if mean > 0.0 { mean } else { 1.0 / self.rate }
    }
}

/// First come first served with `workers` exponential workers: the distributions of wait and
/// response, from what arrivals find.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FcfsTimes {
    workers: usize,
    service_mean: f64,
    /// P(an arrival finds k + j or more), j = 0, 1, ...: that it waits for more than j steps.
    waiting: Vec<f64>,
}

impl FcfsTimes {
    /// `busy`: the probabilities to find k, k + 1, ... in the system.
    pub(super) fn new(workers: usize, service_mean: f64, busy: &[f64]) -> Self {
        let mut sum = 0.0;
        let sums = busy.iter().rev().map(|p| {
            sum += p;
            sum
        });
        let mut waiting: Vec<f64> = sums.collect();
        waiting.reverse();
        FcfsTimes { workers, service_mean, waiting }
    }

    fn step_rate(&self) -> f64 {
        self.workers as f64 / self.service_mean
    }

    /// Who finds n >= k waits for n - k + 1 steps at the rate of k busy workers.
    pub(super) fn wait_distribution(&self) -> Steps {
        Steps::new(self.step_rate(), self.waiting.iter().copied().chain([0.0]))
    }

    /// The steps of the wait, then steps at the same rate, each of which ends the service with
    /// probability 1/k.
    pub(super) fn response_distribution(&self) -> Steps {
        let still_waits = |j: usize| self.waiting.get(j).copied().unwrap_or(0.0);
        let goes_on = 1.0 - 1.0 / self.workers as f64;
        let mut in_service = 1.0 - still_waits(0);
        let more_than = (0..).map(|j| {
            let value = still_waits(j) + in_service;
            in_service = in_service * goes_on + still_waits(j) - still_waits(j + 1);
            value
        });
        Steps::new(self.step_rate(), more_than)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_in_two_is_exponential_at_half_the_rate() {
        let distribution = Steps::new(6.0, (0..).map(|j| 0.5f64.powi(j)));
        assert!((distribution.mean() - 1.0 / 3.0).abs() < 1e-12);
        for t in [0.0f64, 0.1, 1.0, 8.0] {
            let expected = (-3.0 * t).exp();
            assert!((distribution.survival(t) / expected - 1.0).abs() < 1e-9, "{t}");
        }
        assert!((distribution.quantile(0.999) - 1000f64.ln() / 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_step_and_a_service_are_a_sum() {
        // exponential at 2 with probability 1/2, then Erlang of two stages at 1 each
        let distribution =
            Steps::new(2.0, [0.5, 0.0].into_iter()).then(&Stages::in_a_row(2, 2.0)).unwrap();
        assert!((distribution.mean() - 2.25).abs() < 1e-11, "{}", distribution.mean());
        let erlang = |t: f64| (-t).exp() * (1.0 + t);
        // P(X + S > t) = e^-2t + the integral of 2 e^-2x P(S > t - x) over 0..t
        let by_sum = |t: f64| {
            let steps = 20_000;
            let h = t / f64::from(steps);
            let f = |x: f64| 2.0 * (-2.0 * x).exp() * erlang(t - x);
            let inner: f64 = (1..steps).map(|i| f(h * f64::from(i))).sum();
            (-2.0 * t).exp() + h * (inner + (f(0.0) + f(t)) / 2.0)
        };
        for t in [0.5, 2.0, 6.0] {
            let expected = (erlang(t) + by_sum(t)) / 2.0;
            assert!((distribution.survival(t) / expected - 1.0).abs() < 1e-7, "{t}");
        }
        assert!(distribution.then(&Stages::in_a_row(1, 0.1)).is_none());
    }

    #[test]
    fn three_steps_are_erlang() {
        let distribution = Steps::new(2.0, [1.0, 1.0, 1.0, 0.0].into_iter());
        assert!((distribution.mean() - 1.5).abs() < 1e-12);
        let expected = (-2.0f64).exp() * (1.0 + 2.0 + 2.0);
        assert!((distribution.survival(1.0) - expected).abs() < 1e-15);
    }
}
