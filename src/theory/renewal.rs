//! Renewal arrivals, exponential service, k workers: GI/M/k.

use statrs::function::factorial::ln_binomial;

use super::erlang::{ExponentialResponse, ExponentialWait};
use super::numeric::root_between;
use super::transform::Transform;
use super::{Result, at_least_one, positive, stable};

/// GI/M/k: gaps between arrivals are independent and alike, service is exponential, the queue
/// unlimited.
///
/// Condition: a core for every worker; first come first served; load below 1.
/// Source: Takács, Introduction to the Theory of Queues (1962), ch. 2 (all terms of
/// the sum are positive); Kleinrock, Queueing Systems I (1975), ch. 6.
#[derive(Clone, Debug, PartialEq)]
pub struct Gimk {
    rate: f64,
    service_mean: f64,
    workers: usize,
    sigma: f64,
    wait_prob: f64,
}

impl Gimk {
    /// `gap` is the distribution of the time between arrivals, `service_mean` in seconds.
    ///
    /// # Errors
    /// A parameter out of range, or a load of 1 or more.
    pub fn new(gap: &Transform, service_mean: f64, workers: usize) -> Result<Self> {
        let rate = 1.0 / positive("the gap between arrivals", gap.moments().mean)?;
        positive("the service", service_mean)?;
        at_least_one("the number of workers", workers)?;
        stable(rate * service_mean / workers as f64)?;
        let gaps = Gaps { gap, mu: 1.0 / service_mean, workers };
        let sigma = gaps.root();
        let wait_prob = gaps.all_busy(sigma) / (1.0 - sigma);
        Ok(Gimk { rate, service_mean, workers, sigma, wait_prob })
    }

    /// The ratio of the geometric distribution of the number found by arrivals at k - 1 and above:
    /// the root of s = `E[e^(-k mu (1 - s) gap)]` below 1.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// P(an arrival waits).
    pub fn wait_prob(&self) -> f64 {
        self.wait_prob
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        self.rate * self.service_mean / self.workers as f64
    }

    /// `E[wait]` in seconds.
    pub fn wait_mean(&self) -> f64 {
        self.wait_distribution().mean()
    }

    /// `E[response]` in seconds.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service_mean
    }

    /// Lq: the time average of requests that wait (Little's law).
    pub fn mean_queue(&self) -> f64 {
        self.rate * self.wait_mean()
    }

    /// L: the time average of requests in the system (Little's law).
    pub fn mean_in_system(&self) -> f64 {
        self.rate * self.response_mean()
    }

    /// The distribution of the wait.
    pub fn wait_distribution(&self) -> ExponentialWait {
        let rate = self.workers as f64 / self.service_mean * (1.0 - self.sigma);
        ExponentialWait { prob: self.wait_prob, rate }
    }

    /// The distribution of the response.
    pub fn response_distribution(&self) -> ExponentialResponse {
        ExponentialResponse {
            wait: self.wait_distribution(),
            service_rate: 1.0 / self.service_mean,
        }
    }
}

/// What the formulas need of the gaps.
struct Gaps<'a> {
    gap: &'a Transform,
    mu: f64,
    workers: usize,
}

impl Gaps<'_> {
    /// `E[e^(-k mu (1 - x) gap)]` - x: zero at sigma and at 1, above zero below sigma.
    fn excess(&self, x: f64) -> f64 {
        self.gap.lst_real(self.workers as f64 * self.mu * (1.0 - x)) - x
    }

    fn root(&self) -> f64 {
        // divided by 1 - x it falls from start to end, and the zero at 1 is gone
        let falling = |x: f64| self.excess(x) / (1.0 - x);
        let mut low = 0.0;
        let mut step = 0.5;
        let mut high = step;
        while falling(high) > 0.0 && step > 1e-12 {
            low = high;
            step /= 2.0;
            high = 1.0 - step;
        }
        root_between(falling, (low, falling(low)), (high, falling(high)), 1e-15)
    }

    /// Takács' A: A sigma^j is the probability that an arrival finds k + j - 1 ... in the system.
    fn all_busy(&self, sigma: f64) -> f64 {
        let k = self.workers as f64;
        let mut ln_product = 0.0;
        let mut sum = 1.0 / (1.0 - sigma);
        for j in 1..=self.workers {
            let transform = self.gap.lst_real(j as f64 * self.mu);
            ln_product += (transform / (1.0 - transform)).ln();
            let ln_term =
                ln_binomial(self.workers as u64, j as u64) - ln_product - (1.0 - transform).ln();
            sum += ln_term.exp() * self.slope(1.0 - j as f64 / k, sigma);
        }
        1.0 / sum
    }

    /// (k (1 - a_j) - j) / (k (1 - sigma) - j) with x = 1 - j / k: the secant of x - `E[e^...]`
    /// between sigma and x. Where the two meet, a symmetric secant around them stands for the
    /// slope.
    fn slope(&self, x: f64, sigma: f64) -> f64 {
        if (x - sigma).abs() > 1e-4 {
            return -self.excess(x) / (x - sigma);
        }
        let (middle, half) = ((x + sigma) / 2.0, 1e-4);
        (self.excess(middle - half) - self.excess(middle + half)) / (2.0 * half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::erlang::Mmk;

    #[test]
    fn poisson_gaps_give_back_m_m_k() {
        for (rate, workers) in [(0.8, 1), (3.2, 4), (3.0, 4), (2.0, 4), (30.0, 32), (950.0, 1_000)]
        {
            let gap = Transform::exponential(1.0 / rate).unwrap();
            let (general, poisson) =
                (Gimk::new(&gap, 1.0, workers).unwrap(), Mmk::new(rate, 1.0, workers).unwrap());
            assert!((general.sigma() - rate / workers as f64).abs() < 1e-12);
            let ratio = general.wait_prob() / poisson.wait_prob();
            assert!((ratio - 1.0).abs() < 1e-7, "{rate} {workers}: {ratio}");
        }
    }

    #[test]
    fn overload_is_refused() {
        let gap = Transform::constant(0.2).unwrap();
        assert!(Gimk::new(&gap, 1.0, 4).unwrap_err().to_string().contains("overloaded"));
    }
}
