//! Candidates for closed clients.

use super::conditions::{of_bounded, of_service, workers_apart};
use super::{Known, Quantiles, kendall};
use crate::theory::capacity::lattice_capacity;
use crate::theory::closed::closed_clients;
use crate::theory::finite::BirthDeathQueue;
use crate::theory::model::{Arrivals, RandomTime, TheoryModel};

pub(super) fn machine_repair(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Closed { clients, think }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let (workers, service) = (workers_apart(model)?, model.service());
    let refuses = model.backlog.is_some_and(|backlog| workers.saturating_add(backlog) < *clients);
    if !service.is_exponential() || (refuses && !think.is_exponential()) {
        return None;
    }
    let places = if refuses { workers + model.backlog? } else { workers.max(*clients) };
    let queue =
        BirthDeathQueue::closed_finite(*clients, think.mean(), service.mean(), workers, places);
    let condition = "closed clients, exponential service, a core for every worker";
    Some(of_bounded(model, condition, &queue.ok()?))
}

pub(super) fn closed_unlimited(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Closed { clients, think }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let all_constant = think.is_constant() && model.service().is_constant();
    if model.has_gil() || all_constant || model.workers.is_some_and(|workers| workers < *clients) {
        return None;
    }
    let (cpu, io) = (model.cpu.mean(), model.io.mean());
    let got = closed_clients(*clients, think.mean(), model.cores, cpu, io).ok()?;
    let mut known = Known::exact(
        kendall(model),
        "closed clients, a worker for every client; any distributions, not all constant",
        "Baskett, Chandy, Muntz & Palacios (1975), J. ACM 22:248; Reiser & Lavenberg (1980)",
    )
    .means(got.throughput, 0.0, got.response_mean);
    known.wait_prob = Some(0.0);
    known.wait = Some(Quantiles::from_fn(|_| 0.0));
    if model.is_apart() {
        known.response = of_service(&model.service());
    }
    Some(known)
}

/// Clients that never think keep all workers busy: the throughput is the capacity.
pub(super) fn never_thinking(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Closed { clients, think }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let at_once = model.at_once()?;
    let fits = model.backlog.is_none_or(|backlog| at_once.saturating_add(backlog) >= *clients);
    if !think.is_none() || !fits {
        return None;
    }
    let service = model.service();
    let exponential = |demand: &RandomTime| demand.is_none() || demand.is_exponential();
    let chain = model.phases.is_empty() && exponential(&model.cpu) && exponential(&model.io);
    if model.has_gil() && !chain {
        return None;
    }
    let throughput = if service.is_constant() {
        let (cpu, io) = (model.cpu.mean(), model.io.mean());
        lattice_capacity(at_once, model.cores, cpu, io).ok()?
    } else {
        TheoryModel { workers: Some(at_once), ..model.clone() }.capacity().ok()??
    };
    let (all, busy) = (*clients as f64, at_once as f64);
    Some(
        Known::exact(
            kendall(model),
            "clients that never think, so that the workers are always busy; any distributions (threads \
             under a GIL: exponential)",
            "G(N-1)/G(N): Buzen (1973), Comm. ACM 16:527; Little's law",
        )
        .means(throughput, (all - busy) / throughput, all / throughput),
    )
}
