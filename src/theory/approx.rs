//! Rules of thumb, labelled as such.
//!
//! Beyond Poisson arrivals and exponential service there is often no exact answer for k workers.
//! These estimates say how far off they have been seen to be.

use statrs::function::erf::erfc;

use super::erlang::{Mmk, erlang_c};
use super::{Result, at_least_one, not_negative, positive};

/// A value that is no theorem's exact answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ApproximateValue {
    /// The value, in seconds unless the function says otherwise.
    pub value: f64,
    /// How far off it has been seen to be.
    pub(crate) error: &'static str,
    /// Where it is written.
    pub(crate) source: &'static str,
}

/// The inputs of the two-moment approximations: GI/G/k.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoMoments {
    /// Arrivals per second.
    pub rate: f64,
    /// Squared coefficient of variation of the gaps between arrivals.
    pub arrival_scv: f64,
    /// Mean service in seconds.
    pub service_mean: f64,
    /// Squared coefficient of variation of the service.
    pub service_scv: f64,
    /// Workers.
    pub workers: usize,
}

impl TwoMoments {
    fn checked(&self) -> Result<Mmk> {
        not_negative("the scv of the gaps", self.arrival_scv)?;
        not_negative("the scv of the service", self.service_scv)?;
        Mmk::new(self.rate, self.service_mean, self.workers)
    }
}

/// `E[wait]` in GI/G/k (s): that of M/M/k times (ca² + cs²) / 2.
///
/// Exact for M/M/k and M/G/1. Source: Allen, Probability, Statistics and Queueing Theory 2e
/// (1990), ch. 5; Hall, Queueing Methods (1991), ch. 5.
///
/// # Errors
/// A parameter out of range, or a load of 1 or more.
pub fn allen_cunneen(model: TwoMoments) -> Result<ApproximateValue> {
    let factor = (model.arrival_scv + model.service_scv) / 2.0;
    Ok(ApproximateValue {
        value: model.checked()?.wait_mean() * factor,
        error: "within 4 % for a load of 0.95 or more and scv up to 4; \
                    seen 71 % too high at a load of 0.5, scv 4, 12 workers",
        source: "Allen (1990), ch. 5 (Allen-Cunneen)",
    })
}

/// `E[wait]` in GI/G/k (s): [`allen_cunneen`] times the correction of Krämer and Langenbach-Belz
/// for gaps that are not exponential.
///
/// Exact for M/M/k and M/G/1. Source: Krämer & Langenbach-Belz (1976), 8th International
/// Teletraffic Congress, paper 235; Whitt (1983), Bell System Tech. J. 62:2779.
///
/// # Errors
/// A parameter out of range, or a load of 1 or more.
pub(crate) fn kramer_langenbach_belz(model: TwoMoments) -> Result<ApproximateValue> {
    let load = model.checked()?.utilisation();
    let (ca, cs) = (model.arrival_scv, model.service_scv);
    let exponent = if ca + cs == 0.0 {
        0.0
    } else if ca <= 1.0 {
        -2.0 * (1.0 - load) * (1.0 - ca).powi(2) / (3.0 * load * (ca + cs))
    } else {
        -(1.0 - load) * (ca - 1.0) / (ca + 4.0 * cs)
    };
    Ok(ApproximateValue {
        value: allen_cunneen(model)?.value * exponent.exp(),
        error: "one worker: within 1 % for a load of 0.5 or more in our comparisons; \
                    several workers: as Allen-Cunneen",
        source: "Krämer & Langenbach-Belz (1976), ITC 8, paper 235",
    })
}

/// P(an arrival waits) in M/M/k, from the square-root staffing rule: no unit.
///
/// Source: Halfin & Whitt (1981), Operations Research 29:567: 1 / (1 + b Phi(b) / phi(b)) with
/// b = (k - a) / sqrt(a).
///
/// # Errors
/// A parameter out of range, or an offered load of `workers` or more.
pub fn halfin_whitt(offered: f64, workers: usize) -> Result<ApproximateValue> {
    let workers = at_least_one("the number of workers", workers)?;
    erlang_c(positive("the offered load", offered)?, workers)?;
    let spare = (workers as f64 - offered) / offered.sqrt();
    let below = erfc(-spare / std::f64::consts::SQRT_2) / 2.0;
    let density = (-spare * spare / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    Ok(ApproximateValue {
        value: 1.0 / (1.0 + spare * below / density),
        error: "exact in the limit of many workers; 8 % low at 12",
        source: "Halfin & Whitt (1981), Operations Research 29:567",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimates_are_exact_where_they_should_be() {
        let model = TwoMoments {
            rate: 0.8,
            arrival_scv: 1.0,
            service_mean: 1.0,
            service_scv: 4.0,
            workers: 1,
        };
        // Pollaczek-Khinchine: 0.8 x 5 / (2 x 0.2) = 10
        assert!((allen_cunneen(model).unwrap().value - 10.0).abs() < 1e-12);
        assert!((kramer_langenbach_belz(model).unwrap().value - 10.0).abs() < 1e-12);
    }

    #[test]
    fn the_d_m_1_wait_is_met_within_a_percent() {
        // D/M/1 at a load of 0.8: sigma = e^(-(1 - sigma) / 0.8), E[W] = sigma / (1 - sigma)
        let sigma = (0..2_000).fold(0.5f64, |s, _| (-(1.0 - s) / 0.8).exp());
        let exact = sigma / (1.0 - sigma);
        let (arrival_scv, service_scv) = (0.0, 1.0);
        let model =
            TwoMoments { rate: 0.8, arrival_scv, service_mean: 1.0, service_scv, workers: 1 };
        let estimate = kramer_langenbach_belz(model).unwrap();
        assert!((estimate.value / exact - 1.0).abs() < 0.01, "{estimate:?} {exact}");
    }
}
