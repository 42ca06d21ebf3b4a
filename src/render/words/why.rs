//! Why: offered load, capacity, and who waited for what.

use super::super::axes;
use super::super::number::{amount, percent, significant, time};
use super::super::story::{self, StoryCell};
use super::answered::overload_words;
use super::servers;
use crate::experiment::CellResult;
use crate::experiment::capacity::{self, bound::Resource};
use crate::experiment::plan::{Cell, Plan};
use crate::experiment::row::{Axes, Measure, Row};
use crate::model::{Discipline, Load};
use crate::record::{Outcome, RequestRecord};

/// Why: the arithmetic of the load of a cell, named where there are several.
pub(crate) fn why(cell: &Cell, result: &CellResult, plan: &Plan) -> String {
    let all: Vec<&Axes> = plan.cells.iter().map(|cell| &cell.axes).collect();
    let place = match axes::told(&cell.axes, &all, &[]) {
        name if name.is_empty() => String::new(),
        name => format!("{name}: "),
    };
    if result.overload.is_some() {
        return place + &overload_words(result);
    }
    let model = &cell.model;
    let (cpu, io) = capacity::killed::spent(model);
    let server = model.server();
    let slot = if server.threads > 1 { "thread" } else { "worker" };
    let hosts = f64::from(server.hosts());
    let (slots, cores) = (f64::from(server.slots()) * hosts, server.cores.as_f64() * hosts);
    let pool = server.runtime.as_ref().and_then(|runtime| runtime.connections(server));
    let mut text = place;
    match model.load() {
        Load::Open(open) => {
            let rate = open.rate.per_second();
            let least = if model.contended() || pool.is_some() { " at least" } else { "" };
            // A process with an event loop holds any number of requests.
            let looped = server.runtime.as_ref().is_some_and(|runtime| runtime.class.is_loop());
            if !looped {
                text += &busy(rate, cpu + io, slots, slot, least);
            } else if cpu == 0.0 {
                text += &format!("{}/s arrive, and none computes", significant(rate));
            }
            if cpu > 0.0 {
                let begin = if looped { "CPU" } else { "; CPU" };
                text += &format!("{begin} {}", busy(rate, cpu, cores, "core", ""));
            }
            if let Some(pool) = pool {
                text += &format!("; pool {}", busy(rate, io, pool, "connection", ""));
            }
        }
        _ => text += &seen_busy(&result.row, (slots, slot), cores),
    }
    if let Some(capacity) = capacity::capacity(model) {
        let most = significant(capacity.per_second);
        let bound = match capacity.bound {
            Resource::Workers if slot == "thread" => "threads",
            bound => bound.name(),
        };
        // A window may catch more answers than arrivals, and constant demands and workers that
        // finish what they hold before they restart do better than the formula.
        let seen = result.row.measures.get(Measure::Throughput);
        let passed = seen.is_some_and(|seen| {
            seen.value > capacity.per_second && significant(seen.value) != most
        });
        text += &match passed {
            false => format!(". At most {most}/s, bounded by {bound}"),
            true => format!(". In the long run about {most}/s, bounded by {bound}"),
        };
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
pub(crate) fn why_story(plan: &Plan, cells: &[StoryCell<'_>]) -> String {
    let fifo = plan.cells.iter().all(|cell| cell.model.server().discipline == Discipline::Fifo);
    let last = |cell: &StoryCell<'_>| {
        let served =
            cell.records.iter().filter(|record| record.outcome == Outcome::Served).copied();
        served.max_by_key(|record| (record.wait(), record.request))
    };
    for cell in cells {
        let Some(record) = last(cell).filter(|record| !record.wait().is_zero()) else { continue };
        let who = if cell.row.axes.clients.is_some() {
            format!("user {}", record.client + 1)
        } else {
            format!("request {}", record.request + 1)
        };
        let takes = record.departure.since(record.start).as_secs_f64();
        let pooled = cell.row.measures.value(Measure::PoolWaitMean).is_some_and(|wait| wait > 0.0);
        let text = format!(
            "{}: {who} waits {}{}, then takes {}{}.",
            serve(&cell.row.axes),
            time(record.wait().as_secs_f64()),
            if fifo { format!(" for {} before it", before(cell, &record)) } else { String::new() },
            time(takes),
            if pooled { ", with what it waits for the pool" } else { "" }
        );
        return text + &unanswered(cell).map_or(String::new(), |lost| format!(" {lost}"));
    }
    let lost = |record: &RequestRecord| record.outcome != Outcome::Served;
    let mut all_lost = cells.iter().flat_map(|cell| &cell.records).filter(|record| lost(record));
    if all_lost.clone().count() > 0 && all_lost.all(|record| record.outcome == Outcome::Refused) {
        return "A request that finds all workers busy and the listen queue full is refused."
            .to_owned();
    }
    if let Some(lost) = cells.iter().find_map(unanswered) {
        return lost;
    }
    let stretched = cells.iter().find_map(|cell| {
        let axes = &cell.row.axes;
        let slow =
            cell.records.iter().any(|v| v.departure.since(v.start) > v.cpu && !v.cpu.is_zero());
        let busy = cell.row.measures.value(Measure::CoreUtilisation)? > 0.999;
        (slow && busy).then(|| {
            format!(
                "{} share {}: no request waits for a worker, but each computes only part of the time.",
                servers(axes),
                amount(axes.cores, "core")
            )
        })
    });
    if let Some(stretched) = stretched {
        return stretched;
    }
    let locked = plan.cells.iter().any(|cell| cell.model.server().lock_matters());
    let slowed = cells.iter().flat_map(|cell| &cell.records).any(|record| {
        record.outcome == Outcome::Served && record.departure.since(record.start) > record.cpu
    });
    if locked && slowed && plan.cells.iter().all(|cell| cell.model.mean_demand().1 == 0.0) {
        return "A worker runs one of its threads at a time (the GIL): its requests compute one after another."
            .to_owned();
    }
    "Every request finds a free worker and a free core.".to_owned()
}

/// `2 of 5 requests get no answer (2 gave up).`, where some get none.
fn unanswered(cell: &StoryCell<'_>) -> Option<String> {
    let lost = story::lost(cell);
    let records = &cell.records;
    let count = records.iter().filter(|record| record.outcome != Outcome::Served).count();
    let get = if count == 1 { "gets" } else { "get" };
    let of = records.len();
    (count > 0).then(|| format!("{count} of {of} requests {get} no answer ({}).", lost.join(", ")))
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
fn before(cell: &StoryCell<'_>, waited: &RequestRecord) -> String {
    let served = cell.records.iter().filter(|record| record.outcome == Outcome::Served);
    let count = served
        .filter(|record| waited.arrival < record.departure && record.departure <= waited.start)
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
