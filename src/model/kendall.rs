//! Kendall's notation (Kendall 1953, "Stochastic processes occurring in the theory of queues"):
//! arrivals / service / workers, then places and clients where they are finite.

use super::{Backlog, Load, Model};
use crate::distribution::{ArrivalProcess, Distribution};

/// The letter of a distribution: M (exponential), D (constant), E (Erlang), H (hyperexponential),
/// else G.
fn letter(distribution: &Distribution) -> String {
    match distribution {
        distribution if distribution.constant().is_some() => "D".to_owned(),
        Distribution::Exponential { .. } => "M".to_owned(),
        Distribution::Erlang { k, .. } => format!("E{k}"),
        Distribution::HyperExponential { .. } => "H2".to_owned(),
        _ => "G".to_owned(),
    }
}

fn arrivals(distribution: &ArrivalProcess) -> &'static str {
    match distribution {
        ArrivalProcess::Poisson => "M",
        distribution if distribution.is_constant() => "D",
        ArrivalProcess::Modulated(_) => "MMPP",
        ArrivalProcess::OnOff { .. } => "IPP",
        ArrivalProcess::Batch(_) => "M^X",
        ArrivalProcess::Profile(_) => "M_t",
        _ => "GI",
    }
}

/// The model in Kendall's notation: `M/M/4`, `M/G/4/14` (places in all), `M/D/2//10` (clients);
/// `-PS8` where the workers share so many cores, `+M` where clients leave the queue. `None` for a
/// trace, for clients that do not think, and for real servers.
pub fn kendall(model: &Model, finite_backlog: bool) -> Option<String> {
    let server = model.server();
    if server.runtime.is_some() {
        return None;
    }
    let service = match model.phases() {
        [phase] => letter(&phase.demand),
        _ => "G".to_owned(),
    };
    let slots = server.slots();
    let sharing =
        if model.contended() { format!("-PS{}", server.cores.as_f64()) } else { String::new() };
    let leaving = server.patience.as_ref().map(|distribution| format!("+{}", letter(distribution)));
    let leaving = leaving.unwrap_or_default();
    match model.load() {
        Load::Trace(_) => None,
        Load::Closed(closed) if closed.think.is_zero() => None,
        Load::Closed(closed) => {
            let think = letter(&closed.think);
            Some(format!("{think}/{service}/{slots}{sharing}//{}{leaving}", closed.clients))
        }
        Load::Open(open) => {
            let places = match server.backlog {
                Backlog::Places(places) if finite_backlog => {
                    format!("/{}", places.saturating_add(u64::from(slots)))
                }
                _ => String::new(),
            };
            Some(format!(
                "{}/{service}/{slots}{sharing}{places}{leaving}",
                arrivals(&open.arrivals)
            ))
        }
    }
}
