//! What theory says of a cell: the model as far as theory can see it.

use super::plan::Settings;
use crate::law::{ArrivalLaw, Law};
use crate::model::{Backlog, Load, Model, PhaseKind};
use crate::theory::transform::Moments;
use crate::theory::{Answer, Arrivals, Demand, Known, TheoryModel, known};

/// Requests in service at once beyond which shared cores are not solved: the chain would take
/// longer than the simulation.
const LARGEST_CHAIN: u32 = 64;

/// What theory says of a steady state; `None` where it has nothing to say or would take long.
pub fn theory_of(model: &Model, settings: &Settings) -> Option<Known> {
    let server = model.server();
    if server.practice.is_some() {
        return None;
    }
    if model.contended() && server.slots() > LARGEST_CHAIN {
        return None;
    }
    let known = known(&seen_by_theory(model, settings)?);
    matches!(known.answer, Answer::Exact | Answer::Approximation { .. }).then_some(known)
}

/// The model in theory's terms: phases CPU, then I/O (or one of them).
fn seen_by_theory(model: &Model, settings: &Settings) -> Option<TheoryModel> {
    let server = model.server();
    let arrivals = match model.load() {
        Load::Trace(_) => return None,
        Load::Closed(closed) => {
            Arrivals::Closed { clients: closed.clients as usize, think: demand(&closed.think) }
        }
        Load::Open(open) => {
            let rate = open.rate.per_second();
            if open.arrivals.profile().is_some() {
                return None; // no steady state that formulas speak of
            }
            match open.arrivals {
                ArrivalLaw::Poisson => Arrivals::Poisson { rate },
                ArrivalLaw::Constant => Arrivals::Renewal { gap: Demand::constant(1.0 / rate) },
                _ => Arrivals::Other { rate },
            }
        }
    };
    let (cpu, io) = match model.phases() {
        [one] if one.kind == PhaseKind::Cpu => (demand(&one.demand), Demand::none()),
        [one] => (Demand::none(), demand(&one.demand)),
        [cpu, io] if cpu.kind == PhaseKind::Cpu && io.kind == PhaseKind::Io => {
            (demand(&cpu.demand), demand(&io.demand))
        }
        _ => return None,
    };
    let backlog = match server.backlog {
        Backlog::Places(places) if settings.backlog_asked => Some(usize::try_from(places).ok()?),
        _ => None,
    };
    Some(TheoryModel {
        arrivals,
        cpu,
        io,
        workers: Some(server.slots() as usize),
        cores: server.cores.as_f64(),
        backlog,
        patience: server.patience.as_ref().map(demand),
        gil_threads: server.lock_matters().then_some(server.threads as usize),
    })
}

fn demand(law: &Law) -> Demand {
    if let Some(span) = law.constant() {
        return Demand::constant(span.as_secs_f64());
    }
    let mean = law.mean();
    if let Law::Exponential { .. } = law {
        return Demand::exponential(mean);
    }
    let third = Some(law.moment(3)).filter(|moment| moment.is_finite());
    Demand::of_moments(Moments { mean, second: law.moment(2), third })
}
