//! What to try next.

use super::super::memory_words;
use crate::experiment::CellResult;
use crate::experiment::plan::{Cell, Length, Plan};
use crate::model::{Load, MAX_SLOTS};

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
    let pool = server.runtime.as_ref().and_then(|runtime| runtime.pool_size());
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
