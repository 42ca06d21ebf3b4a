//! Laws of times that are a random number of exponential steps.

use super::TimeLaw;
use super::numeric::poisson_weights;

/// A time that ends after a random number of steps of a Poisson process: the uniformised form
/// of any phase-type law.
///
/// P(T > t) = sum over j of Poisson(j; rate t) P(more than j steps). Every term is positive, so
/// nothing cancels, whatever the chain behind it (Jensen 1953; Tijms, A First Course in
/// Stochastic Models (2003), section 4.5.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    rate: f64,
    /// P(more than j steps), j = 0, 1, ...
    more_than: Vec<f64>,
    /// By which factor the last entry goes on falling.
    decay: f64,
}

impl Steps {
    /// Below this the survival is continued geometrically.
    const FLOOR: f64 = 1e-12;
    /// The most steps that are stored.
    const MOST: usize = 2_000_000;

    /// Steps at `rate` (per second); `more_than` yields P(more than j steps) for j = 0, 1, ... and
    /// is read until it has fallen to nothing.
    pub fn new(rate: f64, more_than: impl Iterator<Item = f64>) -> Self {
        let mut stored: Vec<f64> = Vec::new();
        for value in more_than.take(Steps::MOST) {
            stored.push(value.max(0.0));
            if value < Steps::FLOOR {
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
    pub fn mean(&self) -> f64 {
        let rest = match self.more_than.last() {
            Some(last) if self.decay < 1.0 => last * self.decay / (1.0 - self.decay),
            _ => 0.0,
        };
        (self.more_than.iter().sum::<f64>() + rest) / self.rate
    }

    fn more_than(&self, j: usize) -> f64 {
        match (self.more_than.get(j), self.more_than.last()) {
            (Some(value), _) => *value,
            (None, Some(last)) => last * self.decay.powf((j + 1 - self.more_than.len()) as f64),
            (None, None) => 0.0,
        }
    }
}

impl TimeLaw for Steps {
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        let (first, weights) = poisson_weights(self.rate * t);
        (first..).zip(weights).map(|(j, weight)| weight * self.more_than(j)).sum()
    }

    fn scale(&self) -> f64 {
        let mean = self.mean();
        if mean > 0.0 { mean } else { 1.0 / self.rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_in_two_is_exponential_at_half_the_rate() {
        let law = Steps::new(6.0, (0..).map(|j| 0.5f64.powi(j)));
        assert!((law.mean() - 1.0 / 3.0).abs() < 1e-12);
        for t in [0.0f64, 0.1, 1.0, 8.0] {
            let expected = (-3.0 * t).exp();
            assert!((law.survival(t) / expected - 1.0).abs() < 1e-9, "{t}");
        }
        assert!((law.quantile(0.999) - 1000f64.ln() / 3.0).abs() < 1e-9);
    }

    #[test]
    fn three_steps_are_erlang() {
        let law = Steps::new(2.0, [1.0, 1.0, 1.0, 0.0].into_iter());
        assert!((law.mean() - 1.5).abs() < 1e-12);
        let expected = (-2.0f64).exp() * (1.0 + 2.0 + 2.0);
        assert!((law.survival(1.0) - expected).abs() < 1e-15);
    }
}
