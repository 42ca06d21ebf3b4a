//! What is said of objectives: which cell meets them, and by how much.

use super::super::number::{estimate, percent, plural, significant};
use super::open::{UNDECIDED, range_of, what_decides};
use super::{capitalised, list, servers_among, short_among, spoken};
use crate::experiment::CellResult;
use crate::experiment::choice::{ChoiceOutcome, GroupChoice};
use crate::experiment::limits::Limits;
use crate::experiment::objective::{Objective, Subject};
use crate::experiment::plan::Plan;
use crate::experiment::row::{Axes, Estimate, Row, Stability, Unit, Verdict};

/// The objectives as they were written.
pub(super) fn names(plan: &Plan) -> String {
    let written: Vec<String> = written(plan).map(|objective| objective.text.clone()).collect();
    list(&written)
}

fn written(plan: &Plan) -> impl Iterator<Item = &Objective> {
    plan.settings.objectives.iter().filter(|objective| !objective.text.is_empty())
}

/// The answer to the question which cell meets the objectives.
pub(super) fn answer(plan: &Plan, results: &[&CellResult], choice: &GroupChoice) -> String {
    let row = |at: usize| &results[at].row;
    match choice.outcome {
        ChoiceOutcome::Named(at) => {
            let text = format!(
                "{}: {}",
                servers_among(&row(at).axes, results),
                figures(plan, results[at])
            );
            text + &next_smaller(plan, results, choice, at)
        }
        ChoiceOutcome::Between(first, _) if unfinished(results[first]) => format!(
            "At most {}: {} Smaller ones were not finished.",
            servers_among(&row(first).axes, results),
            figures(plan, results[first])
        ),
        ChoiceOutcome::Between(first, last) => {
            let range = range_of(results, (first, last));
            let server = servers_among(&row(first).axes, results);
            let told = figures(plan, results[first]);
            let told = told.trim_end_matches('.');
            match results[first].on_limit {
                true => format!(
                    "{range}. With {server}, {told}: on the limit itself, at this precision. \
                     Another limit or a finer --precision decides."
                ),
                false => {
                    format!("{range}{UNDECIDED}. With {server}, {told}; {}.", what_decides(plan))
                }
            }
        }
        ChoiceOutcome::DoesNotFit(at) => format!(
            "None of these meets {} within the memory: {} would, but {} not fit.",
            names(plan),
            servers_among(&row(at).axes, results),
            if row(at).axes.workers == 1 { "does" } else { "do" }
        ),
        ChoiceOutcome::None => none(plan, results, choice),
    }
}

/// Whether a cell that may be the answer is good enough: then a smaller one was not finished.
pub(super) fn unfinished(cell: &CellResult) -> bool {
    cell.row.verdict().is_some_and(Verdict::good)
}

/// `the p99 response time is 420 ± 12 ms, at most 500 ms are allowed.`
fn figures(plan: &Plan, cell: &CellResult) -> String {
    let one = |objective: &Objective| {
        let allowed = format!(
            "{} {}",
            if objective.at_most { "at most" } else { "at least" },
            limit(objective)
        );
        let mut text = format!("the {} is {}", subject(objective), value(objective, &cell.row));
        if let (Some(row), Some(headroom)) = (&cell.headroom, plan.settings.headroom) {
            let more = percent(headroom);
            text += &format!(" (with {more} more load {})", value(objective, row));
        }
        format!("{text}, {allowed} asked for")
    };
    let mut all: Vec<String> = written(plan).map(one).collect();
    // Losses are spoken of where they decide.
    let implied = plan.settings.objectives.iter().filter(|objective| objective.text.is_empty());
    let decides = |implied: &&Objective| {
        implied.estimate(&cell.row).is_some_and(|lost| lost.value > implied.limit)
    };
    all.extend(implied.filter(decides).map(one));
    format!("{}.", all.join("; "))
}

/// What a cell shows of each objective: `p99 420 ± 12 ms, health p99 30 ± 2 ms`; with `--headroom`
/// then `with 30 % more load p99 ...`.
pub(super) fn values(plan: &Plan, cell: &CellResult) -> String {
    let of = |row: &Row| {
        let one = |objective: &Objective| {
            let end = objective.text.find(['<', '>']).unwrap_or(objective.text.len());
            let name = objective.text[..end].trim().replace(':', " ");
            format!("{name} {}", value(objective, row))
        };
        written(plan).map(one).collect::<Vec<_>>().join(", ")
    };
    let more = cell.headroom.as_deref().zip(plan.settings.headroom);
    let more = more.map_or(String::new(), |(row, headroom)| {
        format!("; with {} more load {}", percent(headroom), of(row))
    });
    of(&cell.row) + &more
}

fn subject(objective: &Objective) -> String {
    let subject = match objective.subject {
        Subject::Measure(measure) => spoken(measure),
        Subject::Lost => "share of requests without an answer".to_owned(),
    };
    match &objective.route {
        Some(route) => format!("{subject} of {route}"),
        None => subject,
    }
}

fn unit(objective: &Objective) -> Unit {
    match objective.subject {
        Subject::Measure(measure) => measure.unit(),
        Subject::Lost => Unit::Share,
    }
}

/// The limit, as it was written where three digits are not all of it.
fn limit(objective: &Objective) -> String {
    let short: f64 = format!("{:.2e}", objective.limit).parse().unwrap_or(0.0);
    let written = objective.text.rfind(['<', '>', '=']).map(|at| objective.text[at + 1..].trim());
    match written {
        Some(written) if (short / objective.limit - 1.0).abs() > 1e-9 => written.to_owned(),
        _ => in_unit(objective, objective.limit),
    }
}

fn in_unit(objective: &Objective, value: f64) -> String {
    estimate(Estimate::exact(value), unit(objective))
}

fn value(objective: &Objective, row: &Row) -> String {
    match objective.estimate(row) {
        _ if row.stability == Stability::No => "overloaded".to_owned(),
        Some(got) => estimate(got, unit(objective)),
        None if row.requests == 0 => "unknown, as no request was simulated".to_owned(),
        None => "unknown, as no request is answered".to_owned(),
    }
}

/// Why the next smaller cell is not enough.
fn next_smaller(
    plan: &Plan,
    results: &[&CellResult],
    choice: &GroupChoice,
    named: usize,
) -> String {
    let place = choice.cells.iter().position(|at| *at == named).unwrap_or(0);
    let before = choice.cells[..place].iter().rev().map(|at| results[*at]);
    let mut alike = before.filter(|cell| alike_but_fewer(&cell.row.axes, &results[named].row.axes));
    let Some(smaller) = alike.next() else { return String::new() };
    let row = &smaller.row;
    let one = row.axes.workers == 1;
    let name = if one { "1 worker".to_owned() } else { short_among(&row.axes, results) };
    match (row.verdict(), broken(plan, smaller)) {
        (Some(Verdict::Overloaded), _) if one => format!(" {name} is overloaded."),
        (Some(Verdict::Overloaded), _) => format!(" {name} are overloaded."),
        (Some(Verdict::Misses), Some((objective, worst))) => {
            let strained = !std::ptr::eq(worst, row);
            let more = percent(plan.settings.headroom.unwrap_or(0.0));
            let load = if strained { format!(" with {more} more load") } else { String::new() };
            let what = match (worst.stability, objective.text.is_empty()) {
                (Stability::No, _) => "overloaded".to_owned(),
                (_, true) => format!("{} get no answer", value(objective, worst)),
                (_, false) => value(objective, worst),
            };
            let too = if one { "is" } else { "are" };
            format!(" {name} {too} too few{load}: {what}.")
        }
        _ => String::new(),
    }
}

/// Whether cells differ in one number only: that of workers, of threads or of hosts.
fn alike_but_fewer(fewer: &Axes, named: &Axes) -> bool {
    let hosts = |axes: &Axes| axes.kind.iter().position(|(name, _)| *name == "hosts");
    let mut with_hosts = fewer.clone();
    if let (Some(at), Some(of_named)) = (hosts(fewer), hosts(named)) {
        with_hosts.kind[at] = named.kind[of_named].clone();
    }
    let with_workers = Axes { workers: named.workers, ..fewer.clone() };
    let with_threads = Axes { threads: named.threads, ..fewer.clone() };
    [with_workers, with_threads, with_hosts].contains(named)
}

/// The objective that a cell misses most clearly, and the row in which it does.
fn broken<'a>(plan: &'a Plan, cell: &'a CellResult) -> Option<(&'a Objective, &'a Row)> {
    let excess = |objective: &Objective, row: &Row| {
        let value = objective.estimate(row).map_or(f64::INFINITY, |estimate| estimate.value);
        if objective.at_most { value / objective.limit } else { objective.limit / value }
    };
    let rows = [Some(&cell.row), cell.headroom.as_deref()];
    let all = rows.into_iter().flatten();
    let pairs = all.flat_map(|row| plan.settings.objectives.iter().map(move |one| (one, row)));
    let worst = pairs.max_by(|a, b| excess(a.0, a.1).total_cmp(&excess(b.0, b.1)));
    worst.filter(|(objective, row)| excess(objective, row) > 1.0)
}

/// The cell that comes nearest to the objectives, of those that miss one.
pub(crate) fn nearest(plan: &Plan, results: &[&CellResult], choice: &GroupChoice) -> Option<usize> {
    let runs = |at: &usize| results[*at].row.verdict() == Some(Verdict::Misses);
    choice.cells.iter().copied().filter(runs).min_by(|a, b| {
        let excess = |at: usize| {
            broken(plan, results[at]).and_then(|(one, row)| Some((one, one.estimate(row)?.value)))
        };
        let over = |at: usize| {
            excess(at).map_or(f64::INFINITY, |(one, value)| {
                if one.at_most { value / one.limit } else { one.limit / value }
            })
        };
        over(*a).total_cmp(&over(*b))
    })
}

/// That no cell meets the objectives, and how near the nearest comes.
fn none(plan: &Plan, results: &[&CellResult], choice: &GroupChoice) -> String {
    let mut text = match choice.cells.len() {
        1 => format!(
            "{} {} not meet {}",
            servers_among(&results[choice.cells[0]].row.axes, results),
            if results[choice.cells[0]].row.axes.workers == 1 { "does" } else { "do" },
            names(plan)
        ),
        n => format!("None of these {} meets {}", plural(n as u64, "row"), names(plan)),
    };
    if let Some(at) = nearest(plan, results, choice) {
        let figures = figures(plan, results[at]);
        text += &match choice.cells.len() {
            1 => format!(": {figures}"),
            _ => format!(
                "; the nearest are {}: {figures}",
                servers_among(&results[at].row.axes, results)
            ),
        };
        return text;
    }
    text + "."
}

/// Up to which rate the named cell does what it was named for.
pub(crate) fn limits(limits: &Limits) -> Option<String> {
    let overloaded =
        limits.overloaded_from.map(|rate| format!("overloaded from {}/s", significant(rate)));
    let meets = limits.meets_up_to.map(|(low, high)| {
        let (low, high) = (significant(low), significant(high));
        format!("meets the objectives up to a rate between {low}/s and {high}/s")
    });
    let parts: Vec<String> = meets.into_iter().chain(overloaded).collect();
    (!parts.is_empty()).then(|| capitalised(&format!("{}.", parts.join("; "))))
}

/// That a request breaks an objective by itself.
pub(crate) fn broken_alone((objective, alone): &(Objective, Estimate)) -> String {
    format!(
        "No number of workers meets {}: of a request that finds everything free, without any \
         queue, the {} is {} already. Make the request shorter, or allow more.",
        objective.text,
        subject(objective),
        estimate(*alone, unit(objective))
    )
}
