//! Which result applies to a model, and what it says.
//!
//! A list of candidates is tried in order; the first whose condition holds answers. If none does,
//! that is the answer, together with what is still known: the capacity.

mod candidates;
mod closed;
mod conditions;
mod names;
mod staged;

use self::candidates::CANDIDATES;
pub(crate) use self::names::kendall;
use super::model::{Arrivals, TheoryModel};
use super::{TheoryError, TimeDistribution, positive};

/// What kind of answer there is.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A theorem.
    Exact,
    /// An estimate.
    Approximation {
        /// How far off it has been seen to be.
        error: &'static str,
    },
    /// There is no steady state: the throughput is the capacity and the queue grows.
    Unstable,
    /// No closed form is known; at most the capacity is told.
    Unknown {
        /// What stands in the way.
        why: String,
    },
}

/// Quantiles of a time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// 90 %.
    pub p90: f64,
    /// 95 %.
    pub p95: f64,
    /// 99 %.
    pub p99: f64,
    /// 99.9 %.
    pub p999: f64,
}

impl Quantiles {
    /// The five quantiles of a distribution.
    pub(crate) fn of(distribution: &dyn TimeDistribution) -> Self {
        Quantiles::from_fn(|p| distribution.quantile(p))
    }

    fn from_fn(quantile: impl Fn(f64) -> f64) -> Self {
        Quantiles {
            p50: quantile(0.5),
            p90: quantile(0.9),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p999: quantile(0.999),
        }
    }
}

/// What theory says of a model. `None` is "not known", never zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The model in Kendall's notation.
    pub name: String,
    /// What kind of answer there is.
    pub answer: Answer,
    /// Under which condition it holds.
    pub condition: &'static str,
    /// Where it is written.
    pub source: &'static str,
    /// Answers per second while the queue is never empty.
    pub capacity: Option<f64>,
    /// Offered work over capacity, for open arrivals.
    pub load: Option<f64>,
    /// Answers per second.
    pub throughput: Option<f64>,
    /// The share of attempts that are refused because the queue is full.
    pub refused_share: Option<f64>,
    /// The share of requests whose clients leave the queue unserved.
    pub timed_out_share: Option<f64>,
    /// P(an accepted request waits).
    pub wait_prob: Option<f64>,
    /// `E[wait]` in seconds.
    pub wait_mean: Option<f64>,
    /// `E[response]` in seconds.
    pub response_mean: Option<f64>,
    /// Quantiles of the wait.
    pub wait: Option<Quantiles>,
    /// Quantiles of the response.
    pub response: Option<Quantiles>,
    /// Lq: the time average of requests that wait.
    pub queue_mean: Option<f64>,
    /// L: the time average of requests in the system.
    pub in_system_mean: Option<f64>,
    /// Mean share of the workers that are busy.
    pub worker_utilisation: Option<f64>,
    /// Mean share of the cores that is busy.
    pub core_utilisation: Option<f64>,
    /// `E[time until the last answer]` of a finite story, in seconds.
    pub makespan_mean: Option<f64>,
}

/// What theory says of `model`.
///
/// ```
/// use simsrv::theory::{Answer, RandomTime, TheoryModel, known};
/// let mut model = TheoryModel::open(3.2, RandomTime::exponential(1.0), 4);
/// let answer = known(&model);
/// assert_eq!((answer.name.as_str(), &answer.answer), ("M/M/4", &Answer::Exact));
/// assert!((answer.wait_mean.unwrap() - 0.74554).abs() < 1e-5);
/// model.cores = 1.0;
/// assert_eq!(known(&model).answer, Answer::Unstable, "one core cannot do 3.2 s of CPU a second");
/// ```
pub fn known(model: &TheoryModel) -> Known {
    let capacity = match model.capacity() {
        Ok(capacity) => capacity,
        Err(TheoryError::TooLarge { .. }) => None,
        Err(error) => return unknown(model, None, error.to_string()),
    };
    if let Some(Err(error)) = model.arrivals.rate().map(|rate| positive("the arrival rate", rate)) {
        return unknown(model, capacity, error.to_string());
    }
    let endless = model.backlog.is_none() && model.patience.is_none();
    if let (true, Some(rate), Some(capacity)) = (endless, model.arrivals.rate(), capacity)
        && rate >= capacity
    {
        return unstable(model, rate, capacity);
    }
    let simple = model.simplified();
    let found = CANDIDATES.iter().find_map(|candidate| candidate(&simple));
    match found {
        Some(known) => known.completed(model, capacity),
        None => unknown(model, capacity, obstacle(model).to_owned()),
    }
}

impl Known {
    fn exact(name: String, condition: &'static str, source: &'static str) -> Known {
        Known {
            name,
            answer: Answer::Exact,
            condition,
            source,
            capacity: None,
            load: None,
            throughput: None,
            refused_share: Some(0.0),
            timed_out_share: Some(0.0),
            wait_prob: None,
            wait_mean: None,
            response_mean: None,
            wait: None,
            response: None,
            queue_mean: None,
            in_system_mean: None,
            worker_utilisation: None,
            core_utilisation: None,
            makespan_mean: None,
        }
    }

    /// A model of which only a reason is known why nothing is.
    pub(crate) fn nothing(name: String, why: String) -> Known {
        let mut known = Known::exact(name, "", "");
        known.answer = Answer::Unknown { why };
        (known.refused_share, known.timed_out_share) = (None, None);
        known
    }

    /// Overloaded: `rate` requests per second and `capacity` at most.
    pub(crate) fn never_settles(name: String, rate: f64, capacity: f64) -> Known {
        let mut known = Known::exact(
            name,
            "offered load at or above capacity, and an unlimited queue",
            "fluid limit, Chen & Yao, Fundamentals of Queueing Networks (2001)",
        );
        known.answer = Answer::Unstable;
        (known.capacity, known.load) = (Some(capacity), Some(rate / capacity));
        known.throughput = Some(capacity);
        known
    }

    fn means(mut self, throughput: f64, wait_mean: f64, response_mean: f64) -> Known {
        self.throughput = Some(throughput);
        self.wait_mean = Some(wait_mean);
        self.response_mean = Some(response_mean);
        self
    }

    fn waits(mut self, prob: f64, distribution: &dyn TimeDistribution) -> Known {
        self.wait_prob = Some(prob);
        self.wait = Some(Quantiles::of(distribution));
        self
    }

    fn responses(mut self, distribution: &dyn TimeDistribution) -> Known {
        self.response = Some(Quantiles::of(distribution));
        self
    }

    /// What follows from the rest: Little's law, and work over what can be worked.
    fn completed(mut self, model: &TheoryModel, capacity: Option<f64>) -> Known {
        self.capacity = capacity;
        self.load = model.arrivals.rate().zip(capacity).map(|(rate, capacity)| rate / capacity);
        let Some(throughput) = self.throughput else { return self };
        self.queue_mean = self.queue_mean.or(self.wait_mean.map(|wait| throughput * wait));
        self.in_system_mean =
            self.in_system_mean.or(self.response_mean.map(|response| throughput * response));
        let busy = self.in_system_mean.zip(self.queue_mean).map(|(all, waiting)| all - waiting);
        self.worker_utilisation =
            busy.zip(model.workers).map(|(busy, workers)| busy / workers as f64);
        self.core_utilisation = Some(throughput * model.cpu.mean() / model.cores);
        self
    }
}

fn unknown(model: &TheoryModel, capacity: Option<f64>, why: String) -> Known {
    Known::nothing(kendall(model), why).completed(model, capacity)
}

/// Why no candidate took a model.
fn obstacle(model: &TheoryModel) -> &'static str {
    let open = model.arrivals.rate().is_some() && model.is_endless();
    if model.has_gil() {
        "no closed form is known for threads under a GIL; only the capacity"
    } else if matches!(model.arrivals, Arrivals::Modulated { .. } | Arrivals::Batches { .. }) {
        "no closed form is known for arrivals in bursts with these distributions"
    } else if matches!(model.arrivals, Arrivals::Other { .. }) {
        "no closed form is known for arrivals that depend on each other here"
    } else if open && model.service().scv().is_infinite() {
        "no mean wait exists: the second moment of the service is infinite"
    } else if model.patience.is_some() {
        "no closed form is known for clients that leave, with these distributions"
    } else if !model.is_apart() && model.cpu.is_constant() && model.io.is_constant() {
        "no closed form is known for constant CPU and I/O on shared cores; workers that fall into \
         lock-step do not even reach the capacity"
    } else if !model.is_apart() {
        "no closed form is known for workers that share cores with these distributions"
    } else if model.backlog.is_some() {
        "no closed form is known for a bounded queue with these distributions"
    } else {
        "no closed form is known for these distributions"
    }
}

fn unstable(model: &TheoryModel, rate: f64, capacity: f64) -> Known {
    let mut known = Known::never_settles(kendall(model), rate, capacity);
    known.core_utilisation = Some(capacity * model.cpu.mean() / model.cores);
    // while some wait for a worker, all workers are busy
    known.worker_utilisation = model.workers.map(|_| 1.0);
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::RandomTime;
    use crate::theory::constant::Mdk;
    use crate::theory::renewal::Gimk;
    use crate::theory::transform::{Moments, Transform};

    fn exp(mean: f64) -> RandomTime {
        RandomTime::exponential(mean)
    }

    fn skewed() -> RandomTime {
        RandomTime::of_moments(Moments::from_scv(1.0, 4.0))
    }

    fn closed(clients: usize, think: RandomTime) -> Arrivals {
        Arrivals::Closed { clients, think }
    }

    /// A model of 3.2 requests a second, 4 workers, 4 cores, exponential CPU of 1 s, changed.
    fn with(change: impl Fn(&mut TheoryModel)) -> TheoryModel {
        let mut model = TheoryModel::open(3.2, exp(1.0), 4);
        change(&mut model);
        model
    }

    fn check(model: TheoryModel, name: &str, answer: &str, wait_mean: Option<f64>) {
        let got = known(&model);
        let said = format!("{:?}", got.answer);
        assert_eq!(got.name, name, "{got:?}");
        assert!(said.starts_with(answer), "{name}: {said}");
        match (got.wait_mean, wait_mean) {
            (Some(got), Some(expect)) => {
                assert!((got - expect).abs() <= 1e-3 * expect, "{name}: {got} {expect}");
            }
            (got, expect) => assert_eq!(got, expect, "{name}"),
        }
    }

    #[test]
    fn open_models() {
        check(with(|_| ()), "M/M/4", "Exact", Some(0.745_541));
        check(with(|m| m.backlog = Some(2_048)), "M/M/4", "Exact", Some(0.745_541));
        check(with(|m| m.backlog = Some(0)), "M/M/4/4", "Exact", Some(0.0));
        let constant = Mdk::new(3.2, 1.0, 4).unwrap().wait_mean();
        check(with(|m| m.cpu = RandomTime::constant(1.0)), "M/D/4", "Exact", Some(constant));
        check(with(|m| m.cpu = skewed()), "M/G/4", "Approximation", Some(0.745_541 * 2.5));
        check(with(|m| m.cores = 3.0), "M/M-PS3/4", "Unstable", None);
        check(with(|m| m.cores = 3.5), "M/M-PS3.5/4", "Exact", known(&half()).wait_mean);
        check(with(|m| (m.cpu, m.cores) = (skewed(), 3.5)), "M/G-PS3.5/4", "Unknown", None);
        check(with(|m| m.workers = None), "M/M-PS4/inf", "Exact", Some(0.0));
        let io_only = with(|m| (m.workers, m.cpu, m.io) = (None, RandomTime::none(), exp(2.0)));
        check(io_only, "M/M/inf", "Exact", Some(0.0));
        check(with(|m| m.backlog = Some(usize::MAX)), "M/M/4", "Exact", Some(0.745_541));
        check(with(|m| m.arrivals = Arrivals::Other { rate: 3.0 }), "G/M/4", "Unknown", None);
        let gap = RandomTime::constant(1.0 / 3.2);
        let wait = Gimk::new(&gap.transform().unwrap(), 1.0, 4).unwrap().wait_mean();
        let arrivals = Arrivals::Renewal { gap };
        check(with(|m| m.arrivals = arrivals.clone()), "D/M/4", "Exact", Some(wait));
    }

    fn half() -> TheoryModel {
        with(|m| m.cores = 3.5)
    }

    #[test]
    fn one_worker() {
        let one = |cpu: RandomTime| TheoryModel::open(0.8, cpu, 1);
        check(one(skewed()), "M/G/1", "Exact", Some(10.0));
        check(one(RandomTime::constant(1.0)), "M/D/1", "Exact", Some(2.0));
        let erlang = RandomTime::of_transform(Transform::erlang(2, 1.0).unwrap());
        let got = known(&one(erlang));
        assert!(got.wait.unwrap().p99 > got.wait.unwrap().p50);
        // half a core: a worker that takes twice as long
        let slow = TheoryModel { cores: 0.5, ..TheoryModel::open(0.4, skewed(), 1) };
        let got = known(&slow);
        assert!((got.wait_mean.unwrap() - 20.0).abs() < 1e-9, "{got:?}");
        assert!((got.core_utilisation.unwrap() - 0.8).abs() < 1e-12);
    }

    #[test]
    fn cpu_and_io() {
        let both = |m: &mut TheoryModel| {
            (m.arrivals, m.cpu, m.io, m.cores) =
                (Arrivals::Poisson { rate: 6.0 }, exp(0.1), exp(0.3), 1.0);
        };
        check(with(both), "M/(M-PS1+M)/4", "Exact", known(&with(both)).wait_mean);
        let finite = with(|m| {
            both(m);
            m.backlog = Some(4);
        });
        assert!(known(&finite).refused_share.unwrap() > 0.01);
        let unlimited = with(|m| {
            both(m);
            (m.workers, m.cpu) = (None, RandomTime::constant(0.1));
        });
        let got = known(&unlimited);
        assert!((got.response_mean.unwrap() - 0.55).abs() < 1e-12, "{got:?}");
        let gil = with(|m| {
            both(m);
            m.gil_threads = Some(2);
        });
        let got = known(&gil);
        assert!(matches!(&got.answer, Answer::Unknown { why } if why.contains("GIL")), "{got:?}");
        assert!(got.capacity.unwrap() < 10.0);
    }

    #[test]
    fn closed_models() {
        let of = |arrivals: &Arrivals| with(|m| m.arrivals = arrivals.clone());
        check(of(&closed(3, exp(1.0))), "M/M/4//3", "Exact", Some(0.0));
        check(of(&closed(8, exp(0.0))), "M/M/4//8", "Exact", Some(1.0));
        let mut story = of(&closed(8, RandomTime::none()));
        (story.cpu, story.cores) = (RandomTime::constant(3.0), 1.0);
        check(story, "D/D-PS1/4//8", "Exact", Some(12.0));
        let got = known(&of(&closed(40, exp(10.0))));
        assert!((got.load, got.refused_share) == (None, Some(0.0)) && got.wait.is_some());
        let mut general = of(&closed(3, exp(1.0)));
        (general.cpu, general.cores) = (skewed(), 1.0);
        check(general, "M/G-PS1/4//3", "Exact", Some(0.0));
    }

    #[test]
    fn impatient_models() {
        let of = |patience: RandomTime| with(|m| m.patience = Some(patience.clone()));
        let got = known(&of(exp(2.0)));
        // by the density of the offered wait (Zeltyn & Mandelbaum), integrated numerically
        let (wait, left) = (got.wait_mean.unwrap(), got.timed_out_share.unwrap());
        assert_eq!((got.name.as_str(), got.refused_share), ("M/M/4+M", Some(0.0)));
        assert!((wait - 0.169_308_8).abs() < 1e-6 && (left - 0.094_769_3).abs() < 1e-6, "{got:?}");
        check(of(RandomTime::constant(500.0)), "M/M/4+D", "Exact", Some(0.745_541));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let got = known(&with(|m| m.cores = 0.0));
        assert!(matches!(&got.answer, Answer::Unknown { why } if why.contains("cores is 0")));
        let got = known(&with(|m| m.workers = Some(0)));
        assert!(matches!(&got.answer, Answer::Unknown { why } if why.contains("workers is 0")));
        let got = known(&with(|m| m.arrivals = Arrivals::Poisson { rate: f64::NAN }));
        assert!(matches!(&got.answer, Answer::Unknown { why } if why.contains("rate is NaN")));
        let mut lattice = with(|m| (m.cpu, m.cores) = (RandomTime::constant(0.1), 1.0));
        lattice.io = RandomTime::constant(0.3);
        let got = known(&lattice);
        assert!(matches!(&got.answer, Answer::Unknown { why } if why.contains("lock-step")));
    }
}
