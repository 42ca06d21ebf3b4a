//! How long a closed loop takes to settle after all its clients came at once.
//!
//! With many clients their number is nearly a fluid. Of N clients that think for Z on average and
//! meet a server of capacity μ, all are inside at time 0. As long as it is busy, the number of
//! those who think follows dn/dt = μ − n/Z, so it goes to μZ as μZ (1 − exp(−t/Z)) (the fluid limit
//! of the machine repairman: Kurtz 1970, "Solutions of ordinary differential equations as limits of
//! pure jump Markov processes"; Mandelbaum & Pats 1995). With ρ = N/(μZ):
//!
//! - below saturation (ρ < 1) the queue is gone after Z ln(1/(1 − ρ)), and if thoughts have no
//!   memory nothing is left by then that remembers the start;
//! - above it, the queue N − μZ is approached for ever: what lacks is exp(−t/Z)/(ρ − 1) of it.
//!
//! Near ρ = 1 chance ends what the fluid does not: its size is √N, so that ln √N is the most.

use crate::distribution::Distribution;
use crate::model::{Closed, Load, Model};

use crate::experiment::capacity::total::capacity;
use crate::experiment::plan::DELETED;

/// Thoughts that pass after the fluid's time before a loop without memory counts as settled.
const BELOW: f64 = 0.5;
/// The same above saturation: 5 % of the distance are left then, and 0.4 % on average over what is
/// measured, four times as long.
const ABOVE: f64 = 3.0;
/// The same where thoughts (or services that are not short beside them) remember when all began.
const REMEMBERING: f64 = 2.0;
/// Services are short if they take less than this share of a thought.
const SHORT: f64 = 0.1;

/// Seconds that each replication of a closed loop of an ideal server takes at least: its warm-up is
/// the time to settle. `None` for other models.
pub(crate) fn least_seconds(model: &Model) -> Option<f64> {
    let Load::Closed(closed) = model.load() else { return None };
    if model.server().runtime.is_some() {
        return None;
    }
    let per_second = capacity(model).map_or(f64::INFINITY, |capacity| capacity.per_second);
    let (cpu, io) = model.mean_demand();
    Some(thoughts(closed, cpu + io, per_second) * (closed.think.mean() + cpu + io) / DELETED)
}

/// The time to settle in cycles of a client who does not wait.
fn thoughts(closed: &Closed, service: f64, per_second: f64) -> f64 {
    let think = closed.think.mean();
    let clients = f64::from(closed.clients);
    let load = clients / (per_second * (think + service));
    let fluid = -(1.0 - load).abs().ln();
    let fluid = fluid.clamp(0.0, 0.5 * clients.ln().max(0.0));
    let forgets =
        matches!(closed.think, Distribution::Exponential { .. }) && service < SHORT * think;
    fluid
        + match (load < 1.0, forgets) {
            (true, true) => BELOW,
            (true, false) => REMEMBERING,
            (false, _) => ABOVE,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loop_of(clients: u32, think: &str) -> Closed {
        let think = think.parse().unwrap();
        Closed { clients, ramp: None, requests: None, think, mix: Vec::new().into() }
    }

    /// Worked by hand: ln 2 at half the saturation, ln 10 a tenth below it, nothing far above; and
    /// at saturation half the logarithm of the clients.
    #[test]
    fn settling_takes_the_fluids_time_and_a_margin() {
        let close = |clients, think: &str, service, per_second, expect: f64| {
            let got = thoughts(&loop_of(clients, think), service, per_second);
            assert!((got - expect).abs() < 1e-6, "{clients} {think}: {got}, not {expect}");
        };
        close(500, "exp(9s)", 1e-9, 500.0 / 9.0 * 2.0, 2f64.ln() + 0.5);
        close(900, "exp(9.9s)", 0.1, 100.0, 10f64.ln() + 0.5);
        close(900, "9.9s", 0.1, 100.0, 10f64.ln() + 2.0);
        close(900, "exp(5s)", 4.9, 1000.0, 1.1f64.ln() + 2.0);
        close(10_000, "exp(9s)", 1.0, 10.0, 3.0);
        close(10_000, "exp(9s)", 1.0, 1000.0, 0.5 * 10_000f64.ln() + 3.0);
    }
}
