//! The candidates: each says what it knows of a model, or `None` where its condition does not hold.

use super::closed::{closed_unlimited, machine_repair, never_thinking};
use super::conditions::{of_bounded, of_service, open, poisson, workers_apart};
use super::staged::{closed_network, network, network_finite};
use super::{Answer, Known, Quantiles, kendall};
use crate::theory::approx::{TwoMoments, allen_cunneen, kramer_langenbach_belz};
use crate::theory::bursty::{BurstyQueue, batch_wait_one_worker};
use crate::theory::constant::Mdk;
use crate::theory::erlang::Mmk;
use crate::theory::finite::{BirthDeathQueue, Loss};
use crate::theory::model::{Arrivals, TheoryModel};
use crate::theory::numeric::poisson_weights;
use crate::theory::patience::{ErlangA, FixedPatience};
use crate::theory::positive;
use crate::theory::renewal::Gimk;
use crate::theory::sharing::SharedCores;
use crate::theory::single::{Inverted, Mg1};

pub(super) type Formula = fn(&TheoryModel) -> Option<Known>;

/// Tried in this order; what applies to more models stands behind what says more.
pub(super) const CANDIDATES: [Formula; 18] = [
    never_thinking,
    machine_repair,
    closed_unlimited,
    closed_network,
    patient,
    loss,
    exponential,
    constant,
    single,
    renewal,
    bursts,
    bursts_of_any_service,
    shared_cores,
    network,
    unlimited_workers,
    exponential_finite,
    network_finite,
    two_moments,
];

fn exponential(model: &TheoryModel) -> Option<Known> {
    let (rate, workers) = (poisson(model)?, workers_apart(model)?);
    let service = model.service();
    let queue = Mmk::new(rate, service.mean(), workers).ok()?;
    service.is_exponential().then(|| {
        Known::exact(
            kendall(model),
            "Poisson arrivals, exponential service, a core for every worker",
            "Erlang 1917; Cooper, Introduction to Queueing Theory 2e (1981), ch. 3",
        )
        .means(rate, queue.wait_mean(), queue.response_mean())
        .waits(queue.wait_prob(), &queue.wait_distribution())
        .responses(&queue.response_distribution())
    })
}

fn constant(model: &TheoryModel) -> Option<Known> {
    let (rate, workers) = (poisson(model)?, workers_apart(model)?);
    let service = model.service();
    if !service.is_constant() {
        return None;
    }
    let queue = Mdk::new(rate, service.mean(), workers).ok()?;
    let mut known = Known::exact(
        kendall(model),
        "Poisson arrivals, constant service, a core for every worker",
        "Crommelin 1932; Franx (2001), Operations Research Letters 29:221",
    )
    .means(rate, queue.wait_mean(), queue.response_mean())
    .waits(queue.wait_prob(), &queue);
    known.response = Some(Quantiles::from_fn(|p| queue.response_quantile(p)));
    Some(known)
}

fn single(model: &TheoryModel) -> Option<Known> {
    let (rate, workers) = (poisson(model)?, workers_apart(model)?);
    if workers != 1 {
        return None;
    }
    let service = model.service();
    let queue = Mg1::new(rate, service.moments()).ok()?;
    let mut known = Known::exact(
        kendall(model),
        "Poisson arrivals, one worker",
        "Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing Systems I (1975), ch. 5",
    )
    .means(rate, queue.wait_mean().ok()?, queue.response_mean().ok()?);
    known.wait_prob = Some(queue.utilisation());
    if let Some(transform) = service.transform()
        && let Ok(wait) = Inverted::wait(rate, &transform)
        && let Ok(response) = Inverted::response(rate, &transform)
    {
        known = known.waits(queue.utilisation(), &wait).responses(&response);
    }
    Some(known)
}

fn renewal(model: &TheoryModel) -> Option<Known> {
    let (rate, workers) = (open(model)?, workers_apart(model)?);
    let Arrivals::Renewal { gap } = &model.arrivals else { return None };
    let service = model.service();
    if !service.is_exponential() {
        return None;
    }
    let queue = Gimk::new(&gap.transform()?, service.mean(), workers).ok()?;
    Some(
        Known::exact(
            kendall(model),
            "independent gaps between arrivals, exponential service, a core for every worker",
            "Takács, Introduction to the Theory of Queues (1962), ch. 2",
        )
        .means(rate, queue.wait_mean(), queue.response_mean())
        .waits(queue.wait_prob(), &queue.wait_distribution())
        .responses(&queue.response_distribution()),
    )
}

fn bursts(model: &TheoryModel) -> Option<Known> {
    let (workers, service) = (open(model).and(workers_apart(model))?, model.service());
    if !service.is_exponential() {
        return None;
    }
    let (queue, source) = match &model.arrivals {
        Arrivals::Modulated { rates, switch, .. } => (
            BurstyQueue::modulated(rates, switch, service.mean(), workers).ok()?,
            "Neuts, Matrix-Geometric Solutions in Stochastic Models (1981), ch. 5; Fischer & \
             Meier-Hellstern (1993), Performance Evaluation 18:149",
        ),
        Arrivals::Batches { batch_rate, sizes } => (
            BurstyQueue::batches(*batch_rate, sizes, service.mean(), workers).ok()?,
            "Chaudhry & Templeton, A First Course in Bulk Queues (1983); Burke (1975), Operations \
             Research 23:830",
        ),
        _ => return None,
    };
    Some(
        Known::exact(
            kendall(model),
            "arrivals in bursts, exponential service, a core for every worker",
            source,
        )
        .means(queue.rate(), queue.wait_mean(), queue.response_mean())
        .waits(queue.wait_prob(), &queue.wait_distribution())
        .responses(&queue.response_distribution()),
    )
}

/// M^X/G/1 by its moments.
fn bursts_of_any_service(model: &TheoryModel) -> Option<Known> {
    let rate = open(model).filter(|_| workers_apart(model) == Some(1))?;
    let Arrivals::Batches { batch_rate, sizes } = &model.arrivals else { return None };
    let service = model.service();
    let wait = batch_wait_one_worker(*batch_rate, sizes, service.moments()).ok()?;
    Some(
        Known::exact(
            kendall(model),
            "Poisson batches, one worker; any distribution of the service",
            "Burke (1975), Operations Research 23:830",
        )
        .means(rate, wait, wait + service.mean()),
    )
}

/// Whether there are as good as always more workers than requests: fewer than one arrival in 10^9
/// finds all of them busy (the cores and the I/O of M/G/inf are asked each for its half).
fn never_all_busy(model: &TheoryModel, rate: f64) -> bool {
    let Some(workers) = model.workers else { return true };
    let on_cpu = if model.cpu.is_none() {
        Some(0)
    } else {
        let cores = SharedCores::new(rate, model.cpu.mean(), model.cores, None).ok();
        cores.map(|cores| cores.in_system_quantile(1.0 - 5e-10))
    };
    let mean = rate * model.io.mean();
    let in_io = if mean > 1e6 { None } else { poisson_quantile(mean, 1.0 - 5e-10) };
    on_cpu.zip(in_io).is_some_and(|(cpu, io)| cpu.saturating_add(io) < workers)
}

/// The least n with P(a Poisson number of this mean <= n) >= p.
fn poisson_quantile(mean: f64, p: f64) -> Option<usize> {
    let (first, weights) = poisson_weights(mean);
    let mut sum = 0.0;
    (first..).zip(weights).find_map(|(n, weight)| {
        sum += weight;
        (sum >= p).then_some(n)
    })
}

fn unlimited_workers(model: &TheoryModel) -> Option<Known> {
    let rate = poisson(model).filter(|rate| never_all_busy(model, *rate))?;
    if model.cpu.is_none() {
        return nobody_waits(model, rate);
    }
    let cores = SharedCores::new(rate, model.cpu.mean(), model.cores, None).ok()?;
    let response = cores.response_mean() + model.io.mean();
    let mut known = Known::exact(
        kendall(model),
        "Poisson arrivals, workers practically never all busy; any distributions of CPU and I/O",
        "Baskett, Chandy, Muntz & Palacios (1975), J. ACM 22:248; Cohen (1979)",
    )
    .means(rate, 0.0, response)
    .waits(0.0, &cores.wait_distribution());
    if model.io.is_none() && model.cpu.is_exponential() {
        known.response =
            cores.response_distribution().ok().map(|distribution| Quantiles::of(&distribution));
    }
    Some(known)
}

/// M/G/inf: the response is the service.
fn nobody_waits(model: &TheoryModel, rate: f64) -> Option<Known> {
    let service = model.service();
    let mut known = Known::exact(
        kendall(model),
        "Poisson arrivals, workers practically never all busy, no CPU; any distribution of the I/O",
        "Kleinrock, Queueing Systems I (1975), ch. 3",
    )
    .means(rate, 0.0, positive("the service", service.mean()).ok()?);
    known.wait_prob = Some(0.0);
    known.wait = Some(Quantiles::from_fn(|_| 0.0));
    known.response = of_service(&service);
    Some(known)
}

fn shared_cores(model: &TheoryModel) -> Option<Known> {
    let (rate, workers) = (poisson(model)?, model.workers?);
    if !(model.io.is_none() && model.cpu.is_exponential()) {
        return None;
    }
    let queue = SharedCores::new(rate, model.cpu.mean(), model.cores, Some(workers)).ok()?;
    let mut known = Known::exact(
        kendall(model),
        "Poisson arrivals, exponential CPU, no I/O; workers share the cores",
        "limited processor sharing: Avi-Itzhak & Halfin (1988), ITC 12",
    )
    .means(rate, queue.wait_mean(), queue.response_mean())
    .waits(queue.wait_prob(), &queue.wait_distribution());
    known.response =
        queue.response_distribution().ok().map(|distribution| Quantiles::of(&distribution));
    Some(known)
}

fn loss(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Poisson { rate }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let workers = workers_apart(model).filter(|_| model.backlog == Some(0))?;
    let service = model.service();
    let queue = Loss::new(*rate, service.mean(), workers).ok()?;
    let mut known = Known::exact(
        kendall(model),
        "Poisson arrivals, no queue, a core for every worker; any distribution of the service",
        "Erlang B; Sevastyanov 1957",
    )
    .means(queue.throughput(), 0.0, service.mean());
    known.refused_share = Some(queue.loss_prob());
    known.wait_prob = Some(0.0);
    known.wait = Some(Quantiles::from_fn(|_| 0.0));
    known.response = of_service(&service);
    Some(known)
}

fn exponential_finite(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Poisson { rate }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let (workers, service) = (workers_apart(model)?, model.service());
    let places = workers.saturating_add(model.backlog?);
    let queue = BirthDeathQueue::mmkk(*rate, service.mean(), workers, places).ok()?;
    let condition = "Poisson arrivals, exponential service, a core for every worker, finite queue";
    service.is_exponential().then(|| of_bounded(model, condition, &queue))
}

fn patient(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Poisson { rate }, Some(patience)) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let (workers, service) = (workers_apart(model)?, model.service());
    if !service.is_exponential() || model.backlog.is_some() {
        return None;
    }
    let known = Known::exact(
        kendall(model),
        "Poisson arrivals, exponential service, exponential or constant patience, a core for every \
         worker, unlimited queue; waits and responses are those of the served",
        "Zeltyn & Mandelbaum (2005), Queueing Systems 51:361",
    );
    if patience.is_exponential() {
        let queue = ErlangA::new(*rate, service.mean(), workers, patience.mean()).ok()?;
        let wait = queue.wait_mean_served();
        return Some(Known {
            timed_out_share: Some(queue.abandon_prob()),
            wait_prob: Some(queue.wait_prob()),
            queue_mean: Some(queue.mean_queue()),
            in_system_mean: Some(queue.mean_in_system()),
            ..known.means(queue.throughput(), wait, wait + service.mean())
        });
    }
    let queue = FixedPatience::new(*rate, service.mean(), workers, patience.mean()).ok()?;
    let wait = queue.wait_mean_served();
    let waiting = rate * queue.wait_mean_all();
    let known = known.means(queue.throughput(), wait, wait + service.mean());
    patience.is_constant().then(|| Known {
        timed_out_share: Some(queue.abandon_prob()),
        queue_mean: Some(waiting),
        in_system_mean: Some(waiting + queue.throughput() * service.mean()),
        ..known.waits(queue.wait_prob(), &queue)
    })
}

/// The rule of thumb, where nothing better applies.
fn two_moments(model: &TheoryModel) -> Option<Known> {
    let (rate, workers) = (open(model)?, workers_apart(model)?);
    let arrival_scv = match &model.arrivals {
        Arrivals::Poisson { .. } => 1.0,
        Arrivals::Renewal { gap } => gap.scv(),
        _ => return None,
    };
    let service = model.service();
    let (service_mean, service_scv) = (service.mean(), service.scv());
    let inputs = TwoMoments { rate, arrival_scv, service_mean, service_scv, workers };
    let estimate = match arrival_scv {
        1.0 => allen_cunneen(inputs).ok()?,
        _ => kramer_langenbach_belz(inputs).ok()?,
    };
    let mut known = Known::exact(
        kendall(model),
        "independent gaps between arrivals, a core for every worker, unlimited queue",
        estimate.source,
    )
    .means(rate, estimate.value, estimate.value + service_mean);
    known.answer = Answer::Approximation { error: estimate.error };
    Some(known)
}
