//! What theory says of several routes, and of other disciplines than first come, first served.

use super::distributions::demand;
use crate::model::{Discipline, Load, Model, PhaseKind, Route};
use crate::theory::{Answer, Known, RandomTime, RequestPhase, TheoryModel, priority};

/// The phases of a model in theory's terms: those of every request; of several routes one, the mixture
/// of their demands.
pub(super) fn phases(model: &Model) -> Vec<RequestPhase> {
    let phase = |phase: &crate::model::Phase| RequestPhase {
        on_cpu: phase.kind == PhaseKind::Cpu,
        demand: demand(&phase.demand),
    };
    let routes = model.routes();
    if routes.is_empty() {
        return model.phases().iter().map(phase).collect();
    }
    let parts = routes.iter().map(|route| (route.share, service(route))).collect();
    vec![RequestPhase { on_cpu: model.contended(), demand: RandomTime::mixture(parts) }]
}

/// Whether these phases are all there is to know: not where routes of several phases share cores.
pub(super) fn seen(model: &Model) -> bool {
    let one = |route: &Route| matches!(&route.phases[..], [one] if one.kind == PhaseKind::Cpu);
    !model.contended() || model.routes().iter().all(one)
}

/// The time for which a request of a route holds a worker with a core.
fn service(route: &Route) -> RandomTime {
    let demands = route.phases.iter().map(|phase| demand(&phase.demand));
    demands.fold(RandomTime::none(), |sum, demand| sum.plus(&demand))
}

/// What is known of a model beside what is known of it without its routes and its discipline.
pub(super) fn told(model: &Model, seen: &TheoryModel, mut known: Known) -> Known {
    let server = model.server();
    if !model.routes().is_empty() {
        let cpu = known.throughput.map(|rate| rate * model.mean_demand().0);
        known.core_utilisation = cpu.map(|busy| busy / server.cores.as_f64());
    }
    if server.discipline == Discipline::Fifo {
        return known;
    }
    let name = format!("{}, {}", known.name, server.discipline);
    let alike = match server.discipline {
        Discipline::Lifo => true,
        // It may look at demands.
        Discipline::Own(_) => false,
        Discipline::Fifo | Discipline::Priority => alike(model),
    };
    if server.patience.is_some() || !alike && known.answer != Answer::Unstable {
        return match by_priority(model, seen, &known) {
            Some(waits) => Known { name, ..with_waits(model, known, &waits) },
            None => Known::nothing(
                name,
                format!("no closed form is known for --queue {} here", server.discipline),
            ),
        };
    }
    // Which request is next does not change how many are inside, where it is chosen without looking
    // at demands (Kleinrock, Queueing Systems II (1976), 3.4): means stay, by Little's law, but the
    // spread of the times is another.
    (known.wait, known.response) = (None, None);
    Known { name, ..known }
}

/// Whether the requests of all routes ask for the same.
fn alike(model: &Model) -> bool {
    let routes = model.routes();
    routes.iter().all(|route| route.phases == routes[0].phases)
}

/// Means of all requests by those of the routes.
fn with_waits(model: &Model, mut known: Known, waits: &[f64]) -> Known {
    let mean = model.routes().iter().zip(waits).map(|(route, wait)| route.share * wait).sum();
    let (cpu, io) = model.mean_demand();
    known.source = "Cobham 1954, Operations Research 2:70";
    known.wait_mean = Some(mean);
    known.response_mean = Some(mean + cpu + io);
    known.queue_mean = known.throughput.map(|rate| rate * mean);
    known.in_system_mean = known.throughput.map(|rate| rate * (mean + cpu + io));
    (known.wait, known.response) = (None, None);
    known
}

/// Mean waiting times of the routes of a priority queue, where they are known.
fn by_priority(model: &Model, seen: &TheoryModel, known: &Known) -> Option<Vec<f64>> {
    let server = model.server();
    let Load::Open(open) = model.load() else { return None };
    let ours = server.discipline == Discipline::Priority && server.patience.is_none();
    if !ours || seen.backlog.is_some() || !is_poisson(model) || model.contended() {
        return None;
    }
    let (rate, workers) = (open.rate.per_second(), f64::from(server.slots()));
    let routes = model.routes();
    let all = seen.service();
    let residual = match server.slots() {
        1 => rate * all.moments().second / 2.0,
        _ if all.is_exponential() => known.wait_prob? * all.mean() / workers,
        _ => return None,
    };
    let mut priorities: Vec<u16> = routes.iter().map(|route| route.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let load = |priority: &u16| {
        let of = routes.iter().filter(|route| route.priority == *priority);
        of.map(|route| route.share * rate * service(route).mean() / workers).sum()
    };
    let loads: Vec<f64> = priorities.iter().map(load).collect();
    let waits = priority::waits(residual, &loads).ok()?;
    let of = |route: &Route| waits[priorities.partition_point(|one| *one < route.priority)];
    Some(routes.iter().map(of).collect())
}

fn is_poisson(model: &Model) -> bool {
    let Load::Open(open) = model.load() else { return false };
    matches!(open.arrivals, crate::distribution::ArrivalProcess::Poisson)
}

/// Mean waiting and response time of each route, where they are known exactly: without priorities
/// every route waits alike (Poisson arrivals see time averages: Wolff 1982, Operations Research 30).
pub(crate) fn means(
    model: &Model,
    seen: Option<&TheoryModel>,
    known: &Known,
) -> Vec<Option<(f64, f64)>> {
    let routes = model.routes();
    let unknown = || routes.iter().map(|_| None).collect();
    let (Some(seen), Answer::Exact) = (seen, &known.answer) else { return unknown() };
    let server = model.server();
    let lossless = server.patience.is_none() && seen.backlog.is_none();
    if !lossless || !is_poisson(model) || model.contended() || server.runtime.is_some() {
        return unknown();
    }
    let waits = match server.discipline {
        Discipline::Priority => by_priority(model, seen, known),
        Discipline::Own(_) => None,
        Discipline::Fifo | Discipline::Lifo => {
            known.wait_mean.map(|wait| routes.iter().map(|_| wait).collect())
        }
    };
    let Some(waits) = waits else { return unknown() };
    let one = |(route, wait): (&Route, f64)| Some((wait, wait + service(route).mean()));
    routes.iter().zip(waits).map(one).collect()
}
