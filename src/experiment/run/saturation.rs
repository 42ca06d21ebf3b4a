//! How near a cell is to its capacity, and how long a run it needs therefore.
//!
//! Near saturation a queue remembers for long: the relaxation time of GI/G/k is about
//! (ca² + cs²) / (1 - ρ)² service times over k, where ca² and cs² are the squared coefficients of
//! variation of gaps and demands and ρ is the load (Whitt 1989, "Planning queueing simulations",
//! Management Science 35). A replication that is not many of these long has not seen a steady
//! state, however narrow its intervals are.

use crate::experiment::capacity::hosts::queues_apart;
use crate::experiment::capacity::total::capacity;
use crate::model::{Load, Model, Phase};

/// Relaxation times below which a replication is short.
const SHORT: f64 = 50.0;
/// Relaxation times that a replication is long at least, if nothing else is asked. Beyond p99 lies
/// a hundredth of the time, in spells that last about one of them: so there are some five spells.
const ENOUGH: f64 = 500.0;
/// Load from which a run is told to be near saturation.
const NEAR: f64 = 0.97;
/// What stands for the variability of a distribution whose variance is infinite.
const WILD: f64 = 100.0;

/// An open cell's load and variability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Saturation {
    /// Offered load over capacity, below 1.
    pub(crate) load: f64,
    /// ca² + cs².
    variability: f64,
    /// Arrivals per second.
    per_second: f64,
    /// Queues that do not help each other: each sees but its part of the requests.
    apart: f64,
}

impl Saturation {
    /// Of an open model below its capacity; `None` for others.
    pub(crate) fn of(model: &Model) -> Option<Saturation> {
        let Load::Open(open) = model.load() else { return None };
        let per_second = open.rate.per_second();
        let load = per_second / capacity(model)?.per_second;
        let arrivals = open.arrivals.scv().unwrap_or(1.0);
        let demands = demand_scv(model);
        let variability = finite(arrivals) + finite(demands);
        let apart = queues_apart(model);
        (load < 1.0).then_some(Saturation { load, variability, per_second, apart })
    }

    /// Requests that arrive in one relaxation time.
    pub(crate) fn relaxation(&self) -> f64 {
        self.apart * self.variability * self.load / (1.0 - self.load).powi(2)
    }

    /// Requests that wait in one spell: those of a busy period of one server, (ca² + cs²) / 2 /
    /// (1 - ρ).
    pub(crate) fn cluster(&self) -> f64 {
        (self.variability / 2.0).max(1.0) / (1.0 - self.load)
    }

    /// Requests below which a replication is short.
    pub(crate) fn short_requests(&self) -> f64 {
        SHORT * self.relaxation()
    }

    /// The least requests of a replication that sees its tail.
    pub(crate) fn least_requests(&self) -> f64 {
        ENOUGH * self.relaxation()
    }

    /// Whether chance alone makes the queue long for long.
    pub(crate) fn near(&self) -> bool {
        self.load > NEAR
    }

    /// Requests in all that bring the interval of the mean wait to `precision` of it: the
    /// asymptotic variance in heavy traffic (Whitt 1989, section 4), at `z` standard errors.
    pub(crate) fn needed(&self, precision: f64, z: f64) -> f64 {
        (z / precision).powi(2) * 2.0 * self.variability / (1.0 - self.load).powi(2)
    }

    /// Simulated seconds in which so many requests arrive.
    pub(crate) fn seconds(&self, requests: f64) -> f64 {
        requests / self.per_second
    }
}

fn finite(scv: f64) -> f64 {
    if scv.is_finite() { scv.min(WILD) } else { WILD }
}

/// Squared coefficient of variation of a request's whole demand: of independent phases, and of routes
/// that are drawn by their shares.
fn demand_scv(model: &Model) -> f64 {
    let kinds = model.mix().map_or(&[][..], |mix| mix.kinds());
    let (mut mean, mut second) = (0.0, 0.0);
    for kind in kinds {
        let of_kind: f64 = kind.phases.iter().map(|phase| phase.demand.mean()).sum();
        let variance = |phase: &Phase| phase.demand.moment(2) - phase.demand.mean().powi(2);
        let variances: f64 = kind.phases.iter().map(variance).sum();
        mean += kind.share * of_kind;
        second += kind.share * (variances + of_kind.powi(2));
    }
    if mean > 0.0 { (second - mean.powi(2)).max(0.0) / mean.powi(2) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::{ArrivalProcess, Distribution};
    use crate::model::{Cores, Open, Phase, PhaseKind, Server};

    fn queue(rate: &str, workers: u32, distribution: &str) -> Model {
        let phases = vec![Phase {
            kind: PhaseKind::Cpu,
            demand: distribution.parse::<Distribution>().unwrap(),
        }];
        let rate = rate.parse().unwrap();
        let load = Load::Open(Open { rate, arrivals: ArrivalProcess::Poisson, mix: phases.into() });
        let server = Server { cores: Cores::whole(32), ..Server::ideal(workers) };
        Model::new(load, server).unwrap()
    }

    /// Worked by hand from Whitt's formula; the last two also stand in tables: 1.5e5 requests at
    /// load 0.8 and 2.5e6 at 0.95 for a mean wait to 5 %.
    #[test]
    fn length_grows_with_the_square_of_what_is_left() {
        let half = Saturation::of(&queue("0.5/s", 1, "exp(1s)")).unwrap();
        assert!((half.relaxation() - 4.0).abs() < 1e-9);
        assert!((half.short_requests() - 200.0).abs() < 1e-6);
        let many = Saturation::of(&queue("9/s", 10, "exp(1s)")).unwrap();
        assert!((many.relaxation() - 180.0).abs() < 1e-6);
        for (rate, expect) in [("0.8/s", 1.5e5), ("0.95/s", 2.5e6)] {
            let needed = Saturation::of(&queue(rate, 1, "exp(1s)")).unwrap().needed(0.05, 1.96);
            assert!((needed / expect - 1.0).abs() < 0.03, "{rate}: {needed}");
        }
        assert_eq!(Saturation::of(&queue("2/s", 1, "exp(1s)")), None);
        assert!(!many.near() && Saturation::of(&queue("9.8/s", 10, "1s")).unwrap().near());
    }

    #[test]
    fn variability_is_that_of_the_whole_demand() {
        let constant = Saturation::of(&queue("0.5/s", 1, "1s")).unwrap();
        assert!((constant.relaxation() - 2.0).abs() < 1e-9, "only the arrivals vary");
        let wild = Saturation::of(&queue("0.5/s", 1, "pareto(mean=1s,alpha=1.5)")).unwrap();
        assert!(wild.relaxation().is_finite());
    }
}
