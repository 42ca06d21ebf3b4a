//! What is said of memory: the arithmetic of what fits, and how fast it runs out.

use super::axes;
use super::number::{bytes, count, measured, percent, plural, significant};
use super::words::{list, list_of, short_servers, spoken};
use crate::experiment::CellResult;
use crate::experiment::plan::{Cell, Plan};
use crate::experiment::row::{Axes, Measure, Row, Verdict};
use crate::model::{Load, Memory, Server};
use crate::size::{Powers, Size};

/// Kinds of servers that are spoken of.
const MOST_TOLD: usize = 4;

/// The powers in whose units sums are told: those of `--memory`.
pub(super) fn powers(limit: Option<u64>) -> Powers {
    limit.map_or(Powers::Binary, |limit| Size::from_bytes(limit).powers())
}

/// An amount, with so many digits that it is not taken for the limit.
fn amount(value: u64, limit: Option<Size>) -> String {
    let powers = powers(limit.map(Size::bytes));
    let text = bytes(value as f64, powers);
    match limit {
        Some(limit) if value != limit.bytes() && text == bytes(limit.bytes() as f64, powers) => {
            format!("{} B", count(value))
        }
        _ => text,
    }
}

/// `12 workers x (180 MB + 4 threads x 8 MB) + 16 MB = 2.56 GB`.
fn arithmetic(server: &Server, memory: &Memory) -> String {
    let mut process = memory.worker.to_string();
    if !memory.thread.is_zero() {
        let threads = plural(u64::from(server.threads), "thread");
        process = format!("({process} + {threads} x {})", memory.thread);
    }
    let mut text = format!("{} x {process}", plural(u64::from(server.workers), "worker"));
    if !memory.shared.is_zero() {
        text += &format!(" + {}", memory.shared);
    }
    let needed = memory.needed(server.workers, server.threads);
    format!("{text} = {}", amount(needed, memory.limit))
}

/// `, over the 2 GB of --memory: at most 9 workers fit`.
fn verdict(server: &Server, memory: &Memory) -> String {
    let Some(limit) = memory.limit else { return String::new() };
    let most = memory.most_workers(server.threads);
    let most = most.map(|most| match most {
        0 => "not even one worker fits".to_owned(),
        1 => "no more than 1 worker fits".to_owned(),
        most => format!("at most {} workers fit", count(most)),
    });
    match (memory.fits(server.workers, server.threads), most) {
        (true, Some(most)) => format!(" of {limit}; {most}"),
        (true, None) => format!(" of {limit}"),
        (false, most) => {
            format!(", over the {limit} of --memory; {}", most.unwrap_or_default())
        }
    }
}

fn told(server: &Server) -> Option<String> {
    let memory = server.memory.as_ref()?;
    Some(arithmetic(server, memory) + &verdict(server, memory))
}

/// Results with their cells.
fn with_cells<'a>(
    plan: &'a Plan,
    results: &[&'a CellResult],
) -> impl Iterator<Item = (&'a Cell, &'a CellResult)> {
    matched(&plan.cells, results, |cell, result| cell.axes == result.row.axes)
}

/// Each of `wanted` with the one of `all` that is the same. Both are in one order, so each search begins
/// behind the last: a sweep of 90,000 cells is looked through once, not once for each result.
fn matched<'a, A, B: Copy>(
    all: &'a [A],
    wanted: &[B],
    mut same: impl FnMut(&A, B) -> bool,
) -> impl Iterator<Item = (&'a A, B)> {
    let mut rest = all.iter().cycle();
    wanted.iter().filter_map(move |one| {
        let mut once = rest.by_ref().take(all.len());
        Some((once.find(|other| same(other, *one))?, *one))
    })
}

/// Cells that differ in workers only, in what memory has to do with.
fn groups<'a>(plan: &'a Plan, results: &[&'a CellResult]) -> Vec<Vec<(&'a Cell, &'a Row)>> {
    let mut groups: Vec<Vec<(&Cell, &Row)>> = Vec::new();
    let alike = |one: &Cell, other: &Cell| {
        let (one, other) = (one.model.server(), other.model.server());
        one.memory == other.memory && one.threads == other.threads
    };
    for (cell, result) in with_cells(plan, results) {
        let row = &result.row;
        if cell.model.server().memory.is_none() {
            continue;
        }
        match groups.iter_mut().find(|group| alike(group[0].0, cell)) {
            Some(group) => group.push((cell, row)),
            None => groups.push(vec![(cell, row)]),
        }
    }
    groups
}

/// What there is to say of the memory of a plan's cells.
pub(crate) fn memory(plan: &Plan, results: &[&CellResult]) -> Option<String> {
    if plan.cells.iter().all(|cell| cell.model.server().memory.is_none()) {
        return None;
    }
    let groups = groups(plan, results);
    let mut told: Vec<String> = groups.iter().take(MOST_TOLD).filter_map(|g| of_group(g)).collect();
    told.extend(groups.iter().take(MOST_TOLD).filter_map(|group| of_growth(group)));
    // Kinds of servers may differ in what memory has nothing to do with.
    told.dedup();
    if groups.len() > MOST_TOLD {
        told.push(format!("{MOST_TOLD} of {} kinds of servers are shown.", groups.len()));
    }
    Some(told.join(" ")).filter(|text| !text.is_empty())
}

/// A warning, where a server that fits leaves less memory free than the share `headroom`: of the named
/// servers, or of all if none is named.
pub(crate) fn too_full<'a>(
    plan: &'a Plan,
    results: &[&'a CellResult],
    headroom: f64,
) -> Option<String> {
    let is_named = |result: &CellResult| result.row.verdict() == Some(Verdict::Named);
    let named = results.iter().any(|result| result.row.fits() && is_named(result));
    let wanted = with_cells(plan, results)
        .filter(|(_, result)| result.row.fits() && (!named || is_named(result)));
    let server = |(cell, _): (&'a Cell, &'a CellResult)| {
        let memory = cell.model.server().memory?;
        let (limit, server) = (memory.limit?.bytes() as f64, cell.model.server());
        let needed = memory.needed(server.workers, server.threads) as f64;
        (needed > (1.0 - headroom) * limit).then_some((needed / limit, server))
    };
    let (full, server) = wanted.filter_map(server).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let memory = server.memory?;
    let process = memory.process(server.threads) as f64;
    let room = (1.0 - headroom) * memory.limit?.bytes() as f64 - memory.shared.bytes() as f64;
    let most = (room / process).floor().max(0.0);
    let less = match most as u64 {
        0 => "give more --memory".to_owned(),
        most => format!("{} would leave it", plural(most, "worker")),
    };
    Some(format!(
        "{} fill {} of the memory, and --memory-headroom wants {} free: {less}.",
        plural(u64::from(server.workers), "worker"),
        percent(full),
        percent(headroom),
    ))
}

/// The least that does not fit, or the most that does.
fn of_group(group: &[(&Cell, &Row)]) -> Option<String> {
    let workers = |(cell, _): &&(&Cell, &Row)| cell.model.server().workers;
    let unfit = || group.iter().filter(|(_, row)| !row.fits());
    let (cell, _) = unfit().min_by_key(workers).or_else(|| group.iter().max_by_key(workers))?;
    let mut text = told(cell.model.server())?;
    let mut others: Vec<u32> = unfit().map(|of| workers(&of)).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|n| *n != cell.model.server().workers);
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(u32::to_string).collect();
        text += &format!(". {} do not fit either", list(&others));
    }
    Some(text + ".")
}

/// How fast a worker grows, and what comes of it: of the cell that loses most.
fn of_growth(group: &[(&Cell, &Row)]) -> Option<String> {
    let kills = |row: &Row| row.measures.value(Measure::MemoryKills).unwrap_or(0.0);
    let fitting = group.iter().filter(|(_, row)| row.fits());
    let (cell, row) = fitting.max_by(|a, b| kills(a.1).total_cmp(&kills(b.1)))?;
    let server = cell.model.server();
    let memory = server.memory.as_ref().filter(|_| server.grows())?;
    let who = match server.workers {
        1 => "1 worker that grows".to_owned(),
        workers => format!("{workers} workers that grow"),
    };
    let (uses, each_of) = if server.workers == 1 { ("uses", "") } else { ("use", " each") };
    let taken = row.measures.value(Measure::Memory).unwrap_or(0.0);
    let (Some(limit), Some(room)) = (memory.limit, memory.room(server.workers, server.threads))
    else {
        let taken = bytes(taken, powers(memory.limit.map(Size::bytes)));
        return Some(format!(
            "{who} by {} a request took at most {taken} in the simulated time.",
            memory.leak
        ));
    };
    let each = memory.most_requests(server.workers, server.threads).unwrap_or(0);
    let mut text = format!(
        "{who} by {} a request {uses} up the remaining {} of {limit} after {}{each_of}.",
        memory.leak,
        amount(room, Some(limit)),
        plural(each, "request"),
    );
    let life = server.runtime.as_ref().map(|runtime| runtime.lifecycle);
    if kills(row) > 0.0 {
        text += &killed(cell, row);
        text += &advice(server, each);
    } else if life.is_some_and(|life| life.max_requests > 0) {
        let taken = bytes(taken, powers(Some(limit.bytes())));
        text += &format!(" Restarts come first: they took at most {taken}.");
    } else {
        text += " None was killed in the simulated time.";
    }
    Some(text)
}

/// How often the kernel kills.
fn killed(cell: &Cell, row: &Row) -> String {
    let Some(kills) = row.measures.get(Measure::MemoryKills) else { return String::new() };
    let every = count((1.0 / kills.value).round() as u64);
    let mut text = format!(" The kernel kills one about every {every} requests");
    if let Load::Open(open) = cell.model.load() {
        let hourly = open.rate.per_second() * 3600.0 * kills.value;
        text += &format!(", {} times an hour", significant(hourly));
    }
    if let Some(failed) = row.measures.get(Measure::FailedShare) {
        text += &format!("; {} of all requests fail", measured(Measure::FailedShare, failed));
    }
    text + "."
}

/// What ends workers before the kernel does. A process with one thread grows by exactly one leak a
/// request that it serves; with more of them others are on their way.
fn advice(server: &Server, each: u64) -> String {
    let sync = server.runtime.as_ref().is_some_and(|runtime| !runtime.class.is_loop());
    if !sync || server.threads > 1 || each < 2 {
        return String::new();
    }
    let jitter = each / 5;
    let jittered = match jitter {
        0 => String::new(),
        jitter => format!(" --max-requests-jitter {jitter}"),
    };
    format!(" --max-requests {}{jittered} would end every worker before that.", each - jitter)
}

/// The answer where no cell fits.
pub(super) fn nothing_fits(
    plan: &Plan,
    results: &[&CellResult],
    measure: Measure,
) -> Option<String> {
    if results.iter().any(|result| result.row.fits()) {
        return None;
    }
    let servers = with_cells(plan, results).map(|(cell, _)| cell.model.server());
    let least = servers.min_by_key(|server| {
        server.memory.map_or(0, |memory| memory.needed(server.workers, server.threads))
    })?;
    let why = told(least)?;
    let [only] = results else {
        return Some(format!("None of these fits into the memory: {why}."));
    };
    let mut text = format!("Does not fit into the memory: {why}.");
    if let Some(value) = only.row.measures.get(measure) {
        let value = measured(measure, value);
        text += &format!(" With enough memory, the {} would be {value}.", spoken(measure));
    }
    Some(text)
}

/// The answer where what settles does not fit, and what fits does not settle.
pub(super) fn no_choice(results: &[&CellResult], settled: &[usize]) -> Option<String> {
    let unfit: Vec<&Row> = results.iter().map(|r| &r.row).filter(|row| !row.fits()).collect();
    if unfit.is_empty() || settled.iter().any(|at| results[*at].row.fits()) {
        return None;
    }
    let all: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let name = |row: &&Row| axes::told(&row.axes, &all, &[]);
    let endless = results.iter().map(|result| &result.row).filter(|row| row.fits());
    let endless: Vec<&Row> = endless.collect();
    Some(format!(
        "None of these works: {} overloaded (the queue grows without bound), and memory is too small for {}.",
        list_of(&endless, name),
        list_of(&unfit, name)
    ))
}

/// What is added to the name of the best: which others of its kind do not fit.
pub(super) fn beyond(results: &[&CellResult], best: usize) -> String {
    let axes = &results[best].row.axes;
    let unfit = results.iter().map(|result| &result.row);
    let unfit = unfit.filter(|row| !row.fits() && row.axes.same_group(axes));
    let names: Vec<String> = unfit.map(|row| short_servers(&row.axes)).collect();
    let limit = axes.memory.map_or(String::new(), |limit| Size::from_bytes(limit).to_string());
    match names.len() {
        0 => String::new(),
        1 => format!(" {} would not fit into {limit}.", names[0]),
        _ => format!(" {} would not fit into {limit}.", list(&names)),
    }
}

/// The most workers of a cell's kind that fit.
pub(super) fn most_workers(cell: &Cell) -> u32 {
    let server = cell.model.server();
    let most = server.memory.and_then(|memory| memory.most_workers(server.threads));
    most.map_or(u32::MAX, |most| u32::try_from(most).unwrap_or(u32::MAX))
}

/// So much memory that so many workers of a cell's kind fit, as an option.
pub(super) fn enough(cell: &Cell, workers: u32) -> Option<String> {
    let server = cell.model.server();
    let memory = server.memory?;
    let limit = memory.limit?;
    let needed = memory.needed(workers, server.threads) as f64;
    let (name, unit) = limit.powers().unit_of(needed);
    // A little more: sizes are given in round figures.
    Some(format!("{}{name}", (needed / unit * 10.0).ceil() / 10.0))
}

/// What is assumed of workers that grow.
pub(super) fn grown(server: &Server) -> Option<String> {
    let memory = server.memory.as_ref().filter(|_| server.grows())?;
    let mut text = format!("a worker grows by {} with each request", memory.leak);
    if memory.kills(server.workers, server.threads) {
        text += "; where memory is full, the kernel kills the largest worker, and no other process";
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Results and cells in one order take one look at each cell, whether all have a result or some.
    #[test]
    fn a_sweep_is_looked_through_once() {
        let all: Vec<u32> = (0..1_000).collect();
        for step in [1, 7] {
            let wanted: Vec<u32> = all.iter().copied().step_by(step).collect();
            let mut looks = 0;
            let same = |one: &u32, other: u32| {
                looks += 1;
                *one == other
            };
            let found: Vec<u32> = matched(&all, &wanted, same).map(|(one, _)| *one).collect();
            assert_eq!(found, wanted);
            assert!(looks <= 1_000, "{looks} looks");
        }
    }
}
