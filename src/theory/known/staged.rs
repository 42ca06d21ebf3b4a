//! Candidates that solve a Markov chain over the stages of the requests in service.

use super::conditions::poisson;
use super::{Known, kendall};
use crate::theory::model::{Arrivals, TheoryModel};
use crate::theory::network::{Network, RequestWalk, Steady};

/// Phases of exponential stages: the Markov chain over how many workers are in which.
fn staged(model: &TheoryModel) -> Option<Network> {
    if model.has_gil() {
        return None;
    }
    let phases = model.all_phases();
    let stages = phases.iter().map(|phase| Some((phase.on_cpu, phase.demand.stages()?)));
    let job = RequestWalk::of_phases(&stages.collect::<Option<Vec<_>>>()?);
    Network::new(job, model.workers?, model.cores).ok()
}

fn of_steady(model: &TheoryModel, steady: &Steady) -> Known {
    let mut known = Known::exact(
        kendall(model),
        "phases of exponential stages (Erlang, hyperexponential and their mixtures too), Poisson \
         arrivals or exponential think time",
        "matrix-geometric and direct solutions: Neuts 1981; Latouche & Ramaswami 1999",
    )
    .means(steady.throughput, steady.wait_mean(), steady.response_mean());
    known.refused_share = Some(steady.loss_prob);
    let Ok(distribution) = steady.wait_distribution() else {
        return Known { wait_prob: Some(steady.wait_prob), ..known };
    };
    // where requests do not slow each other down the service is independent of the wait
    let service = model.service().stages().filter(|_| model.is_apart());
    if let Some(response) = service.and_then(|stages| distribution.then(&stages)) {
        known = known.responses(&response);
    }
    known.waits(steady.wait_prob, &distribution)
}

pub(super) fn network(model: &TheoryModel) -> Option<Known> {
    let steady = staged(model)?.open(poisson(model)?).ok()?;
    Some(of_steady(model, &steady))
}

pub(super) fn network_finite(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Poisson { rate }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    let steady = staged(model)?.finite(*rate, model.backlog?).ok()?;
    Some(of_steady(model, &steady))
}

pub(super) fn closed_network(model: &TheoryModel) -> Option<Known> {
    let (Arrivals::Closed { clients, think }, None) = (&model.arrivals, &model.patience) else {
        return None;
    };
    if !think.is_exponential() {
        return None;
    }
    let steady = staged(model)?.closed(*clients, think.mean(), model.backlog).ok()?;
    Some(of_steady(model, &steady))
}
