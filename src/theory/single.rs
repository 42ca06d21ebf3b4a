//! Poisson arrivals, one worker, any service distribution: M/G/1.

use super::numeric::{Complex, first_time_below, to_seven_digits};
use super::transform::{Moments, Transform};
use super::{Result, TheoryError, TimeDistribution, positive, stable, upper};

/// M/G/1 by its moments.
///
/// Condition: Poisson arrivals, one worker, first come first served, rate x mean < 1.
/// Source: Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing Systems I (1975), ch. 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mg1 {
    rate: f64,
    service: Moments,
}

impl Mg1 {
    /// `rate` arrivals per second.
    ///
    /// # Errors
    /// A parameter out of range, or a load of 1 or more.
    pub fn new(rate: f64, service: Moments) -> Result<Self> {
        stable(positive("the arrival rate", rate)? * positive("the service", service.mean)?)?;
        Ok(Mg1 { rate, service })
    }

    /// Mean share of time the worker is busy; also P(an arrival waits).
    pub fn utilisation(&self) -> f64 {
        self.rate * self.service.mean
    }

    /// `E[wait]` in seconds: rate `E[S²]` / (2 (1 - rho)).
    ///
    /// # Errors
    /// `E[S²]` is infinite: then so is the mean wait.
    pub fn wait_mean(&self) -> Result<f64> {
        let second = finite("the second moment of the service", self.service.second)?;
        Ok(self.rate * second / (2.0 * (1.0 - self.utilisation())))
    }

    /// `Var[wait]` in s²: `E[W]`² + rate `E[S³]` / (3 (1 - rho)).
    ///
    /// # Errors
    /// `E[S³]` is infinite or not given.
    pub fn wait_variance(&self) -> Result<f64> {
        let what = "the third moment of the service";
        let third = finite(what, self.service.third.ok_or(TheoryError::MissingMoment(what))?)?;
        Ok(self.wait_mean()?.powi(2) + self.rate * third / (3.0 * (1.0 - self.utilisation())))
    }

    /// `E[response]` in seconds.
    ///
    /// # Errors
    /// As [`Mg1::wait_mean`].
    pub fn response_mean(&self) -> Result<f64> {
        Ok(self.wait_mean()? + self.service.mean)
    }

    /// Lq, the time average of requests that wait (Little's law).
    ///
    /// # Errors
    /// As [`Mg1::wait_mean`].
    pub fn mean_queue(&self) -> Result<f64> {
        Ok(self.rate * self.wait_mean()?)
    }

    /// L, the time average of requests in the system (Little's law).
    ///
    /// # Errors
    /// As [`Mg1::wait_mean`].
    pub fn mean_in_system(&self) -> Result<f64> {
        Ok(self.rate * self.response_mean()?)
    }
}

fn finite(what: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(TheoryError::MissingMoment(what)) }
}

/// The distribution of the wait or of the response in M/G/1, by numerical inversion of its
/// transform.
///
/// Condition: that of [`Mg1`], and a service distribution without atoms (a constant has its own
/// formula: [`crate::theory::constant`]). Survivals are right to about 1e-9, quantiles up to p99.9
/// to about 1e-6 of their value. Source: transform W*(s) = (1 - rho) s / (s - rate (1 - S*(s))),
/// Kleinrock I (1975), ch. 5; inversion: algorithm EULER, Abate & Whitt (1995), ORSA J. Computing
/// 7:36.
#[derive(Clone, Debug, PartialEq)]
pub struct Inverted {
    rate: f64,
    service: Transform,
    with_service: bool,
    scale: f64,
}

impl Inverted {
    /// The distribution of the wait.
    ///
    /// # Errors
    /// A parameter out of range, a load of 1 or more, or a service distribution with atoms.
    pub fn wait(rate: f64, service: &Transform) -> Result<Self> {
        let queue = Mg1::new(rate, service.moments())?;
        if !service.is_smooth() {
            return Err(TheoryError::NotKnown("waits where the service distribution has atoms"));
        }
        let mean = service.moments().mean;
        let scale = queue.wait_mean().unwrap_or(mean / (1.0 - queue.utilisation()));
        Ok(Inverted { rate, service: service.clone(), with_service: false, scale })
    }

    /// The distribution of the response: the wait plus the service.
    ///
    /// # Errors
    /// As [`Inverted::wait`].
    pub fn response(rate: f64, service: &Transform) -> Result<Self> {
        let wait = Inverted::wait(rate, service)?;
        let scale = wait.scale + service.moments().mean;
        Ok(Inverted { with_service: true, scale, ..wait })
    }

    /// The transform of P(X > t), (1 - X*(s)) / s, at s, where the service has the transform
    /// `service`.
    fn transform(&self, s: Complex, service: Complex) -> Complex {
        let load = self.rate * self.service.moments().mean;
        let wait = s * (1.0 - load) / (s - (Complex::ONE - service) * self.rate);
        let time = if self.with_service { wait * service } else { wait };
        (Complex::ONE - time) / s
    }

    /// P(X > t) from its transform: the alternating Fourier series, its partial sums averaged with
    /// binomial weights. The discretisation error is e^-A = 1e-10.
    fn euler(&self, t: f64) -> f64 {
        const A: f64 = 23.025_850_929_940_457;
        const PLAIN: usize = 38;
        const AVERAGED: usize = 12;
        let (first, step) = (A / (2.0 * t), std::f64::consts::PI / t);
        let (s, step) = (Complex::from(first), Complex::new(0.0, step));
        let services = self.service.lst_series(s, step, PLAIN + AVERAGED + 1);
        let terms = services.into_iter().enumerate().map(|(k, service)| {
            let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign * self.transform(s + step * k as f64, service).re
        });
        let terms: Vec<f64> = terms.collect();
        let mut sum = terms[..=PLAIN].iter().sum::<f64>() - terms[0] / 2.0;
        let mut weight = 0.5f64.powi(AVERAGED as i32);
        let mut average = weight * sum;
        for j in 1..=AVERAGED {
            weight *= (AVERAGED + 1 - j) as f64 / j as f64;
            sum += terms[PLAIN + j];
            average += weight * sum;
        }
        (A / 2.0).exp() / t * average
    }
}

impl TimeDistribution for Inverted {
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            1.0
        } else if t == 0.0 {
            if self.with_service { 1.0 } else { self.rate * self.service.moments().mean }
        } else {
            self.euler(t).clamp(0.0, 1.0)
        }
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    /// To seven digits: the inversion enlarges the last bits of `exp` and `cos`, which differ from one
    /// machine to another, and further digits would be of these.
    fn quantile(&self, p: f64) -> f64 {
        to_seven_digits(first_time_below(|t| self.survival(t), upper(p), self.scale, 1e-9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_service_gives_back_m_m_1() {
        let service = Transform::exponential(1.0).unwrap();
        let queue = Mg1::new(0.8, service.moments()).unwrap();
        assert!((queue.wait_mean().unwrap() - 4.0).abs() < 1e-12);
        assert!((queue.wait_variance().unwrap() - 24.0).abs() < 1e-12);
        let (wait, response) =
            (Inverted::wait(0.8, &service).unwrap(), Inverted::response(0.8, &service).unwrap());
        for p in [0.1, 0.5, 0.9, 0.999] {
            let expected = f64::ln(0.8 / (1.0 - p)).max(0.0) / 0.2;
            assert!((wait.quantile(p) - expected).abs() <= 1e-6 * expected, "{p}");
            let expected = -f64::ln(1.0 - p) / 0.2;
            assert!((response.quantile(p) - expected).abs() <= 1e-6 * expected, "{p}");
        }
    }

    #[test]
    fn heavy_tails_have_no_mean_wait() {
        let service = Transform::pareto(0.5, 2.0).unwrap().moments();
        let error = Mg1::new(0.5, service).unwrap().wait_mean().unwrap_err().to_string();
        assert!(error.contains("second moment of the service is infinite"), "{error}");
    }

    #[test]
    fn atoms_are_refused() {
        let constant = Transform::constant(1.0).unwrap();
        assert!(Inverted::wait(0.5, &constant).is_err());
    }
}
