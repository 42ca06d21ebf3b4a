//! What to try next.

use std::sync::Arc;

use super::super::memory_words;
use super::super::number::significant;
use super::answered::is_last;
use crate::experiment::CellResult;
use crate::experiment::choice::{ChoiceOutcome, GroupChoice, choices};
use crate::experiment::plan::{Cell, Indifference, Length, Plan};
use crate::experiment::row::Row;
use crate::model::runtime::Pooling;
use crate::model::{Load, MAX_SLOTS, Runtime};

/// How busy cores may be.
const MOST_BUSY: f64 = 0.8;

/// Options to change for a run that answers the next question, if there is one.
pub(crate) type Changes = Vec<(&'static str, String)>;

/// What to run next: the same with some options changed.
pub(crate) fn next(plan: &Plan, results: &[&CellResult]) -> Option<Changes> {
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
        return after_a_story(first, (workers_vary, cores_vary), roomiest);
    }
    let rows: Vec<&Row> = results.iter().map(|result| &result.row).collect();
    let choices = choices(&rows);
    let last = choices.iter().find(|choice| is_last(plan, results, choice));
    if let Some(at) = last.and_then(GroupChoice::named) {
        let most = MAX_SLOTS.min(roomiest);
        return longer(rows[at].axes.workers, most).map(|list| vec![("workers", list)]);
    }
    if let Some(delta) = another_limit(plan, results, &choices) {
        return Some(vec![("delta", delta)]);
    }
    let answered = choices.iter().any(|choice| choice.named().is_some());
    if let Some(worst) = worst.filter(|_| !answered) {
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
        return Some(vec![("workers", range(low, high))]);
    }
    (!cores_vary).then(|| around(first))
}

/// A greater `--delta`, where the only choice is open at its limit.
fn another_limit(plan: &Plan, results: &[&CellResult], choices: &[GroupChoice]) -> Option<String> {
    let [GroupChoice { outcome: ChoiceOutcome::Between(first, _), .. }] = choices else {
        return None;
    };
    let at_delta = results[*first].on_limit && plan.settings.objectives.is_empty();
    match plan.settings.delta {
        Indifference::Share(share) if at_delta => Some(format!("{}%", significant(120.0 * share))),
        _ => None,
    }
}

/// `4..8`, in steps where the numbers are large; one number where there is no more.
fn range(low: u32, high: u32) -> String {
    match (high - low) / 12 {
        _ if low == high => low.to_string(),
        0 => format!("{low}..{high}"),
        step => format!("{low}..{high}..{}", step + 1),
    }
}

/// From the last number of a list on, to twice as many; `None` if there is no room for more.
fn longer(last: u32, most: u32) -> Option<String> {
    let high = last.saturating_mul(2).max(last.saturating_add(4)).min(most);
    (high > last).then(|| range(last, high))
}

/// A story seen over workers and cores. Of a trace whose workers were compared nothing but the cores is
/// left.
fn after_a_story(cell: &Cell, (workers, cores): (bool, bool), roomiest: u32) -> Option<Changes> {
    let mut changes = Vec::new();
    if workers && matches!(cell.model.load(), Load::Trace(_)) {
        return (!cores && cell.model.computes()).then(|| around(cell));
    }
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
    if !cores && cell.model.computes() {
        changes.push(("cores", "1,2,4".to_owned()));
    }
    changes.push(("plot", "plots/story".to_owned()));
    Some(changes)
}

/// Half as many cores, and twice as many; where the requests need far fewer, so many as they need.
fn around(cell: &Cell) -> Changes {
    let cores = cell.axes.cores;
    let rate = cell.axes.rate_per_s.unwrap_or(f64::INFINITY);
    let server = cell.model.server();
    let needed = rate * cell.model.mean_demand().0 / f64::from(server.hosts()) / MOST_BUSY;
    let (least, usual) = (needed.ceil().max(1.0), (cores / 2.0).floor().max(1.0));
    let list = match least < usual {
        true => [least, 2.0 * least, cores.ceil()],
        false => [usual, cores.ceil(), (cores * 2.0).ceil()],
    };
    let mut list = list.map(|cores| cores.to_string()).to_vec();
    list.dedup();
    vec![("cores", list.join(",")), ("plot", "plots/cores".to_owned())]
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
    let alone = |runtime: &&Arc<Runtime>| runtime.pooling == Pooling::SHARED;
    let runtime = server.runtime.as_ref().filter(alone);
    let pool = runtime.and_then(|runtime| runtime.pool_size());
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
        changes.push(("cores", (rate * cpu / MOST_BUSY).ceil().to_string()));
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
