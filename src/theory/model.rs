//! A model, as far as theory can see it.

use super::capacity::{capacity, gil_capacity};
use super::stages::Stages;
use super::transform::{Moments, Transform};
use super::{Result, at_least_one, stable};

/// A time that is drawn: what is known of its distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomTime {
    moments: Moments,
    form: TimeForm,
}

#[derive(Clone, Debug, PartialEq)]
enum TimeForm {
    Constant,
    Exponential,
    Known(Transform),
    MomentsOnly,
}

impl RandomTime {
    /// No time at all.
    pub fn none() -> Self {
        RandomTime::constant(0.0)
    }

    /// Always `value` seconds.
    pub fn constant(value: f64) -> Self {
        let third = Some(value.powi(3));
        let moments = Moments { mean: value, second: value * value, third };
        RandomTime { moments, form: TimeForm::Constant }
    }

    /// Exponential with this mean (s).
    pub fn exponential(mean: f64) -> Self {
        let third = Some(6.0 * mean.powi(3));
        let moments = Moments { mean, second: 2.0 * mean * mean, third };
        RandomTime { moments, form: TimeForm::Exponential }
    }

    /// A distribution of which only moments are known.
    pub(crate) fn of_moments(moments: Moments) -> Self {
        RandomTime { moments, form: TimeForm::MomentsOnly }
    }

    /// A distribution of which the transform is known.
    pub fn of_transform(transform: Transform) -> Self {
        match transform.as_constant() {
            Some(value) => RandomTime::constant(value),
            None => RandomTime { moments: transform.moments(), form: TimeForm::Known(transform) },
        }
    }

    /// The mean in seconds.
    pub(crate) fn mean(&self) -> f64 {
        self.moments.mean
    }

    /// The squared coefficient of variation; infinite for a heavy tail.
    pub(crate) fn scv(&self) -> f64 {
        self.moments.scv()
    }

    /// The first moments.
    pub(crate) fn moments(&self) -> Moments {
        self.moments
    }

    /// Whether the time is always zero.
    pub(crate) fn is_none(&self) -> bool {
        self.moments.mean == 0.0
    }

    /// Whether the time is always the same.
    pub(crate) fn is_constant(&self) -> bool {
        self.form == TimeForm::Constant
    }

    /// Whether the distribution is exponential.
    pub(crate) fn is_exponential(&self) -> bool {
        self.form == TimeForm::Exponential
    }

    /// The distribution as exponential stages, if it is such a distribution.
    pub(crate) fn stages(&self) -> Option<Stages> {
        match &self.form {
            TimeForm::Exponential => Some(Stages::in_a_row(1, self.mean())),
            TimeForm::Known(transform) => transform.stages(),
            _ => None,
        }
    }

    /// The letter of the distribution in Kendall's notation: D, M, E3, H2, G.
    pub(super) fn letter(&self) -> String {
        match &self.form {
            TimeForm::Constant => "D".to_owned(),
            TimeForm::Exponential => "M".to_owned(),
            TimeForm::Known(transform) => transform.letter(),
            TimeForm::MomentsOnly => "G".to_owned(),
        }
    }

    /// The transform, where it is known.
    pub(crate) fn transform(&self) -> Option<Transform> {
        match &self.form {
            TimeForm::Constant => Transform::constant(self.mean()).ok(),
            TimeForm::Exponential => Transform::exponential(self.mean()).ok(),
            TimeForm::Known(transform) => Some(transform.clone()),
            TimeForm::MomentsOnly => None,
        }
    }

    /// The distribution of `factor` times the time.
    pub(crate) fn scaled(&self, factor: f64) -> RandomTime {
        let form = match &self.form {
            TimeForm::Known(transform) => TimeForm::Known(transform.scaled(factor)),
            other => other.clone(),
        };
        RandomTime { moments: self.moments.scaled(factor), form }
    }

    /// One of several distributions, each with its probability; they add up to 1.
    pub(crate) fn mixture(parts: Vec<(f64, RandomTime)>) -> RandomTime {
        if parts.iter().all(|(_, part)| *part == parts[0].1) {
            return parts.into_iter().next().map_or(RandomTime::none(), |(_, part)| part);
        }
        let transforms = parts.iter().map(|(p, part)| Some((*p, part.transform()?)));
        let known = transforms.collect::<Option<Vec<_>>>().map(Transform::mixture);
        if let Some(Ok(transform)) = known {
            return RandomTime::of_transform(transform);
        }
        let sum =
            |of: &dyn Fn(&Moments) -> f64| parts.iter().map(|(p, d)| p * of(&d.moments)).sum();
        let third: Option<f64> = parts.iter().map(|(p, d)| Some(p * d.moments.third?)).sum();
        RandomTime::of_moments(Moments {
            mean: sum(&|m| m.mean),
            second: sum(&|m| m.second),
            third,
        })
    }

    /// The distribution of the sum of two independent times.
    pub(crate) fn plus(&self, other: &RandomTime) -> RandomTime {
        if self.is_none() || other.is_none() {
            return if self.is_none() { other.clone() } else { self.clone() };
        }
        if self.is_constant() && other.is_constant() {
            return RandomTime::constant(self.mean() + other.mean());
        }
        let moments = self.moments.plus(&other.moments);
        let form = match (self.transform(), other.transform()) {
            (Some(a), Some(b)) => TimeForm::Known(a.plus(b)),
            _ => TimeForm::MomentsOnly,
        };
        RandomTime { moments, form }
    }
}

/// How requests come.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Poisson at `rate` per second.
    Poisson {
        /// Arrivals per second.
        rate: f64,
    },
    /// Independent gaps of this distribution.
    Renewal {
        /// The time between arrivals.
        gap: RandomTime,
    },
    /// Poisson arrivals whose rate depends on a hidden state.
    Modulated {
        /// Arrivals per second in each state.
        rates: Vec<f64>,
        /// From state i to state j so many times per second; the diagonal is ignored.
        switch: Vec<Vec<f64>>,
        /// Mean arrivals per second.
        rate: f64,
    },
    /// Poisson batches of requests that arrive together.
    Batches {
        /// Batches per second.
        batch_rate: f64,
        /// (requests, probability).
        sizes: Vec<(usize, f64)>,
    },
    /// Gaps of which only the rate is seen.
    Other {
        /// Mean arrivals per second.
        rate: f64,
    },
    /// Clients that send, wait for the answer, think, and send again.
    Closed {
        /// How many.
        clients: usize,
        /// The time between an answer and the client's next request.
        think: RandomTime,
    },
}

impl Arrivals {
    /// Mean arrivals per second; `None` for closed clients.
    pub(crate) fn rate(&self) -> Option<f64> {
        match self {
            Arrivals::Poisson { rate }
            | Arrivals::Modulated { rate, .. }
            | Arrivals::Other { rate } => Some(*rate),
            Arrivals::Batches { batch_rate, sizes } => {
                Some(batch_rate * sizes.iter().map(|&(n, p)| n as f64 * p).sum::<f64>())
            }
            Arrivals::Renewal { gap } => Some(1.0 / gap.mean()),
            Arrivals::Closed { .. } => None,
        }
    }
}

/// One of several phases of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestPhase {
    /// Whether it needs a core; else it is I/O.
    pub(crate) on_cpu: bool,
    /// How long it takes alone.
    pub demand: RandomTime,
}

/// A model, as far as theory can see it: requests come to one queue, first come first served.
#[derive(Clone, Debug, PartialEq)]
pub struct TheoryModel {
    /// How requests come.
    pub arrivals: Arrivals,
    /// The time a request needs a core, in all.
    pub cpu: RandomTime,
    /// The time it holds its worker without a core, in all.
    pub io: RandomTime,
    /// Its phases in order, if they are others than CPU and then I/O; else none. They sum up to
    /// `cpu` and `io`.
    pub phases: Vec<RequestPhase>,
    /// Requests that are served at once (worker processes x threads); `None` is no limit.
    pub workers: Option<usize>,
    /// Cores; a fraction is a quota.
    pub cores: f64,
    /// Places in the queue; `None` is no limit.
    pub backlog: Option<usize>,
    /// When a request leaves the queue unserved; `None` is never.
    pub patience: Option<RandomTime>,
    /// Under a GIL: threads in each worker process. Then `workers` is a multiple of it.
    pub gil_threads: Option<usize>,
}

impl TheoryModel {
    /// Poisson arrivals at `rate` per second, `workers` workers with a core each, unlimited queue.
    pub fn open(rate: f64, cpu: RandomTime, workers: usize) -> Self {
        TheoryModel {
            arrivals: Arrivals::Poisson { rate },
            cpu,
            io: RandomTime::none(),
            phases: Vec::new(),
            workers: Some(workers),
            cores: workers as f64,
            backlog: None,
            patience: None,
            gil_threads: None,
        }
    }

    /// The phases in order, without those that take no time.
    pub(crate) fn all_phases(&self) -> Vec<RequestPhase> {
        let both = [(true, &self.cpu), (false, &self.io)];
        let both = both.map(|(on_cpu, demand)| RequestPhase { on_cpu, demand: demand.clone() });
        let all = if self.phases.is_empty() { both.to_vec() } else { self.phases.clone() };
        all.into_iter().filter(|phase| !phase.demand.is_none()).collect()
    }

    /// The same with other phases, one after another.
    pub(crate) fn with_phases(mut self, phases: Vec<RequestPhase>) -> Self {
        let sum = |on_cpu: bool| {
            let of = phases.iter().filter(|phase| phase.on_cpu == on_cpu);
            of.fold(RandomTime::none(), |sum, phase| sum.plus(&phase.demand))
        };
        (self.cpu, self.io) = (sum(true), sum(false));
        let usual = match &phases[..] {
            [_] => true,
            [first, second] => first.on_cpu && !second.on_cpu,
            _ => false,
        };
        self.phases = if usual { Vec::new() } else { phases };
        self
    }

    /// The time a request holds its worker if nobody is in its way.
    pub(crate) fn service(&self) -> RandomTime {
        self.cpu.plus(&self.io)
    }

    /// The most requests that can be in service at once, if that is bounded.
    pub(super) fn at_once(&self) -> Option<usize> {
        match (&self.arrivals, self.workers) {
            (Arrivals::Closed { clients, .. }, Some(workers)) => Some(workers.min(*clients)),
            (Arrivals::Closed { clients, .. }, None) => Some(*clients),
            (_, workers) => workers,
        }
    }

    /// Whether more than one thread of a process can want the CPU under a GIL.
    pub(super) fn has_gil(&self) -> bool {
        self.gil_threads.is_some_and(|threads| threads > 1) && !self.cpu.is_none()
    }

    /// Whether requests in service do not slow each other down.
    pub(crate) fn is_apart(&self) -> bool {
        let enough = self.at_once().is_some_and(|at_once| at_once as f64 <= self.cores);
        self.cpu.is_none() || (enough && !self.has_gil())
    }

    /// Requests per second while the queue is never empty ([`capacity`], [`gil_capacity`]); `None`
    /// where nothing bounds them.
    ///
    /// # Errors
    /// A parameter out of range, or a GIL with too many states.
    pub(crate) fn capacity(&self) -> Result<Option<f64>> {
        let (cpu, io) = (self.cpu.mean(), self.io.mean());
        at_least_one("the number of workers", self.workers.unwrap_or(1))?;
        if self.cpu.is_none() && self.io.is_none() {
            return Ok(None);
        }
        Ok(match (self.workers, self.gil_threads) {
            (Some(workers), Some(threads)) if self.has_gil() => {
                Some(gil_capacity(workers / threads, threads, self.cores, cpu, io)?)
            }
            (Some(workers), _) => Some(capacity(workers, self.cores, cpu, io)?),
            (None, _) if self.cpu.is_none() => None,
            (None, _) => Some(self.cores / cpu),
        })
    }

    /// The same in simpler terms. The threads of a single process under a GIL share one core. A
    /// single worker on a fraction of a core is a slower worker: its CPU time is stretched, so that
    /// requests do not slow each other down.
    pub(super) fn simplified(&self) -> TheoryModel {
        let mut model = self.clone();
        if self.gil_threads.is_some() && self.gil_threads == self.workers {
            model.gil_threads = None;
            model.cores = self.cores.min(1.0);
        }
        if model.workers == Some(1) && model.cores < 1.0 && model.cores > 0.0 {
            let stretch = 1.0 / model.cores;
            model.cpu = model.cpu.scaled(stretch);
            for phase in model.phases.iter_mut().filter(|phase| phase.on_cpu) {
                phase.demand = phase.demand.scaled(stretch);
            }
            model.cores = 1.0;
        }
        model
    }

    /// Whether the queue is without a limit, or its limit is reached by fewer than one arrival in
    /// 10^9: by the heavy-traffic estimate of the tail, e^(-2 (1 - rho) n / (ca² + max(1, cs²)))
    /// (Kingman 1962).
    pub(super) fn is_endless(&self) -> bool {
        let Some(backlog) = self.backlog else { return true };
        let (Some(rate), Ok(Some(capacity))) = (self.arrivals.rate(), self.capacity()) else {
            return false;
        };
        let arrival_scv = match &self.arrivals {
            Arrivals::Poisson { .. } => 1.0,
            Arrivals::Renewal { gap } => gap.scv(),
            _ => return false,
        };
        let variety = arrival_scv + self.service().scv().max(1.0);
        stable(rate / capacity)
            .is_ok_and(|load| 2.0 * (1.0 - load) * backlog as f64 / variety > 21.0)
    }
}
