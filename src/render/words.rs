//! What is said around a table: what was simulated, what came out, why, what was assumed.

use super::number::{measured, plural, significant, time};
use super::story::StoryCell;
use crate::experiment::plan::{Cell, Length, Plan};
use crate::experiment::row::{Measure, Stability};
use crate::experiment::run::CellResult;
use crate::experiment::stability::{self, Resource};
use crate::law::ArrivalLaw;
use crate::model::{Backlog, Load, Model, PhaseKind, kendall};
use crate::theory::{Answer, Known};
use crate::visit::Outcome;

/// The load, the request and the server in a sentence; what varies is left out.
pub fn description(plan: &Plan) -> String {
    let Some(cell) = plan.cells.first() else { return String::new() };
    let varies = |of: fn(&Cell) -> String| plan.cells.iter().any(|other| of(other) != of(cell));
    let mut parts = Vec::new();
    if !varies(|cell| load(&cell.model)) {
        parts.push(load(&cell.model));
    }
    if !varies(|cell| request(&cell.model)) {
        parts.push(request(&cell.model));
    }
    if !varies(|cell| cores(&cell.model)) {
        parts.push(cores(&cell.model));
    }
    let text = parts.join("; ");
    if text.is_empty() { text } else { format!("{text}.") }
}

fn load(model: &Model) -> String {
    match model.load() {
        Load::Trace(trace) => format!("{} replayed", plural(trace.len() as u64, "request")),
        Load::Open(open) => {
            let law = match &open.arrivals {
                ArrivalLaw::Poisson => "Poisson arrivals".to_owned(),
                law => format!("{law} arrivals"),
            };
            format!("{} on average, {law}", rate_words(open.rate.per_second()))
        }
        Load::Closed(closed) => {
            let together = if closed.clients > 1 { " arrive together" } else { " arrives" };
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

fn request(model: &Model) -> String {
    let phases = model.phases();
    if phases.is_empty() {
        return "demands as recorded".to_owned();
    }
    let part = |kind: PhaseKind| if kind == PhaseKind::Cpu { "of CPU" } else { "off the CPU" };
    let parts: Vec<String> = phases
        .iter()
        .map(|phase| match phase.demand.constant() {
            Some(span) => format!("{} {}", time(span.as_secs_f64()), part(phase.kind)),
            None => format!("{} {}", phase.demand, part(phase.kind)),
        })
        .collect();
    format!("each request is {}", parts.join(", then "))
}

fn cores(model: &Model) -> String {
    let cores = model.server().cores.as_f64();
    format!("{} {}", significant(cores), if cores == 1.0 { "core" } else { "cores" })
}

/// The answer of a sweep in a sentence, for each group of cells that differ in workers only.
pub fn answer(
    plan: &Plan,
    results: &[&CellResult],
    best: &[usize],
    tied: &[usize],
    measure: Measure,
) -> String {
    let settles = |result: &&CellResult| result.row.stability != Stability::No;
    if !results.iter().any(settles) {
        return match results {
            [only] => format!("Never settles: {}", overload_words(only)),
            _ => "None of these settles: the queue grows without end in every cell.".to_owned(),
        };
    }
    let [best] = best else { return String::new() };
    let row = &results[*best].row;
    let value = row.measures.get(measure).map(|estimate| measured(measure, estimate));
    let value = value.unwrap_or_default();
    let name = spoken(measure);
    if results.len() == 1 {
        return format!("The {name} is {value}.");
    }
    let workers = plural(u64::from(row.axes.workers), "worker");
    let others: Vec<String> = tied
        .iter()
        .filter(|at| *at != best)
        .map(|at| results[*at].row.axes.workers.to_string())
        .collect();
    if others.is_empty() {
        return format!("{workers}: the {name} is the shortest, {value}.");
    }
    let precision = significant(plan.settings.precision * 100.0);
    format!(
        "{workers}: the {name} is {value}. {} may be up to {precision} % better, or too close to \
         call: the smallest number is marked.",
        list(&others)
    )
}

/// `8, 10 and 12`; long lists by their ends.
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first, .., last] if items.len() > 6 => format!("{first} … {last}"),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// A measure as it is spoken of.
pub fn spoken(measure: Measure) -> String {
    let name = measure.name().trim_end_matches("_s").trim_end_matches("_per_s").replace('_', " ");
    match name.split_once(' ') {
        Some((what @ ("response" | "wait"), how)) => {
            let what = if what == "wait" { "waiting" } else { what };
            format!("{how} {what} time")
        }
        _ => name,
    }
}

fn overload_words(result: &CellResult) -> String {
    let Some(overload) = result.overload else { return "the queue grows without end.".to_owned() };
    format!(
        "{}/s come, but {} answer at most {}/s; the queue grows by {}/s.",
        significant(overload.offered),
        overload.capacity.bound.name(),
        significant(overload.capacity.per_second),
        significant(overload.offered - overload.capacity.per_second),
    )
}

/// Why: the arithmetic of the cell's load.
pub fn why(cell: &Cell, result: &CellResult) -> String {
    if result.overload.is_some() {
        return overload_words(result);
    }
    let model = &cell.model;
    let (cpu, io) = model.mean_demand();
    let server = model.server();
    let slots = f64::from(server.slots());
    let rate = match model.load() {
        Load::Open(open) => open.rate.per_second(),
        _ => result.row.measures.value(Measure::Throughput).unwrap_or(0.0),
    };
    let share = |used: f64, of: f64| format!("{:.0} %", 100.0 * used / of);
    let rate_text = format!("{}/s", significant(rate));
    let held = rate * (cpu + io);
    let mut text = format!(
        "{rate_text} x {} = {} busy workers at least, of {slots} ({})",
        time(cpu + io),
        significant(held),
        share(held, slots)
    );
    if cpu > 0.0 {
        let cores = server.cores.as_f64();
        text += &format!(
            "; CPU {rate_text} x {} = {} busy cores, of {} ({})",
            time(cpu),
            significant(rate * cpu),
            significant(cores),
            share(rate * cpu, cores)
        );
    }
    if let Some(capacity) = stability::capacity(model) {
        text += &format!(
            ". At most {}/s, bounded by {}",
            significant(capacity.per_second),
            capacity.bound.name()
        );
    }
    text + "."
}

/// Why, for a story: what its first interesting cell shows.
pub fn why_story(cells: &[StoryCell<'_>]) -> String {
    let last = |cell: &StoryCell<'_>| {
        let served = cell.visits.iter().filter(|visit| visit.outcome == Outcome::Served).copied();
        served.max_by_key(|visit| (visit.wait(), visit.request))
    };
    for cell in cells {
        let Some(visit) = last(cell).filter(|visit| !visit.wait().is_zero()) else { continue };
        let who = if cell.row.axes.clients.is_some() {
            format!("user {}", visit.client + 1)
        } else {
            format!("request {}", visit.request + 1)
        };
        let slots = u64::from(cell.row.axes.workers) * u64::from(cell.row.axes.threads);
        let takes = visit.departure.since(visit.start).as_secs_f64();
        let serve = if slots == 1 {
            "One worker serves one request at a time".to_owned()
        } else {
            format!("{} serve {slots} requests at a time", plural(slots, "worker"))
        };
        return format!(
            "{serve}: {who} waits {} for those before it, then takes {}.",
            time(visit.wait().as_secs_f64()),
            time(takes)
        );
    }
    let stretched = cells.iter().find_map(|cell| {
        let axes = &cell.row.axes;
        let slow = cell.visits.iter().any(|v| v.departure.since(v.start) > v.cpu && !v.cpu.is_zero());
        let busy = cell.row.measures.value(Measure::CoreUtilisation)? > 0.999;
        (slow && busy).then(|| {
            format!(
                "{} share {} {}: nobody waits for a worker, but each computes only part of the time.",
                plural(u64::from(axes.workers), "worker"),
                significant(axes.cores),
                if axes.cores == 1.0 { "core" } else { "cores" }
            )
        })
    });
    stretched.unwrap_or_else(|| "Every request finds a free worker and a free core.".to_owned())
}

/// What was assumed of a story.
pub fn assumes_story(plan: &Plan) -> String {
    let Some(cell) = plan.cells.first() else { return String::new() };
    let model = &cell.model;
    let (cpu, io) = model.mean_demand();
    let Load::Closed(closed) = model.load() else {
        return "Workers are ready at once; nothing is lost on the way.".to_owned();
    };
    let server = model.server();
    let clients = closed.clients;
    let whole = plan.cells.iter().all(|cell| cell.model.server().cores == server.cores);
    if cpu > 0.0 && io == 0.0 && clients > 1 && whole && server.cores.as_f64() > 1.0 {
        let cores = server.cores.as_f64();
        let constant = model.phases().iter().all(|phase| phase.demand.constant().is_some());
        let mut text =
            format!("The {} are CPU and {} cores are free.", time(cpu), significant(cores));
        if constant && closed.requests == Some(1) {
            text += &format!(
                " On 1 core, {clients} or more workers would make ALL {clients} wait: {} each.",
                time(cpu * f64::from(clients))
            );
        }
        return text;
    }
    if cpu == 0.0 {
        return "The time is spent off the CPU (a database, another service): cores do not matter."
            .to_owned();
    }
    "Runnable workers share the cores equally; switching between them costs nothing.".to_owned()
}

/// What was assumed of a random run.
pub fn assumes(plan: &Plan, results: &[&CellResult]) -> String {
    let Some(cell) = plan.cells.first() else { return String::new() };
    let server = cell.model.server();
    let mut parts = Vec::new();
    if let [only] = &plan.cells[..] {
        let finite = plan.settings.backlog_asked;
        parts.extend(
            kendall::kendall(&only.model, finite)
                .map(|name| format!("{name} in Kendall's notation")),
        );
    }
    if plan.cells.iter().any(|cell| cell.model.contended()) {
        parts.push("runnable workers share the cores equally".to_owned());
    }
    parts.push(match server.backlog {
        Backlog::Places(places) => format!("a listen queue of {places}"),
        Backlog::Unlimited => "an unlimited listen queue".to_owned(),
    });
    parts.push("no overhead per request".to_owned());
    let mut text = capitalised(&parts.join("; "));
    text.push('.');
    let random = results.iter().map(|result| &result.row).find(|row| row.replications > 1);
    if let Some(row) = random {
        let confidence = plan.settings.confidence * 100.0;
        text += &format!(
            " {} independent replications, seed {}; ± is the half-width of a {} % interval.",
            row.replications,
            row.seed,
            significant(confidence)
        );
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// What to run next.
pub fn next(plan: &Plan, results: &[&CellResult]) -> Option<String> {
    let cells = &plan.cells;
    let first = cells.first()?;
    let axes = &first.axes;
    let vary = |of: fn(&Cell) -> f64| cells.iter().any(|cell| of(cell) != of(first));
    let workers_vary = vary(|cell| f64::from(cell.axes.workers));
    let cores_vary = vary(|cell| cell.axes.cores);
    let request = request_flags(&first.model)?;
    let load = load_flags(first);
    if plan.settings.length == Length::Story {
        let workers = axes
            .clients
            .map_or("1..6".to_owned(), |clients| format!("1..{}", (2 * clients).min(64)));
        let cores = if cores_vary { "8" } else { "1,2,4" };
        return Some(format!(
            "simsrv --workers {workers} --cores {cores} {request} {load} --plot plots/story"
        ));
    }
    let needed = results.iter().find_map(|result| result.overload).map(|overload| {
        let (cpu, io) = first.model.mean_demand();
        let workers = overload.offered * (cpu + io);
        (overload.capacity.bound, workers.ceil().max(1.0) as u64)
    });
    match needed {
        Some((Resource::Workers | Resource::Both, least)) if least < 5_000 => Some(format!(
            "simsrv --workers {}..{} --cores {} {request} {load}",
            least,
            least + least / 2 + 4,
            axes.cores
        )),
        Some((_, _)) => {
            let (cpu, _) = first.model.mean_demand();
            let rate = axes.rate_per_s.unwrap_or(0.0);
            let cores = (rate * cpu / 0.8).ceil().max(1.0);
            Some(format!("simsrv --workers {} --cores {cores} {request} {load}", axes.workers))
        }
        None if !workers_vary => {
            let n = axes.workers;
            let (low, high) = ((n / 2).max(1), n + n / 2 + 2);
            Some(format!("simsrv --workers {low}..{high} --cores {} {request} {load}", axes.cores))
        }
        None if !cores_vary => Some(format!(
            "the same with --cores {},{},{} --plot plots/cores",
            significant((axes.cores / 2.0).max(1.0).floor()),
            significant(axes.cores.ceil()),
            significant((axes.cores * 2.0).ceil())
        )),
        None => None,
    }
}

/// The options of a request, where they can be written in one line.
fn request_flags(model: &Model) -> Option<String> {
    let quoted = |law: String| if law.contains('(') { format!("'{law}'") } else { law };
    match model.phases() {
        [phase] if phase.kind == PhaseKind::Cpu => {
            Some(format!("--service {}", quoted(phase.demand.to_string())))
        }
        [phase] => Some(format!("--io {}", quoted(phase.demand.to_string()))),
        [cpu, io] if cpu.kind == PhaseKind::Cpu && io.kind == PhaseKind::Io => Some(format!(
            "--cpu {} --io {}",
            quoted(cpu.demand.to_string()),
            quoted(io.demand.to_string())
        )),
        _ => None,
    }
}

fn load_flags(cell: &Cell) -> String {
    match cell.model.load() {
        Load::Open(open) => format!("--rate {}", open.rate),
        Load::Closed(closed) => {
            let mut text = format!("--clients {}", closed.clients);
            if let Some(requests) = closed.requests.filter(|requests| *requests > 1) {
                text += &format!(" --requests {requests}");
            }
            if !closed.think.is_zero() {
                text += &format!(" --think '{}'", closed.think);
            }
            text
        }
        Load::Trace(_) => String::new(),
    }
}

/// What theory says of a cell, in a sentence.
pub fn theory(known: &Known) -> Option<String> {
    let mean = known.response_mean?;
    let mut text = format!("{}: mean response {}", known.name, time(mean));
    if let Some(quantiles) = known.response {
        text += &format!(", p95 {}, p99 {}", time(quantiles.p95), time(quantiles.p99));
    } else if let Some(quantiles) = known.wait {
        text += &format!(", p95 of the wait {}", time(quantiles.p95));
    }
    match &known.answer {
        Answer::Exact => text += &format!(" (exact; {}).", known.source),
        Answer::Approximation { error } => {
            text += &format!(" (an approximation, {error}; {}).", known.source);
        }
        _ => return None,
    }
    Some(text)
}
