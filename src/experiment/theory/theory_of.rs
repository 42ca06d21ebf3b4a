//! What theory says of a cell: the model as far as theory can see it.

use super::distributions::{arrivals, demand};
use super::{hosts, routes};
use crate::distribution::Distribution;
use crate::experiment::plan::{Length, Settings};
use crate::experiment::result::row::{Measure, Theory, TheoryKind};
use crate::experiment::run::stability;
use crate::model::{Backlog, Closed, Load, Model, PhaseKind};
use crate::theory::burst::drain;
use crate::theory::known::kendall;
use crate::theory::{Answer, Arrivals, Known, Quantiles, RandomTime, TheoryModel, known};

/// What theory says of a cell: measures, or why there are none.
pub fn theory_of(model: &Model, settings: &Settings) -> Known {
    let seen = seen_by_theory(model, settings);
    let parts = hosts::parts(model, seen.as_ref());
    let name = match &parts {
        Ok(Some(parts)) => parts.name(),
        Err(_) if model.server().hosts() > 1 => format!("{} hosts", model.server().hosts()),
        _ => match (&seen, model.load()) {
            (Some(seen), _) => kendall(seen),
            (None, Load::Trace(_)) => "replay".to_owned(),
            (None, _) => "arrivals by the clock".to_owned(),
        },
    };
    let nothing = |why: &str| Known::nothing(name.clone(), why.to_owned());
    if let Some(overload) = stability::overload(model, settings) {
        return Known::never_settles(name, overload.offered, overload.capacity.per_second);
    }
    if !model.random() {
        return nothing("nothing is random: the simulation itself is exact");
    }
    match parts {
        Err(why) => return nothing(why),
        Ok(Some(_)) if settings.length == Length::Story => {
            return nothing("no closed form is known for this finite story of real servers");
        }
        Ok(Some(parts)) => return parts.known(),
        Ok(None) => {}
    }
    let several =
        || nothing("no closed form is known for routes of several phases on shared cores");
    match seen {
        Some(_) if !routes::seen(model) => several(),
        Some(_) if settings.length == Length::Story => story(model).unwrap_or_else(|| {
            nothing(
                "no closed form is known for this finite story: formulas cover steady states, and \
                 exponential requests that all arrive at once",
            )
        }),
        Some(seen) => routes::told(model, &seen, known(&seen)),
        None if matches!(model.load(), Load::Trace(_)) => {
            nothing("no closed form is known for recorded requests")
        }
        None => nothing("no closed form is known for a rate that changes with time"),
    }
}

/// The name of a steady state in Kendall's notation (Kendall 1953, "Stochastic processes occurring in
/// the theory of queues"): arrivals, service, workers, then places and clients where they are finite.
/// `None` for a trace, for clients that do not think, and for servers with a runtime.
pub fn name(model: &Model, settings: &Settings) -> Option<String> {
    match model.load() {
        _ if model.server().runtime.is_some() => None,
        Load::Closed(closed) if closed.think.is_zero() => None,
        Load::Open(open) if open.arrivals.profile().is_some() => {
            let rate = open.rate.per_second();
            let poisson = seen_with(model, settings, Arrivals::Poisson { rate });
            // The same with a rate that goes by the clock.
            kendall(&poisson).strip_prefix('M').map(|rest| format!("M_t{rest}"))
        }
        _ => seen_by_theory(model, settings).map(|seen| kendall(&seen)),
    }
}

/// The value of a measure by theory, if it is known.
pub fn value(known: &Known, measure: Measure) -> Option<f64> {
    let wait = |of: fn(Quantiles) -> f64| known.wait.map(of);
    let response = |of: fn(Quantiles) -> f64| known.response.map(of);
    let value = match measure {
        Measure::Throughput => known.throughput,
        Measure::WaitMean => known.wait_mean,
        Measure::WaitP50 => wait(|q| q.p50),
        Measure::WaitP90 => wait(|q| q.p90),
        Measure::WaitP95 => wait(|q| q.p95),
        Measure::WaitP99 => wait(|q| q.p99),
        Measure::WaitProb => known.wait_prob,
        Measure::ResponseMean => known.response_mean,
        Measure::ResponseP50 => response(|q| q.p50),
        Measure::ResponseP90 => response(|q| q.p90),
        Measure::ResponseP95 => response(|q| q.p95),
        Measure::ResponseP99 => response(|q| q.p99),
        Measure::ResponseP999 => response(|q| q.p999),
        Measure::RefusedShare => known.refused_share,
        Measure::TimedOutShare => known.timed_out_share,
        Measure::WorkerUtilisation => known.worker_utilisation,
        Measure::CoreUtilisation => known.core_utilisation,
        Measure::QueueMean => known.queue_mean,
        Measure::InSystemMean => known.in_system_mean,
        Measure::Makespan => known.makespan_mean,
        _ => None,
    };
    value.filter(|value| value.is_finite())
}

/// Mean waiting and response time of each route, where they are known exactly.
pub fn of_routes(model: &Model, settings: &Settings, known: &Known) -> Vec<Option<(f64, f64)>> {
    if model.routes().is_empty() {
        return Vec::new();
    }
    routes::means(model, seen_by_theory(model, settings).as_ref(), known)
}

/// What kind of answer it is.
pub const fn kind(known: &Known) -> TheoryKind {
    match known.answer {
        Answer::Exact => TheoryKind::Exact,
        Answer::Approximation { .. } => TheoryKind::Approximation,
        Answer::Unstable => TheoryKind::Unstable,
        Answer::Unknown { .. } => TheoryKind::None,
    }
}

/// The value of a measure where it is known exactly.
pub fn exact(known: &Known, measure: Measure) -> Option<f64> {
    value(known, measure).filter(|_| known.answer == Answer::Exact)
}

/// What a row of results tells of theory.
pub fn columns(known: Option<&Known>) -> Theory {
    let of = |measure| known.and_then(|known| exact(known, measure));
    Theory { kind: known.map(kind), values: Theory::MEASURES.map(of) }
}

/// The model in theory's terms; `None` for a replay.
fn seen_by_theory(model: &Model, settings: &Settings) -> Option<TheoryModel> {
    let arrivals = match model.load() {
        Load::Trace(_) => return None,
        Load::Closed(closed) if closed.ramp.is_some() => return None,
        Load::Closed(closed) => {
            Arrivals::Closed { clients: closed.clients as usize, think: demand(&closed.think) }
        }
        Load::Open(open) if open.arrivals.profile().is_some() => {
            return None; // no steady state that formulas speak of
        }
        Load::Open(open) => arrivals(&open.arrivals, open.rate.per_second()),
    };
    Some(seen_with(model, settings, arrivals))
}

/// The model as theory sees it, with such arrivals.
fn seen_with(model: &Model, settings: &Settings, arrivals: Arrivals) -> TheoryModel {
    let server = model.server();
    let backlog = match server.backlog {
        Backlog::Places(places) if settings.backlog_asked => {
            Some(usize::try_from(places).unwrap_or(usize::MAX))
        }
        _ => None,
    };
    let phases = routes::phases(model);
    let seen = TheoryModel {
        arrivals,
        cpu: RandomTime::none(),
        io: RandomTime::none(),
        phases: Vec::new(),
        workers: Some(server.slots() as usize),
        cores: server.cores.as_f64(),
        backlog,
        patience: server.patience.as_ref().map(demand),
        gil_threads: server.lock_matters().then_some(server.threads as usize),
    };
    seen.with_phases(phases)
}

/// Clients that each send one exponential request at the same instant.
fn story(model: &Model) -> Option<Known> {
    let server = model.server();
    let Load::Closed(Closed { clients, requests: Some(1), .. }) = model.load() else { return None };
    let ([phase], None) = (model.phases(), &server.patience) else { return None };
    let Distribution::Exponential { .. } = phase.demand else { return None };
    let slots = f64::from(server.slots());
    let on_cpu = phase.kind == PhaseKind::Cpu;
    let room = match server.backlog {
        Backlog::Places(places) => places.saturating_add(u64::from(server.slots())),
        Backlog::Unlimited => u64::MAX,
    };
    if (on_cpu && server.lock_matters()) || u64::from(*clients) > room {
        return None;
    }
    let at_once = if on_cpu { slots.min(server.cores.as_f64()) } else { slots };
    let got = drain(*clients as usize, at_once, phase.demand.mean()).ok()?;
    let mut known = Known::nothing(format!("{clients} at once/M/{slots}"), String::new());
    known.answer = Answer::Exact;
    known.condition = "exponential requests that all arrive at once, and no others";
    known.source = "sums of exponential times: Rényi 1953";
    known.response_mean = Some(got.response_mean);
    known.makespan_mean = Some(got.makespan_mean);
    Some(known)
}
