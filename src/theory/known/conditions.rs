//! Conditions that several candidates share, and answers for whole classes of queues.

use super::{Known, Quantiles, kendall};
use crate::theory::finite::BirthDeathQueue;
use crate::theory::model::{Arrivals, RandomTime, TheoryModel};

/// An open model whose queue is, or is as good as, unlimited, and without a GIL: its rate.
pub(super) fn open(model: &TheoryModel) -> Option<f64> {
    let plain = model.patience.is_none() && !model.has_gil() && model.is_endless();
    model.arrivals.rate().filter(|_| plain)
}

/// The rate, if arrivals are Poisson and [`open`].
pub(super) fn poisson(model: &TheoryModel) -> Option<f64> {
    let exponential = match &model.arrivals {
        Arrivals::Poisson { .. } => true,
        Arrivals::Renewal { gap } => gap.is_exponential(),
        _ => false,
    };
    open(model).filter(|_| exponential)
}

/// The number of workers, if they do not slow each other down.
pub(super) fn workers_apart(model: &TheoryModel) -> Option<usize> {
    model.workers.filter(|_| model.is_apart())
}

/// The quantiles of the response where nobody waits.
pub(super) fn of_service(service: &RandomTime) -> Option<Quantiles> {
    if service.is_exponential() {
        return Some(Quantiles::from_fn(|p| -(1.0 - p).ln() * service.mean()));
    }
    service.is_constant().then(|| Quantiles::from_fn(|_| service.mean()))
}

pub(super) fn of_bounded(
    model: &TheoryModel,
    condition: &'static str,
    queue: &BirthDeathQueue,
) -> Known {
    let mut known = Known::exact(
        kendall(model),
        condition,
        "Shortle, Thompson, Gross & Harris, Fundamentals of Queueing Theory 5e (2018), ch. 3",
    )
    .means(queue.throughput(), queue.wait_mean(), queue.response_mean())
    .waits(queue.wait_prob(), &queue.wait_distribution())
    .responses(&queue.response_distribution());
    known.refused_share = Some(queue.loss_prob());
    known
}
