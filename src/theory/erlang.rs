//! Poisson arrivals, exponential service, k workers: Erlang's formulas.
//!
//! The telephone engineer's model of 1917 is still the first estimate of a worker pool: k workers
//! that do not slow each other down, an unlimited first-come-first-served queue.

use super::numeric::saturating_exponential;
use super::{Result, TimeDistribution, at_least_one, not_negative, positive, stable, upper};

/// Erlang B: the share of Poisson arrivals that find all `servers` busy where nobody can wait.
/// `offered` is arrival rate x mean service (Erlangs), not negative.
///
/// Condition: Poisson arrivals; any service distribution of that mean (Sevastyanov 1957).
/// Source: Erlang 1917; recursion B(i) = a B(i-1) / (i + a B(i-1)), Cooper, Introduction to
/// Queueing Theory 2e (1981), ch. 3. All terms are positive: stable for any number of servers.
pub(crate) fn erlang_b(offered: f64, servers: usize) -> f64 {
    (1..=servers).fold(1.0, |b, i| offered * b / (i as f64 + offered * b))
}

/// Erlang C: the share of arrivals that wait, with an unlimited queue.
///
/// Condition: M/M/k, `offered < servers`.
/// Source: Erlang 1917; C = B / (1 - rho (1 - B)), Cooper (1981), ch. 3.
///
/// # Errors
/// No servers, a negative load, or a load of `servers` or more.
pub(crate) fn erlang_c(offered: f64, servers: usize) -> Result<f64> {
    let servers = at_least_one("the number of workers", servers)?;
    let load = stable(not_negative("the offered load", offered)? / servers as f64)?;
    let b = erlang_b(offered, servers);
    Ok(b / (1.0 - load * (1.0 - b)))
}

/// The distribution of a wait that is zero, or with probability `prob` exponential at `rate`: the
/// wait in M/M/k, GI/M/k and M/M/C with limited sharing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialWait {
    /// P(wait > 0).
    pub(crate) prob: f64,
    /// The rate (per second) of the wait of those who wait.
    pub(crate) rate: f64,
}

impl ExponentialWait {
    /// `E[W]` in seconds.
    pub(crate) fn mean(&self) -> f64 {
        self.prob / self.rate
    }

    /// `Var[W]` in s².
    pub(crate) fn variance(&self) -> f64 {
        self.prob * (2.0 - self.prob) / (self.rate * self.rate)
    }
}

impl TimeDistribution for ExponentialWait {
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 { 1.0 } else { self.prob * (-self.rate * t).exp() }
    }

    fn scale(&self) -> f64 {
        1.0 / self.rate
    }

    fn quantile(&self, p: f64) -> f64 {
        (self.prob / upper(p)).ln().max(0.0) / self.rate
    }
}

/// The distribution of [`ExponentialWait`] plus an independent exponential service at
/// `service_rate`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialResponse {
    /// The wait before the service.
    pub(crate) wait: ExponentialWait,
    /// The rate (per second) of the service.
    pub(crate) service_rate: f64,
}

impl TimeDistribution for ExponentialResponse {
    /// e^(-mu t) + P(wait) mu (e^(-mu t) - e^(-theta t)) / (theta - mu): written with the slower
    /// exponential in front, so that theta = mu and its neighbourhood are no special case.
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        let (theta, mu) = (self.wait.rate, self.service_rate);
        let both = (-theta.min(mu) * t).exp() * saturating_exponential((theta - mu).abs(), t);
        (-mu * t).exp() + self.wait.prob * mu * both
    }

    fn scale(&self) -> f64 {
        1.0 / self.service_rate + self.wait.mean()
    }
}

/// M/M/k: Poisson arrivals, exponential service, `workers` workers, unlimited queue.
///
/// Condition: a core for every worker (or service that needs none); rate x mean < workers.
/// Source: Cooper (1981), ch. 3; Harchol-Balter, Performance Modeling and Design of Computer
/// Systems (2013), ch. 14; the distribution of the response: Shortle, Thompson, Gross & Harris,
/// Fundamentals of Queueing Theory 5e (2018), ch. 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mmk {
    rate: f64,
    service_mean: f64,
    workers: usize,
    wait_prob: f64,
}

impl Mmk {
    /// `rate` arrivals per second, `service_mean` seconds each.
    ///
    /// # Errors
    /// A parameter out of range, or a load of 1 or more.
    pub fn new(rate: f64, service_mean: f64, workers: usize) -> Result<Self> {
        let offered = positive("the arrival rate", rate)? * positive("the service", service_mean)?;
        let wait_prob = erlang_c(offered, workers)?;
        Ok(Mmk { rate, service_mean, workers, wait_prob })
    }

    /// P(an arrival waits): Erlang C.
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

    /// `Var[wait]` in s².
    pub fn wait_variance(&self) -> f64 {
        self.wait_distribution().variance()
    }

    /// `E[response]` in seconds.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service_mean
    }

    /// `Var[response]` in s²: wait and service are independent.
    pub fn response_variance(&self) -> f64 {
        self.wait_variance() + self.service_mean * self.service_mean
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
        let rate = self.workers as f64 / self.service_mean - self.rate;
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

/// lim n Var(mean of n waits) in M/M/1, s²: how long a simulation of it must be.
///
/// Source: Daley (1968); Whitt (1989), Management Science 35:1341.
///
/// # Errors
/// A parameter out of range, or a load of 1 or more.
pub fn mm1_wait_asymptotic_variance(rate: f64, service_mean: f64) -> Result<f64> {
    let rho = Mmk::new(rate, service_mean, 1)?.utilisation();
    let shape = rho * (2.0 + rho * (5.0 + rho * (-4.0 + rho))) / (1.0 - rho).powi(4);
    Ok(shape * service_mean * service_mean)
}

/// lim t Var(time average of the number in the system over t) in M/M/1, s.
///
/// Source: Whitt (1989), Management Science 35:1341.
///
/// # Errors
/// A parameter out of range, or a load of 1 or more.
pub fn mm1_in_system_asymptotic_variance(rate: f64, service_mean: f64) -> Result<f64> {
    let rho = Mmk::new(rate, service_mean, 1)?.utilisation();
    Ok(2.0 * rho * (1.0 + rho) / (1.0 - rho).powi(4) * service_mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::TheoryError;

    #[test]
    fn erlang_b_and_c_by_hand() {
        for (offered, servers, b) in
            [(0.5, 1, 1.0 / 3.0), (1.0, 2, 0.2), (2.0, 2, 0.4), (0.0, 3, 0.0), (7.0, 0, 1.0)]
        {
            assert!((erlang_b(offered, servers) - b).abs() < 1e-15, "B({servers}, {offered})");
        }
        assert_eq!(erlang_c(0.7, 1), Ok(0.7), "M/M/1 waits with probability rho");
        assert!((erlang_c(1.0, 2).unwrap() - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn thousands_of_servers_are_no_trouble() {
        let b = erlang_b(100_000.0, 100_000);
        // B(a, a) ~ sqrt(2 / (pi a)) (1 - 2/3 sqrt(2 / (pi a)) ...), Jagerman 1974
        let leading = (2.0 / (std::f64::consts::PI * 1e5)).sqrt();
        assert!((b / leading - 1.0).abs() < 2e-3, "{b} {leading}");
    }

    #[test]
    fn the_response_distribution_does_not_break_where_the_rates_meet() {
        // k mu - lambda = mu at lambda = 3, k = 4, mu = 1
        let at = |rate: f64| Mmk::new(rate, 1.0, 4).unwrap().response_distribution().quantile(0.99);
        let (below, exact, above) = (at(3.0 - 1e-9), at(3.0), at(3.0 + 1e-9));
        assert!((below / exact - 1.0).abs() < 1e-8 && (above / exact - 1.0).abs() < 1e-8);
        assert!(below < above);
    }

    #[test]
    fn what_cannot_be_answered_is_refused_with_a_sentence() {
        let check = |result: Result<Mmk>, part: &str| {
            let error = result.unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check(Mmk::new(4.0, 1.0, 4), "overloaded");
        check(Mmk::new(-1.0, 1.0, 4), "arrival rate is -1");
        check(Mmk::new(1.0, f64::NAN, 4), "service is NaN");
        check(Mmk::new(1.0, 1.0, 0), "number of workers is 0");
        assert_eq!(Mmk::new(8.0, 1.0, 4), Err(TheoryError::Unstable { load: 2.0 }));
    }
}
