//! What was simulated: the load, the requests, the servers.

use super::super::axes;
use super::super::number::{amount, plural, significant, time};
use super::capitalised;
use crate::distribution::{ArrivalProcess, Distribution};
use crate::experiment::periodic::once as changes_once;
use crate::experiment::plan::{Cell, Plan};
use crate::model::{Load, Model, Phase, PhaseKind, Route};

/// The load, the request and the server in a sentence; what varies is left out.
pub(crate) fn description(plan: &Plan) -> String {
    let Some(cell) = plan.cells.first() else { return String::new() };
    // Of a sweep of thousands of cells hardly any has a text of its own.
    let varies = |same: fn(&Model, &Model) -> bool, of: fn(&Model) -> String| {
        let pairs = plan.cells.windows(2).map(|pair| (&pair[0].model, &pair[1].model));
        let differ = |(one, other): (&Model, &Model)| !same(one, other) && of(one) != of(other);
        pairs.into_iter().any(differ)
    };
    let mut parts = Vec::new();
    if !varies(same_load, |model| load(model, str::to_owned)) {
        parts.push(load(&cell.model, short));
    }
    if !varies(|one, other| one.mix() == other.mix(), |model| request(model, str::to_owned)) {
        parts.push(request(&cell.model, short));
    }
    if !varies(same_cores, cores) {
        parts.push(cores(&cell.model));
    }
    let text = capitalised(&parts.join("; "));
    if text.is_empty() { text } else { format!("{text}.") }
}

fn same_load(one: &Model, other: &Model) -> bool {
    match (one.load(), other.load()) {
        (Load::Trace(one), Load::Trace(other)) => one.len() == other.len(),
        (Load::Open(one), Load::Open(other)) => one == other,
        (Load::Closed(one), Load::Closed(other)) => one == other,
        _ => false,
    }
}

fn same_cores(one: &Model, other: &Model) -> bool {
    let (one, other) = (one.server(), other.server());
    one.cores == other.cores
        && one.hosts() == other.hosts()
        && one.runtime.is_none()
        && other.runtime.is_none()
}

/// The longest text of a distribution in a sentence.
const LONGEST: usize = 60;

/// The text of a distribution, of a long list its first and last part: `quantiles(p1=2ms,…,max=9s)`.
fn short(text: &str) -> String {
    let parts = text.split_once(',').zip(text.rsplit_once(','));
    match parts.filter(|_| text.chars().count() > LONGEST) {
        Some(((first, _), (_, last))) => format!("{first},…,{last}"),
        None => text.to_owned(),
    }
}

/// `show` shortens the text of a distribution, or does not.
fn load(model: &Model, show: fn(&str) -> String) -> String {
    match model.load() {
        Load::Trace(trace) => format!("{} replayed", plural(trace.len() as u64, "request")),
        Load::Open(open) => {
            let distribution = match &open.arrivals {
                ArrivalProcess::Poisson => "Poisson arrivals".to_owned(),
                distribution => format!("{} arrivals", show(&distribution.to_string())),
            };
            let rate = rate_words(open.rate.per_second());
            match changes_once(model) {
                true => format!("{rate}, {distribution}"),
                false => format!("{rate} on average, {distribution}"),
            }
        }
        Load::Closed(closed) => {
            let together = match &closed.ramp {
                Some(ramp) => format!(" at most, {ramp}"),
                None if closed.clients > 1 => " arrive together".to_owned(),
                None => " arrives".to_owned(),
            };
            let mut text = format!("{}{together}", plural(u64::from(closed.clients), "client"));
            if let Some(requests) = closed.requests.filter(|requests| *requests > 1) {
                text += &format!(", {} each", plural(requests, "request"));
            }
            if !closed.think.is_zero() {
                text += &format!(", each thinks {} between requests", closed.think);
            }
            text
        }
    }
}

fn rate_words(per_second: f64) -> String {
    format!("{} requests/s", significant(per_second))
}

fn request(model: &Model, show: fn(&str) -> String) -> String {
    match model.mix() {
        None => "demands as recorded".to_owned(),
        Some(mix) if mix.routes().is_empty() => {
            format!("each request is {}", phases(mix.alike(), show))
        }
        Some(mix) => {
            let route = |route: &Route| {
                let share = significant(100.0 * route.share);
                format!("{share} % {}: {}", route.name, phases(&route.phases, show))
            };
            let routes: Vec<String> = mix.routes().iter().map(route).collect();
            format!("requests of {} routes: {}", routes.len(), routes.join("; "))
        }
    }
}

fn phases(phases: &[Phase], show: fn(&str) -> String) -> String {
    let part = |kind: PhaseKind| if kind == PhaseKind::Cpu { "of CPU" } else { "off the CPU" };
    let parts: Vec<String> = phases
        .iter()
        .map(|phase| match phase.demand.constant() {
            Some(span) => format!("{} {}", time(span.as_secs_f64()), part(phase.kind)),
            None => format!("{} {}", show(&phase.demand.to_string()), part(phase.kind)),
        })
        .collect();
    parts.join(", then ")
}

fn cores(model: &Model) -> String {
    let server = model.server();
    let cores = amount(server.cores.as_f64(), "core");
    let pool = server.runtime.as_ref().and_then(|runtime| runtime.pool);
    let pool = pool.map(|pool| format!("; {}", axes::pool_words(&pool.to_string())));
    let hosts = match server.hosts() {
        1 => String::new(),
        hosts => format!("{hosts} hosts of "),
    };
    format!("{hosts}{cores}{}", pool.unwrap_or_default())
}

/// What is known of the distributions of a cell's phases, where their parameters do not say it.
pub(crate) fn distributions(cell: &Cell) -> Vec<String> {
    let plain = |distribution: &Distribution| {
        matches!(
            distribution,
            Distribution::Constant(_)
                | Distribution::Exponential { .. }
                | Distribution::Uniform { .. }
        )
    };
    let told = cell.model.all_phases().filter(|(_, phase)| !plain(&phase.demand));
    let one = |phase: &Phase| {
        format!("{}: {}.", short(&phase.demand.to_string()), phase.demand.describe())
    };
    told.map(|(_, phase)| one(phase)).collect()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn long_lists_are_told_by_their_ends() {
        assert_eq!(short("exp(20ms)"), "exp(20ms)");
        let long = format!("quantiles(p1=2ms,{}max=9s)", "p5=3ms,".repeat(9));
        assert_eq!(short(&long), "quantiles(p1=2ms,…,max=9s)");
        let fits = "mix(90%:exp(10ms),10%:lognormal(mean=300ms,cv=2))";
        assert_eq!(short(fits), fits);
    }
}
