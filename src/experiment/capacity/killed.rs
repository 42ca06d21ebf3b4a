//! What a sync worker spends on a request before the arbiter kills it.

use crate::model::runtime::{Accept, Class, measured};
use crate::model::{Model, Phase, PhaseKind, Runtime};

/// Points of the sum that stands for an integral: a prime, so that each coordinate of the lattice
/// takes every value once.
const POINTS: u64 = 4093;

/// Multiplier of the lattice (Korobov 1959, "The approximate computation of multiple integrals").
const MULTIPLIER: u64 = 1778;

/// Of a demand that is longer than the timeout with less than this probability nobody is killed.
const NEVER: f64 = 1e-9;

/// Mean demands of requests whose workers are killed by `--timeout`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Killed {
    /// Seconds of CPU that a worker spends on a request, killed or not.
    pub(crate) cpu: f64,
    /// Seconds of I/O.
    pub(crate) io: f64,
    /// The share of requests whose worker is killed.
    pub(crate) share: f64,
}

/// Mean seconds that a worker spends on a request: (CPU, I/O), without what the server adds.
pub(crate) fn spent(model: &Model) -> (f64, f64) {
    let runtime = model.server().runtime.as_deref();
    let cut = runtime.and_then(|runtime| killed(model, runtime, 1.0));
    cut.map_or(model.mean_demand(), |cut| (cut.cpu, cut.io))
}

/// The means of a model whose workers are killed while they hold a request; `None` where none is.
/// On shared cores a second of CPU takes `slowed` seconds. The arbiter looks once a second, so a
/// worker ends between the timeout and a second later (`gunicorn/arbiter.py`, `murder_workers`).
pub(crate) fn killed(model: &Model, runtime: &Runtime, slowed: f64) -> Option<Killed> {
    let timeout = runtime.lifecycle.timeout?.as_secs_f64();
    let prefetches = runtime.class == Class::Gthread && runtime.accept != Accept::Shared;
    if runtime.class.is_loop() || prefetches || model.server().threads > 1 {
        return None;
    }
    let mut all = Killed { cpu: 0.0, io: 0.0, share: 0.0 };
    for kind in model.mix()?.kinds() {
        let one = of_kind(&kind.phases, timeout, slowed);
        all.cpu += kind.share * one.cpu;
        all.io += kind.share * one.io;
        all.share += kind.share * one.share;
    }
    (all.share > 0.0).then_some(all)
}

/// The same for requests of one kind.
fn of_kind(phases: &[Phase], timeout: f64, slowed: f64) -> Killed {
    let takes = |kind| if kind == PhaseKind::Cpu { slowed } else { 1.0 };
    let long = |phase: &Phase| phase.demand.quantile(1.0 - NEVER) * takes(phase.kind);
    let longest: f64 = phases.iter().map(long).sum();
    let mut sum = Killed { cpu: 0.0, io: 0.0, share: 0.0 };
    if longest <= timeout {
        for phase in phases {
            *sum.seconds(phase.kind) += phase.demand.mean();
        }
        return sum;
    }
    let mut weights = 0.0;
    for point in 0..POINTS {
        let mut coordinate = point;
        let mut next = || {
            let value = (coordinate as f64 + 0.5) / POINTS as f64;
            coordinate = coordinate * MULTIPLIER % POINTS;
            value
        };
        // Points are dense where demands are long: p = 1 - (1 - v)³, dp = 3 (1 - v)² dv.
        let demands: Vec<(f64, f64)> = phases.iter().map(|_| next()).map(dense).collect();
        let weight: f64 = demands.iter().map(|(_, weight)| weight).product();
        let mut left = timeout + next() * measured::ARBITER_LOOKS.as_secs_f64();
        for (phase, (p, _)) in phases.iter().zip(demands) {
            let demand = phase.demand.quantile(p);
            let time = demand * takes(phase.kind);
            if time > left {
                *sum.seconds(phase.kind) += weight * left / takes(phase.kind);
                sum.share += weight;
                break;
            }
            *sum.seconds(phase.kind) += weight * demand;
            left -= time;
        }
        weights += weight;
    }
    Killed { cpu: sum.cpu / weights, io: sum.io / weights, share: sum.share / weights }
}

/// A probability near 1 rather than 0, and its weight.
fn dense(v: f64) -> (f64, f64) {
    let rest = 1.0 - v;
    (1.0 - rest.powi(3), 3.0 * rest.powi(2))
}

impl Killed {
    fn seconds(&mut self, kind: PhaseKind) -> &mut f64 {
        match kind {
            PhaseKind::Cpu => &mut self.cpu,
            PhaseKind::Io => &mut self.io,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(phases: &[(PhaseKind, &str)], timeout: f64) -> Killed {
        slowed(phases, timeout, 1.0)
    }

    fn slowed(phases: &[(PhaseKind, &str)], timeout: f64, slowed: f64) -> Killed {
        let phase = |(kind, demand): &(PhaseKind, &str)| Phase {
            kind: *kind,
            demand: demand.parse().unwrap(),
        };
        of_kind(&phases.iter().map(phase).collect::<Vec<_>>(), timeout, slowed)
    }

    /// By hand: a twentieth of the requests holds its worker for 5.5 s on average instead of 8 s.
    #[test]
    fn a_long_request_ends_half_a_second_after_the_timeout() {
        let killed = of(&[(PhaseKind::Io, "mix(95%:100ms,5%:8s)")], 5.0);
        assert!((killed.io - 0.37).abs() < 1e-3, "{killed:?}");
        assert!((killed.share - 0.05).abs() < 2e-4, "{killed:?}");
    }

    /// Of an exponential of mean m what is above k is exp(-k/m), and E[min] is m (1 - exp(-k/m)),
    /// both averaged over k from 2 s to 3 s.
    #[test]
    fn an_exponential_demand_is_cut_as_the_formula_says() {
        let killed = of(&[(PhaseKind::Cpu, "exp(1s)")], 2.0);
        let above = (-2.0_f64).exp() - (-3.0_f64).exp();
        assert!((killed.share - above).abs() < 1e-4, "{killed:?} {above}");
        assert!((killed.cpu - (1.0 - above)).abs() < 1e-4, "{killed:?} {above}");
    }

    /// Two phases of exp(1 s) are Erlang-2: P(S > k) = (1 + k) exp(-k), whose integral from 2 to 3 is
    /// 4 exp(-2) - 5 exp(-3); the first phase is cut as if it were alone.
    #[test]
    fn the_phases_of_a_request_are_cut_in_their_order() {
        let killed = of(&[(PhaseKind::Cpu, "exp(1s)"), (PhaseKind::Io, "exp(1s)")], 2.0);
        let above = 4.0 * (-2.0_f64).exp() - 5.0 * (-3.0_f64).exp();
        let first = (-2.0_f64).exp() - (-3.0_f64).exp();
        assert!((killed.share - above).abs() < 1e-3, "{killed:?} {above}");
        assert!((killed.cpu - (1.0 - first)).abs() < 1e-3, "{killed:?} {first}");
    }

    /// On half a core 2 s of CPU take 4 s, of which 2.5 s are over when it is killed.
    #[test]
    fn on_shared_cores_the_same_demand_is_cut_earlier() {
        let killed = slowed(&[(PhaseKind::Cpu, "2s")], 2.0, 2.0);
        assert!((killed.cpu - 1.25).abs() < 1e-3 && killed.share > 0.999, "{killed:?}");
        assert_eq!(of(&[(PhaseKind::Cpu, "2s")], 3.0).share, 0.0);
    }

    #[test]
    fn requests_that_are_never_so_long_keep_their_means() {
        let killed = of(&[(PhaseKind::Cpu, "exp(20ms)"), (PhaseKind::Io, "exp(60ms)")], 30.0);
        assert_eq!((killed.cpu, killed.io, killed.share), (0.02, 0.06, 0.0));
    }
}
