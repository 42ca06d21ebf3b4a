//! Shares and means that rest on few events: their intervals are not Student's.

use crate::experiment::result::row::{Estimate, Measure, Measures};
use crate::model::{Backlog, Load, Model};
use crate::stats::inference;
use crate::stats::tally::Tally;

/// Shares of requests to which something happened.
const EVENTS: [Measure; 11] = [
    Measure::WaitProb,
    Measure::RefusedShare,
    Measure::TimedOutShare,
    Measure::FailedShare,
    Measure::GaveUpShare,
    Measure::RetransmittedShare,
    Measure::MemoryKills,
    Measure::PoolTimeoutShare,
    Measure::Status499Share,
    Measure::Status502Share,
    Measure::Status504Share,
];

/// What is known of rare events before they are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rare {
    /// How many requests such an event meets at once, on average.
    cluster: f64,
    /// Mean demand of a request, in seconds: how long one waits for another, in order of magnitude.
    demand: f64,
    waits: bool,
    refuses: bool,
    leaves: bool,
    fails: bool,
}

impl Rare {
    /// What may happen to the requests of a model, in clusters of that mean size.
    pub(crate) fn new(model: &Model, cluster: f64) -> Self {
        let server = model.server();
        let (cpu, io) = model.mean_demand();
        let crowded = match model.load() {
            Load::Closed(closed) => {
                u64::from(closed.clients) > u64::from(server.slots()) || server.runtime.is_some()
            }
            _ => true,
        };
        let runtime = server.runtime.as_ref();
        let ends = |runtime: &crate::model::Runtime| {
            runtime.lifecycle.ends() || runtime.clients.hurry() || runtime.pooling.timeout.is_some()
        };
        Rare {
            cluster,
            demand: cpu + io,
            waits: crowded,
            refuses: server.backlog != Backlog::Unlimited || runtime.is_some(),
            leaves: server.patience.is_some(),
            fails: runtime.is_some_and(|runtime| ends(runtime)) || server.memory.is_some(),
        }
    }

    fn possible(&self, measure: Measure) -> bool {
        match measure {
            Measure::WaitProb => self.waits,
            Measure::RefusedShare | Measure::RetransmittedShare | Measure::Status502Share => {
                self.refuses
            }
            Measure::TimedOutShare => self.leaves,
            _ => self.fails,
        }
    }

    /// Gives the shares that rest on few events their intervals, from the sections' own values; says
    /// whether there is one that does, and is not 0.
    pub(crate) fn tell(
        &self,
        measures: &mut Measures,
        (sections, tallies): (&[Measures], &[Tally]),
        confidence: f64,
    ) -> bool {
        let requests: f64 = tallies.iter().map(|tally| tally.requests() as f64).sum();
        let mut seen = false;
        for measure in EVENTS {
            let told = measures.get(measure).filter(|told| told.half_width.is_some());
            let Some(Estimate { value, .. }) = told.filter(|_| self.possible(measure)) else {
                continue;
            };
            let values: Vec<f64> = sections.iter().filter_map(|one| one.value(measure)).collect();
            let trials = (requests, self.cluster);
            let Some((interval, true)) = inference::share(value, &values, trials, confidence)
            else {
                continue;
            };
            let half_width = Some(interval.half_width);
            measures.set(measure, Estimate { value, half_width });
            seen |= value > 0.0;
            if measure == Measure::WaitProb {
                self.mean_wait(measures, interval);
            }
        }
        seen
    }

    /// The mean wait is the share that waits times the mean of those: where few wait, it is known no
    /// better than that share.
    fn mean_wait(&self, measures: &mut Measures, share: inference::Interval) {
        let Some(Estimate { value, half_width: Some(half) }) = measures.get(Measure::WaitMean)
        else {
            return;
        };
        let each = if share.value > 0.0 { value / share.value } else { self.demand };
        let half_width = Some(half.max(each * share.half_width));
        measures.set(Measure::WaitMean, Estimate { value, half_width });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Open, Phase, PhaseKind, Server};
    use crate::stats::window::Window;

    /// By hand: of 20 runs of 5,000 requests none waits: 3.689 in 100,000 may still
    /// wait, and each of them about as long as a request takes, 10 ms. None can be refused by a
    /// queue without a limit: that 0 is exact.
    #[test]
    fn what_was_not_seen_may_still_happen() {
        let demand = "exp(10ms)".parse().unwrap();
        let phases = vec![Phase { kind: PhaseKind::Cpu, demand }];
        let arrivals = "poisson".parse().unwrap();
        let open = Open { rate: "50/s".parse().unwrap(), arrivals, mix: phases.into() };
        let server = Server { backlog: Backlog::Unlimited, ..Server::ideal(4) };
        let model = Model::new(Load::Open(open), server).unwrap();
        let mut tally = Tally::new(Window::ALL, true);
        tally.served = 5_000;
        let tallies = vec![tally; 20];
        let none = Estimate { value: 0.0, half_width: Some(0.0) };
        let mut measures = Measures::default();
        for measure in [Measure::WaitProb, Measure::RefusedShare, Measure::WaitMean] {
            measures.set(measure, none);
        }
        let sections = vec![measures.clone(); 20];
        let seen = Rare::new(&model, 1.0).tell(&mut measures, (&sections, &tallies), 0.95);
        assert!(!seen);
        let half = |measure| measures.get(measure).unwrap().half_width.unwrap();
        assert!((half(Measure::WaitProb) - 3.689e-5).abs() < 2e-8, "{}", half(Measure::WaitProb));
        assert!((half(Measure::WaitMean) - 3.689e-7).abs() < 2e-10);
        assert_eq!(half(Measure::RefusedShare), 0.0);
    }
}
