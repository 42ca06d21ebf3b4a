//! Demands with so heavy a tail that means do not exist, or have no interval.
//!
//! A request that takes for ever holds its worker for ever. As long as the others keep up, it does
//! little harm; the queue grows only while so many are stuck at once that the rest is overrun. With
//! `spare` the least such number, a wait beyond x needs that many values beyond x at once, so under
//! Pareto demands with index α the wait has a tail with index spare·(α − 1): its mean is finite if
//! this is above 1, its variance if it is above 2. For one worker that is Kiefer and Wolfowitz's
//! condition (E[W^r] needs E[S^(r+1)]); for several, Scheller-Wolf & Sigman 1997 ("Delay moments
//! for FIFO GI/GI/s queues", Queueing Systems 25) and Scheller-Wolf 2003 (Operations Research 51).
//! Where a queue is finite, clients leave it, or clients wait for their answers, means exist.

use crate::distribution::Tail;
use crate::experiment::capacity::total::capacity;
use crate::experiment::plan::{Length, Settings};
use crate::experiment::result::row::{Estimate, Measure, Measures};
use crate::model::{Backlog, Load, Model};
use crate::stats::tally::Tally;

/// What the tails of the demands leave of the means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Means {
    /// Means exist and have intervals.
    #[default]
    Settle,
    /// The variance of the times is infinite: means exist, but no interval holds them.
    NoInterval {
        /// Whether that of the demands is too: then utilisation has no interval either.
        demands: bool,
    },
    /// The mean waiting time is infinite.
    Infinite,
}

/// Means that hang on the waiting time.
const TIMES: [Measure; 4] =
    [Measure::WaitMean, Measure::ResponseMean, Measure::QueueMean, Measure::InSystemMean];
/// Means that hang on the demands only.
const SHARES: [Measure; 2] = [Measure::WorkerUtilisation, Measure::CoreUtilisation];

/// The least tail index of a model's demands, where some moments are infinite.
pub(crate) fn index(model: &Model) -> Option<f64> {
    let indices = model.all_phases().filter_map(|(_, phase)| phase.demand.tail_index());
    indices.min_by(f64::total_cmp)
}

/// How many requests have to be stuck at once until the rest is overrun; `None` where the queue
/// cannot grow without bound. Of several hosts one that is overrun is enough: whoever it has been
/// given waits there, whatever the others do.
pub(crate) fn spare(model: &Model, settings: &Settings) -> Option<f64> {
    let Load::Open(open) = model.load() else { return None };
    let server = model.server();
    let finite = settings.backlog_asked && server.backlog != Backlog::Unlimited;
    if settings.length == Length::Story || finite || server.patience.is_some() {
        return None;
    }
    let load = open.rate.per_second() / capacity(model)?.per_second;
    Some((f64::from(server.slots()) * (1.0 - load) - 1e-9).ceil().max(1.0))
}

/// What may be said of the means of a model.
pub(crate) fn means(model: &Model, settings: &Settings) -> Means {
    let Some(alpha) = index(model) else { return Means::Settle };
    let demands = alpha <= 2.0;
    let waits = spare(model, settings).map_or(f64::INFINITY, |spare| spare * (alpha - 1.0));
    match waits {
        ..=1.0 => Means::Infinite,
        waits if waits <= 2.0 || demands => Means::NoInterval { demands },
        _ => Means::Settle,
    }
}

impl Means {
    /// Takes away what does not exist.
    pub(crate) fn keep(self, measures: &mut Measures) {
        let without = |measures: &mut Measures, measure| {
            if let Some(Estimate { value, .. }) = measures.get(measure) {
                measures.set(measure, Estimate::exact(value));
            }
        };
        match self {
            Means::Settle => {}
            Means::NoInterval { demands } => {
                TIMES.into_iter().for_each(|measure| without(measures, measure));
                let shares = SHARES.into_iter().filter(|_| demands);
                shares.for_each(|measure| without(measures, measure));
            }
            Means::Infinite => {
                TIMES.into_iter().for_each(|measure| measures.forget(measure));
                SHARES.into_iter().for_each(|measure| without(measures, measure));
            }
        }
    }
}

/// Jobs among the largest, which carry a tenth of E[S²], that every section has to have seen.
const ENOUGH: f64 = 100.0;

/// Whether a reader has to know that rare, very long requests decide: always below a tail index of
/// 3, else where some section has seen too few of the largest.
pub(crate) fn heavy(model: &Model, sections: &[Tally]) -> bool {
    let least = sections.iter().map(Tally::requests).min().unwrap_or(0) as f64;
    model.all_phases().any(|(part, phase)| {
        let distribution = &phase.demand;
        let seen = part * least;
        let scarce = distribution.share_of_top_tenth().is_none_or(|share| share * seen < ENOUGH);
        let endless = distribution.tail_index().is_some_and(|alpha| alpha <= 3.0);
        distribution.tail() != Tail::Light && (endless || scarce)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
    use crate::engine::Choice;
    use crate::experiment::plan::{Indifference, Select};
    use crate::model::{Cores, Open, Phase, PhaseKind, Server};
    use crate::random::Seed;

    fn of(workers: u32, rate: &str, demand: &str, backlog: Option<u64>) -> Means {
        let settings = Settings {
            seed: Seed(1),
            replications: None,
            precision: 0.02,
            every_row: false,
            confidence: 0.95,
            length: Length::Auto,
            warmup: None,
            engine: Choice::Auto,
            max_requests: 1_000,
            best: Measure::ResponseP95,
            delta: Indifference::Share(0.05),
            objectives: Vec::new(),
            headroom: None,
            select: Select::Subset,
            backlog_asked: backlog.is_some(),
        };
        let demand: Distribution = demand.parse().unwrap();
        let phases = vec![Phase { kind: PhaseKind::Io, demand }];
        let (rate, arrivals) = (rate.parse().unwrap(), "poisson".parse().unwrap());
        let server = Server {
            cores: Cores::whole(8),
            backlog: Backlog::Places(backlog.unwrap_or(2048)),
            ..Server::ideal(workers)
        };
        let model =
            Model::new(Load::Open(Open { rate, arrivals, mix: phases.into() }), server).unwrap();
        means(&model, &settings)
    }

    /// One worker: E[W^r] is finite if E[S^(r+1)] is. Two workers at a load below one: the mean
    /// needs E[S^(3/2)] only (Scheller-Wolf & Sigman 1997), above one it needs E[S^2] again.
    #[test]
    fn means_exist_where_theory_says_so() {
        let (none, some) =
            (Means::NoInterval { demands: true }, Means::NoInterval { demands: false });
        for (workers, rate, alpha, expect) in [
            (1, "10/s", 1.5, Means::Infinite),
            (1, "10/s", 2.0, Means::Infinite),
            (1, "10/s", 2.1, some),
            (1, "10/s", 3.0, some),
            (1, "10/s", 3.1, Means::Settle),
            (2, "30/s", 1.4, Means::Infinite), // load 0.6
            (2, "30/s", 1.6, none),
            (2, "30/s", 2.1, Means::Settle),
            (2, "60/s", 1.6, Means::Infinite), // load 1.2
            (2, "60/s", 2.1, some),
            (2, "50/s", 2.1, some), // load 1: one that is stuck overruns the other
            (8, "50/s", 1.2, none),
            (8, "50/s", 1.1, Means::Infinite), // 7 x 0.1
        ] {
            let demand = format!("pareto(mean=20ms,alpha={alpha})");
            assert_eq!(of(workers, rate, &demand, None), expect, "{workers}, {rate}, {alpha}");
        }
        assert_eq!(of(1, "10/s", "pareto(mean=20ms,alpha=1.5)", Some(10)), none);
        assert_eq!(of(1, "10/s", "pareto(min=2ms,alpha=0.5,max=1s)", None), Means::Settle);
        let mixed = "mix(99%:exp(1ms),1%:pareto(mean=20ms,alpha=1.5) + 1ms)";
        assert_eq!(of(1, "10/s", mixed, None), Means::Infinite);
    }

    #[test]
    fn what_does_not_exist_is_taken_away() {
        let mut measures = Measures::default();
        let some = Estimate { value: 0.5, half_width: Some(0.1) };
        Measure::ALL.into_iter().for_each(|measure| measures.set(measure, some));
        let mut kept = measures.clone();
        Means::NoInterval { demands: false }.keep(&mut kept);
        assert_eq!(kept.get(Measure::WaitMean), Some(Estimate::exact(0.5)));
        assert_eq!(kept.get(Measure::WorkerUtilisation), Some(some));
        Means::Infinite.keep(&mut kept);
        assert_eq!(kept.get(Measure::ResponseMean), None);
        assert_eq!(kept.get(Measure::ResponseP99), Some(some));
        assert_eq!(kept.get(Measure::WorkerUtilisation), Some(Estimate::exact(0.5)));
    }
}
