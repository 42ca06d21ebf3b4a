//! What is said around a table: what was simulated, what came out, why, what was assumed.

use super::number::{amount, count, measured, percent, plural, share, significant, time};
use super::over_time;
use super::real_words;
use super::story::StoryCell;
use super::{BEST, axes, memory_words, table};
use crate::experiment::SECTIONS;
use crate::experiment::over_time::once as changes_once;
use crate::experiment::plan::{Cell, Indifference, Length, Plan};
use crate::experiment::row::{Axes, Estimate, Flag, Measure, Row, Stability};
use crate::experiment::run::CellResult;
use crate::experiment::saturation::Saturation;
use crate::experiment::stability;
use crate::law::{ArrivalLaw, Law};
use crate::model::{Backlog, Load, MAX_SLOTS, Model, PhaseKind, kendall};
use crate::stats::inference::student;
use crate::theory::{Answer, Known};
use crate::visit::{Outcome, Visit};

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
    let text = capitalised(&parts.join("; "));
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
            let rate = rate_words(open.rate.per_second());
            match changes_once(model) {
                true => format!("{rate}, {law}"),
                false => format!("{rate} on average, {law}"),
            }
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
    let server = model.server();
    let cores = amount(server.cores.as_f64(), "core");
    let pool = server.practice.as_ref().and_then(|practice| practice.pool);
    let pool = pool.map(|pool| format!("; {}", axes::pool_words(&pool.to_string())));
    let hosts = match server.hosts() {
        1 => String::new(),
        hosts => format!("{hosts} hosts of "),
    };
    format!("{hosts}{cores}{}", pool.unwrap_or_default())
}

/// What is known of the laws of a cell's phases, where their parameters do not say it.
pub fn laws(cell: &Cell) -> Vec<String> {
    let plain =
        |law: &Law| matches!(law, Law::Constant(_) | Law::Exponential { .. } | Law::Uniform { .. });
    let told = cell.model.phases().iter().filter(|phase| !plain(&phase.demand));
    told.map(|phase| format!("{}: {}.", phase.demand, phase.demand.describe())).collect()
}

/// The answer of a sweep in a sentence or a few: the best of each group of cells that differ in
/// workers only, or how a measure goes along the axis that varies.
pub fn answer(
    plan: &Plan,
    results: &[&CellResult],
    best: &[usize],
    tied: &[usize],
    measure: Measure,
) -> String {
    if let Some(answer) = memory_words::nothing_fits(plan, results, measure) {
        return answer;
    }
    let settled: Vec<usize> =
        (0..results.len()).filter(|at| results[*at].row.stability != Stability::No).collect();
    if let Some(answer) = memory_words::no_choice(results, &settled) {
        return answer;
    }
    match (best, &settled[..], results) {
        (_, [], [only]) => format!("Never settles: {}", overload_words(only)),
        (_, [], _) => {
            "None of these settles: the queue grows without end in every cell.".to_owned()
        }
        (_, _, [only]) => match only.row.measures.get(measure) {
            Some(value) => format!("The {} is {}.", spoken(measure), measured(measure, value)),
            None => "No request was answered in the time that was looked at.".to_owned(),
        },
        ([best], ..) => {
            the_best(plan, results, *best, tied, measure) + &memory_words::beyond(results, *best)
        }
        ([], ..) => along(results, &settled, measure),
        _ => best_of_each(results, best, measure),
    }
}

fn the_best(
    plan: &Plan,
    results: &[&CellResult],
    best: usize,
    tied: &[usize],
    measure: Measure,
) -> String {
    let row = &results[best].row;
    let value = row.measures.get(measure).map(|estimate| measured(measure, estimate));
    let value = value.unwrap_or_default();
    let name = spoken(measure);
    let workers = servers(&row.axes);
    if results.iter().any(|other| lost(&other.row) > 0.001 && other.row.axes.same_group(&row.axes))
    {
        let share =
            if lost(row) > 0.0 { share(Estimate::exact(lost(row))) } else { "none".to_owned() };
        return format!("{workers}: the fewest requests are lost, {share}; the {name} is {value}.");
    }
    let others: Vec<String> = tied
        .iter()
        .filter(|at| **at != best && results[**at].row.axes.same_group(&row.axes))
        .map(|at| short_servers(&results[*at].row.axes))
        .collect();
    if others.is_empty() {
        return format!("{workers}: the {name} is the shortest, {value}.");
    }
    if !plan.random() {
        return format!("{workers}: the {name} is {value}; {} do no better.", list(&others));
    }
    format!(
        "{workers}: the {name} is {value}; too close to call against {}{}, so the smallest number.",
        list(&others),
        indifferent(plan)
    )
}

/// Which differences do not count, in brackets.
fn indifferent(plan: &Plan) -> String {
    let difference = match plan.settings.indifference() {
        Indifference::Share(share) => percent(share),
        Indifference::Absolute(value) => measured(plan.settings.best, Estimate::exact(value)),
    };
    match plan.settings.indifference().of(1.0) {
        0.0 => format!(" at {} confidence", percent(plan.settings.confidence)),
        _ => format!(" (differences up to {difference} do not count)"),
    }
}

/// Share of the requests that were not answered.
fn lost(row: &Row) -> f64 {
    let share = |measure| row.measures.value(measure).unwrap_or(0.0);
    Measure::LOST.into_iter().map(share).sum()
}

/// Groups that an answer names one by one.
const MOST_GROUPS: usize = 6;

fn best_of_each(results: &[&CellResult], best: &[usize], measure: Measure) -> String {
    let all: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let one = |at: &usize| {
        let row = &results[*at].row;
        let value = row.measures.get(measure).map(|estimate| measured(measure, estimate));
        let group = axes::told(&row.axes, &all, &["workers", "threads"]);
        format!("{group}: {} ({})", servers(&row.axes), value.unwrap_or_default())
    };
    let told: Vec<String> = best.iter().take(MOST_GROUPS).map(one).collect();
    let rest = if best.len() > MOST_GROUPS {
        format!("; the rest is marked {BEST}")
    } else {
        String::new()
    };
    format!("The shortest {}, at {}{rest}.", spoken(measure), told.join("; "))
}

/// How a measure goes from the first to the last cell that settles.
fn along(results: &[&CellResult], settled: &[usize], measure: Measure) -> String {
    let all: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let cell = |at: usize| axes::told(&results[at].row.axes, &all, &[]);
    let told: Vec<usize> = settled.iter().copied().filter(|at| results[*at].row.fits()).collect();
    let value = |at: &usize| {
        let estimate = results[*at].row.measures.get(measure)?;
        Some(format!("{} at {}", measured(measure, estimate), cell(*at)))
    };
    let ends: Vec<String> = match &told[..] {
        [only] => value(only).into_iter().collect(),
        [first, .., last] => [first, last].into_iter().filter_map(value).collect(),
        [] => Vec::new(),
    };
    let mut text = format!("The {}: {}", spoken(measure), ends.join(", "));
    let endless: Vec<String> =
        (0..results.len()).filter(|at| !settled.contains(at)).map(cell).collect();
    if !endless.is_empty() {
        text += &format!("; never settles at {}", list(&endless));
    }
    let unfit: Vec<String> =
        settled.iter().filter(|at| !told.contains(at)).map(|at| cell(*at)).collect();
    if !unfit.is_empty() {
        text += &format!("; memory is too small for {}", list(&unfit));
    }
    text + "."
}

/// `4 workers`, `2 workers x 4 threads`, `4 workers a host`.
pub(super) fn servers(axes: &Axes) -> String {
    let mut workers = plural(u64::from(axes.workers), "worker");
    if axes.kind("hosts").is_some_and(|hosts| hosts != "1") {
        workers += " a host";
    }
    match axes.threads {
        1 => workers,
        threads => format!("{workers} x {}", plural(u64::from(threads), "thread")),
    }
}

pub(super) fn short_servers(axes: &Axes) -> String {
    match axes.threads {
        1 => axes.workers.to_string(),
        threads => format!("{} x {threads}", axes.workers),
    }
}

/// `8, 10 and 12`; long lists by their ends.
pub(super) fn list(items: &[String]) -> String {
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
    let (offered, most) = (overload.offered, overload.capacity.per_second);
    let growth = match offered > most * (1.0 + 1e-9) {
        true => format!("the queue grows by {}/s", significant(offered - most)),
        false => "at full load chance alone makes the queue grow without end".to_owned(),
    };
    let mut text = format!(
        "{}/s come, {}/s is the most that can be answered, bounded by {}; {growth}.",
        significant(offered),
        significant(most),
        overload.capacity.bound.name(),
    );
    let row = &result.row;
    if let Some(seen) = row.measures.get(Measure::Growth).filter(|_| row.replications > 0) {
        let seen = measured(Measure::Growth, seen);
        text += &format!(
            " In the time that was looked at the number of requests inside grew by {seen}."
        );
    }
    text
}

/// Why: the arithmetic of the load of a cell, named where there are several.
pub fn why(cell: &Cell, result: &CellResult, plan: &Plan) -> String {
    let all: Vec<&Axes> = plan.cells.iter().map(|cell| &cell.axes).collect();
    let place = match axes::told(&cell.axes, &all, &[]) {
        name if name.is_empty() => String::new(),
        name => format!("{name}: "),
    };
    if result.overload.is_some() {
        return place + &overload_words(result);
    }
    let model = &cell.model;
    let (cpu, io) = model.mean_demand();
    let server = model.server();
    let slot = if server.threads > 1 { "thread" } else { "worker" };
    let hosts = f64::from(server.hosts());
    let (slots, cores) = (f64::from(server.slots()) * hosts, server.cores.as_f64() * hosts);
    let pool = server.practice.as_ref().and_then(|practice| practice.pool_size());
    let mut text = place;
    match model.load() {
        Load::Open(open) => {
            let rate = open.rate.per_second();
            let least = if model.contended() || pool.is_some() { " at least" } else { "" };
            text += &busy(rate, cpu + io, slots, slot, least);
            if cpu > 0.0 {
                text += &format!("; CPU {}", busy(rate, cpu, cores, "core", ""));
            }
            if let Some(pool) = pool {
                text += &format!("; pool {}", busy(rate, io, f64::from(pool), "connection", ""));
            }
        }
        _ => text += &seen_busy(&result.row, (slots, slot), cores),
    }
    if let Some(capacity) = stability::capacity(model) {
        let most = significant(capacity.per_second);
        text += &format!(". At most {most}/s, bounded by {}", capacity.bound.name());
    }
    text + "."
}

/// `100/s x 80 ms = 8 busy workers, of 12 (67 %)`; more than there are cannot be busy, so they are
/// asked for.
fn busy(rate: f64, seconds: f64, of: f64, what: &str, least: &str) -> String {
    let used = rate * seconds;
    let things = if used > of * (1.0 + 1e-9) {
        format!("{} asked for", amount(used, what))
    } else {
        amount(used, &format!("busy {what}"))
    };
    let (rate, of_text, share) = (significant(rate), significant(of), percent(used / of));
    format!("{rate}/s x {} = {things}{least}, of {of_text} ({share})", time(seconds))
}

/// `75.6/s are answered by 1.51 busy workers, of 2 (76 %), on 1.51 busy cores, of 8 (19 %)`: as
/// measured, where nobody says how many requests come.
fn seen_busy(row: &Row, (slots, slot): (f64, &str), cores: f64) -> String {
    let rate = row.measures.value(Measure::Throughput).unwrap_or(0.0);
    let of = |measure, of: f64, what: &str| {
        let share = row.measures.value(measure).filter(|share| *share > 0.0)?;
        let things = amount(share * of, &format!("busy {what}"));
        Some(format!("{things}, of {} ({})", significant(of), percent(share)))
    };
    let mut text = format!("{}/s are answered", significant(rate));
    if let Some(slots) = of(Measure::WorkerUtilisation, slots, slot) {
        text += &format!(" by {slots}");
    }
    if let Some(cores) = of(Measure::CoreUtilisation, cores, "core") {
        text += &format!(", on {cores}");
    }
    text
}

/// Why, for a story: what its first interesting cell shows.
pub fn why_story(plan: &Plan, cells: &[StoryCell<'_>]) -> String {
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
        let takes = visit.departure.since(visit.start).as_secs_f64();
        let pooled = cell.row.measures.value(Measure::PoolWaitMean).is_some_and(|wait| wait > 0.0);
        return format!(
            "{}: {who} waits {} for {} before it, then takes {}{}.",
            serve(&cell.row.axes),
            time(visit.wait().as_secs_f64()),
            before(cell, &visit),
            time(takes),
            if pooled { ", with what it waits for the pool" } else { "" }
        );
    }
    let mut visits = cells.iter().flat_map(|cell| &cell.visits);
    if visits.any(|visit| visit.outcome == Outcome::Refused) {
        return "A request that finds all workers busy and the listen queue full is refused."
            .to_owned();
    }
    let stretched = cells.iter().find_map(|cell| {
        let axes = &cell.row.axes;
        let slow =
            cell.visits.iter().any(|v| v.departure.since(v.start) > v.cpu && !v.cpu.is_zero());
        let busy = cell.row.measures.value(Measure::CoreUtilisation)? > 0.999;
        (slow && busy).then(|| {
            format!(
                "{} share {}: nobody waits for a worker, but each computes only part of the time.",
                servers(axes),
                amount(axes.cores, "core")
            )
        })
    });
    if let Some(stretched) = stretched {
        return stretched;
    }
    let locked = plan.cells.iter().any(|cell| cell.model.server().lock_matters());
    let slowed = cells.iter().flat_map(|cell| &cell.visits).any(|visit| {
        visit.outcome == Outcome::Served && visit.departure.since(visit.start) > visit.cpu
    });
    if locked && slowed && plan.cells.iter().all(|cell| cell.model.mean_demand().1 == 0.0) {
        return "A worker runs one of its threads at a time (the GIL): its requests compute in turns."
            .to_owned();
    }
    "Every request finds a free worker and a free core.".to_owned()
}

/// How many requests a server serves at a time, as the beginning of a sentence.
fn serve(axes: &Axes) -> String {
    let slots = u64::from(axes.workers) * u64::from(axes.threads);
    let place = match axes.kind("hosts") {
        Some(hosts) if hosts != "1" => " on each host",
        _ => "",
    };
    match (axes.workers, slots) {
        (_, 1) if !place.is_empty() => format!("One worker serves one request at a time{place}"),
        (_, 1) => "One worker serves one request at a time".to_owned(),
        (1, slots) => format!("One worker with {slots} threads serves {slots} requests at a time"),
        (_, slots) => format!("{} serve {slots} requests at a time", servers(axes)),
    }
}

/// Whom a request waits for: those answered between its arrival and its start.
fn before(cell: &StoryCell<'_>, waited: &Visit) -> String {
    let served = cell.visits.iter().filter(|visit| visit.outcome == Outcome::Served);
    let count = served
        .filter(|visit| waited.arrival < visit.departure && visit.departure <= waited.start)
        .count();
    match count {
        1 => "the one".to_owned(),
        2..=12 if cell.row.axes.workers == 1 && cell.row.axes.threads == 1 => {
            const WORDS: [&str; 13] = [
                "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
                "ten", "eleven", "twelve",
            ];
            format!("the {}", WORDS[count])
        }
        _ => "those".to_owned(),
    }
}

/// What was assumed of a story.
pub fn assumes_story(plan: &Plan) -> String {
    let real = real_words::assumed(plan);
    if !real.is_empty() {
        return format!("{}.", capitalised(&real.join("; ")));
    }
    let Some(cell) = plan.cells.first() else { return String::new() };
    let model = &cell.model;
    let (cpu, io) = model.mean_demand();
    let Load::Closed(closed) = model.load() else {
        return "Workers are ready at once; nothing is lost on the way.".to_owned();
    };
    let server = model.server();
    let clients = closed.clients;
    let whole = plan.cells.iter().all(|cell| cell.model.server().cores == server.cores);
    if cpu > 0.0 && plan.cells.iter().any(|cell| cell.model.server().lock_matters()) {
        return "Threads of a worker compute one at a time; without a GIL (--gil off) each would \
                have a core to itself while there are enough."
            .to_owned();
    }
    if cpu > 0.0 && io == 0.0 && clients > 1 && whole && server.cores.as_f64() > 1.0 {
        let cores = server.cores.as_f64();
        let constant = model.phases().iter().all(|phase| phase.demand.constant().is_some());
        let mut text =
            format!("The {} are CPU and {} cores are free.", time(cpu), significant(cores));
        if constant && closed.requests == Some(1) {
            text += &format!(
                " On 1 core, {clients} or more workers would make {} wait: {} each.",
                match clients {
                    2 => "BOTH".to_owned(),
                    3 => "ALL THREE".to_owned(),
                    n => format!("ALL {n}"),
                },
                time(cpu * f64::from(clients))
            );
        }
        return text;
    }
    if cpu + io == 0.0 {
        return "Requests take no time at all.".to_owned();
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
    if let ([only], false) = (&plan.cells[..], plan.settings.length == Length::Story) {
        let finite = plan.settings.backlog_asked;
        parts.extend(
            kendall::kendall(&only.model, finite)
                .map(|name| format!("{name} in Kendall's notation")),
        );
    }
    parts.extend(over_time::assumes(&cell.model));
    let real = real_words::assumed(plan);
    let slices = server.practice.as_ref().is_some_and(|practice| practice.slice.is_some());
    if plan.cells.iter().any(|cell| cell.model.contended()) && !slices {
        parts.push("runnable workers share the cores equally".to_owned());
    }
    if real.is_empty() {
        parts.push(match server.backlog {
            Backlog::Places(places) => format!("a listen queue of {places}"),
            Backlog::Unlimited => "an unlimited listen queue".to_owned(),
        });
        parts.push("no overhead per request".to_owned());
    }
    parts.extend(real);
    let mut text = capitalised(&parts.join("; "));
    text.push('.');
    let random = results.iter().map(|result| &result.row).find(|row| row.replications > 1);
    if let Some(row) = random {
        let confidence = plan.settings.confidence * 100.0;
        text += &format!(
            " {} independent replications, seed {}; ± is the half-width of a {} % interval.",
            count(u64::from(row.replications)),
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

/// What the warnings in the table mean, and what helps; empty if there are none.
pub fn warnings(results: &[&CellResult], plan: &Plan) -> String {
    let meaning = |flag: Flag| match flag {
        Flag::OverMemory => "the figures are those of a server with enough memory",
        Flag::ShortRun => {
            "the run is short for how much it varies, intervals may be too narrow: give a longer \
             --duration or more --requests"
        }
        Flag::Trend => {
            "the second half of the run differs from the first: give a longer --duration, \
             --requests or --warmup"
        }
        Flag::FewTail => "fewer than 50 requests of a section lie beyond p99, which is rough",
        Flag::HeavyTail => {
            "rare, very long requests decide the mean: it settles slowly, read the percentiles"
        }
        Flag::Lockstep => {
            "CPU and I/O never vary, so workers fall into step, and what a real server does then \
             hangs on its kernel (10 to 50 % either way): give --jitter 10%, or laws that vary"
        }
        Flag::Uneven => {
            "which process takes a connection was measured on one machine and varies from run to \
             run; --accept greedy,random shows the range between that bias and none"
        }
        Flag::PrecisionNotReached => {
            "the intervals are wider than asked for: give a larger --max-requests-simulated or \
             --max-time, or a larger --precision"
        }
        Flag::Partial => "--max-time ended the run before all replications had begun",
    };
    let seen = |flag: &Flag| results.iter().any(|result| result.row.flags.contains(flag));
    let axes: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let one = |flag| {
        let has = |result: &&&CellResult| result.row.flags.contains(&flag);
        let rows: Vec<String> = results
            .iter()
            .filter(has)
            .map(|result| axes::told(&result.row.axes, &axes, &[]))
            .collect();
        let whom = match rows.len() {
            _ if results.len() == 1 => String::new(),
            n if n == results.len() => " (all rows)".to_owned(),
            1..=3 => format!(" ({})", rows.join("; ")),
            n => format!(" ({n} rows)"),
        };
        format!("{}{whom}: {}.", capitalised(table::word(flag)), meaning(flag))
    };
    let mut told: Vec<String> = Flag::ALL.into_iter().filter(seen).map(one).collect();
    told.extend(nearest_to_saturation(results, plan));
    told.join(" ")
}

/// Of the cell nearest to its capacity, if it is near: how long a run it would need.
fn nearest_to_saturation(results: &[&CellResult], plan: &Plan) -> Option<String> {
    let near = results.iter().filter_map(|result| result.saturation.filter(Saturation::near));
    let worst = near.max_by(|a, b| a.load.total_cmp(&b.load))?;
    let precision = plan.settings.precision;
    let z = student(plan.settings.confidence, SECTIONS - 1);
    let requests = worst.needed(precision, z);
    Some(format!(
        "At {:.1} % of its capacity a queue settles slowly: to know its mean wait to {} takes about \
         {} million requests, {} of simulated time.",
        100.0 * worst.load,
        percent(precision),
        significant(requests / 1e6),
        time(worst.seconds(requests))
    ))
}

/// Options to change for a run that answers the next question, if there is one.
pub type Changes = Vec<(&'static str, String)>;

/// What to run next: the same with some options changed.
pub fn next(plan: &Plan, results: &[&CellResult]) -> Option<Changes> {
    let cells = &plan.cells;
    let first = cells.first()?;
    let vary = |of: fn(&Cell) -> f64| cells.iter().any(|cell| of(cell) != of(first));
    let workers_vary = vary(|cell| f64::from(cell.axes.workers));
    let cores_vary = vary(|cell| cell.axes.cores);
    let roomiest = cells.iter().map(memory_words::most_workers).max().unwrap_or(0);
    let offered = |result: &CellResult| result.row.axes.rate_per_s.unwrap_or(0.0);
    let worst = results
        .iter()
        .filter(|result| result.overload.is_some())
        .max_by(|a, b| offered(a).total_cmp(&offered(b)));
    if plan.settings.length == Length::Story {
        return Some(after_a_story(first, cores_vary, roomiest));
    }
    if let Some(worst) = worst {
        let cell = cells.iter().find(|cell| cell.axes == worst.row.axes)?;
        return enough_servers(cell);
    }
    if !workers_vary {
        let most = MAX_SLOTS.min(roomiest);
        if most == 0 {
            let memory = memory_words::enough(first, first.axes.workers)?;
            return Some(vec![("memory", memory)]);
        }
        let n = first.axes.workers.min(most);
        let (low, high) = ((n / 2).max(1), n.saturating_add(n / 2 + 2).min(most));
        let step = if n < 16 { String::new() } else { format!("..{}", n / 8) };
        let list = if low == high { low.to_string() } else { format!("{low}..{high}{step}") };
        return Some(vec![("workers", list)]);
    }
    (!cores_vary).then(|| {
        let cores = first.axes.cores;
        let mut list = [(cores / 2.0).floor().max(1.0), cores.ceil(), (cores * 2.0).ceil()]
            .map(|cores| cores.to_string())
            .to_vec();
        list.dedup();
        vec![("cores", list.join(",")), ("plot", "plots/cores".to_owned())]
    })
}

/// A story seen over workers and cores.
fn after_a_story(cell: &Cell, cores_vary: bool, roomiest: u32) -> Changes {
    let mut changes = Vec::new();
    let most = match cell.model.load() {
        Load::Closed(closed) if closed.clients == 1 && cell.axes.workers == 1 => {
            changes.push(("clients", "3".to_owned()));
            6
        }
        Load::Closed(closed) => closed.clients.saturating_mul(2),
        _ => cell.axes.workers.saturating_mul(2).max(4),
    };
    let most = most.min(roomiest.max(1));
    let workers = match most {
        1 => "1".to_owned(),
        2..=16 => format!("1..{most}"),
        _ => doubling(most.min(64)),
    };
    changes.push(("workers", workers));
    if !cores_vary && cell.model.computes() {
        changes.push(("cores", "1,2,4".to_owned()));
    }
    changes.push(("plot", "plots/story".to_owned()));
    changes
}

/// `1,2,4,8,16`.
fn doubling(most: u32) -> String {
    let steps = std::iter::successors(Some(1u32), |n| n.checked_mul(2));
    steps.take_while(|n| *n <= most).map(|n| n.to_string()).collect::<Vec<_>>().join(",")
}

/// Workers, and cores if they are short, that keep up with the arrivals of a cell.
fn enough_servers(cell: &Cell) -> Option<Changes> {
    let rate = cell.axes.rate_per_s?;
    let (cpu, io) = cell.model.mean_demand();
    let server = cell.model.server();
    let pool = server.practice.as_ref().and_then(|practice| practice.pool_size());
    if let Some(pool) = pool.filter(|pool| rate * io >= 0.95 * f64::from(*pool)) {
        let least = (rate * io).floor() + 1.0;
        let list = [least, (least * 1.25).ceil(), (least * 1.5).ceil()].map(|n| n.to_string());
        return (f64::from(pool) < least).then(|| vec![("pool", list.join(","))]);
    }
    // What is asked of one host.
    let rate = rate / f64::from(server.hosts());
    let mut workers = rate * (cpu + io) / f64::from(server.threads);
    if server.lock_matters() {
        workers = workers.max(rate * cpu);
    }
    let mut changes = Vec::new();
    if rate * cpu >= 0.95 * server.cores.as_f64() {
        changes.push(("cores", (rate * cpu / 0.8).ceil().to_string()));
    }
    let least = (workers.floor() + 1.0).max(1.0);
    if least > 1_000.0 {
        return None;
    }
    let upper = least + (least / 2.0).floor() + 4.0;
    let most = f64::from(memory_words::most_workers(cell));
    if least > most {
        changes.extend(memory_words::enough(cell, upper as u32).map(|memory| ("memory", memory)));
    }
    let upper = if least > most { upper } else { upper.min(most) };
    let step = if least < 32.0 { String::new() } else { format!("..{}", (least / 8.0).floor()) };
    changes.push(("workers", format!("{least}..{upper}{step}")));
    Some(changes)
}

/// What theory says of a cell, in a sentence; nothing of stories for which there is no formula.
pub fn theory(known: &Known, story: bool) -> Option<String> {
    let how = match &known.answer {
        Answer::Exact => format!(" (exact; {}).", known.source),
        Answer::Approximation { error } => {
            format!(" (an approximation, {error}; {}).", known.source)
        }
        Answer::Unknown { why } if !story => return Some(format!("{}: {why}.", known.name)),
        Answer::Unknown { .. } | Answer::Unstable => return None,
    };
    let mut text = format!("{}: mean response {}", known.name, time(known.response_mean?));
    if let Some(quantiles) = known.response {
        text += &format!(", p95 {}, p99 {}", time(quantiles.p95), time(quantiles.p99));
    } else if let Some(quantiles) = known.wait {
        text += &format!(", p95 of the wait {}", time(quantiles.p95));
    }
    Some(text + &how)
}
